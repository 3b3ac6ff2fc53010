"""A model as a LiteRT (TensorFlow Lite) file, for phones and small computers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.description import describe
from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.export.litert_file import with_description
from anatomy_tf.export.litert_quantization import (
    FeatureRanges,
    Quantization,
    check_quantization,
    quantized,
)
from anatomy_tf.export.representative_clips import Clip, check_clips, pieces, procedural_clips
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.paths import check_output
from anatomy_tf.inference.exported.litert_file import LIFT, STREAM, litert
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.preparation import network_keypoints
from anatomy_tf.network.weights import Model, network_weights

MEASURED_FRAMES = 8192
"""Frames of representative clips on which the ranges of features are measured."""


def export_litert(
    model: Model,
    path: str | Path,
    *,
    quantize: Quantization = "none",
    frames: int | None = None,
    stream: bool = False,
    flip: bool = True,
    representative: Sequence[Clip] | None = None,
    licence: str = "not stated",
    training_data: str = "not stated",
) -> Path:
    """Write a ``.tflite`` file of one signature, run by ``LiteRTLifter`` or ``LiteRTStream``.

    ``lift_normalized`` takes ``keypoints`` (1, T, J, 2) and ``visibility`` (1, T, J) as
    ``inference.clip_lifter.ClipInput`` says, and gives what ``LiftingGraph.estimate`` does.
    ``stream`` takes one frame of one person and the state, and gives what ``LiftingGraph.step``
    does. What the model is (joints, parents, units, axes, rate, receptive field, licence) travels
    in the file as JSON, in the metadata ``anatomy_tf``.

    Args:
        model: the trained model, or its weights.
        path: the file; an existing one is replaced when the new one is whole.
        quantize: smaller numbers, see ``Quantization``.
        frames: T, at least the receptive field; ``None``: any number.
        stream: of a causal model: the step of a stream instead, without flip averaging.
        flip: average with the mirror image's estimate, as ``Lifter`` does.
        representative: for ``int8``: clips such as the model will see, in its layout and rate; by
            default generated motion.
        licence: of the weights, for the description.
        training_data: for the description.

    Raises:
        AnatomyError: for arguments that cannot be, packages that are missing (extra ``litert``), or
            when the system refuses to write.
    """
    path = check_output(path, ".tflite")
    check_quantization(quantize)
    litert("ai_edge_litert.interpreter")
    weights = network_weights(model)
    config, skeleton = weights.config, weights.skeleton
    clips: Sequence[Clip] = []
    if representative is not None and quantize != "int8":
        raise AnatomyError(f"representative: only int8 uses such clips, got quantize {quantize!r}")
    if quantize == "int8":
        clips = (
            procedural_clips(weights)
            if representative is None
            else check_clips(representative, skeleton)
        )
    if stream and frames is not None:
        raise AnatomyError("frames: a stream sees one frame at a time")
    if frames is not None and frames < config.receptive_field:
        raise AnatomyError(
            f"frames: expected at least the receptive field, {config.receptive_field}, "
            f"or any, got {frames}"
        )
    channels = config.channels
    graph = LiftingGraph(weights, flip=flip and not stream)
    content = _stream(graph) if stream else _lift(graph, frames)
    ranges = None
    if clips:
        measured = FeatureRanges(content, STREAM if stream else LIFT, channels)
        if stream:
            _run_streams(measured, clips, graph)
        else:
            _run_clips(measured, clips, graph, frames)
        ranges = measured.ranges
    description = {
        **describe(weights, name=path.stem, licence=licence, training_data=training_data),
        "format": "LiteRT",
        "signature": STREAM if stream else LIFT,
        "quantization": quantize,
        "frames": 1 if stream else frames or "any",
        "flip_averaged": graph.flip,
    }
    content = with_description(quantized(content, quantize, channels, ranges), description)
    with atomic_file(path) as file:
        file.write(content)
    return path


def _lift(graph: LiftingGraph, frames: int | None) -> bytes:
    """Return the bytes of a float32 file that lifts clips."""
    joints = graph.skeleton.joint_count

    @tf.function(autograph=False)
    def lift_normalized(keypoints: Any, visibility: Any) -> Any:
        return graph.estimate(keypoints, visibility, pieces=False)

    concrete = lift_normalized.get_concrete_function(
        keypoints=tf.TensorSpec((1, frames, joints, 2), tf.float32, "keypoints"),
        visibility=tf.TensorSpec((1, frames, joints), tf.float32, "visibility"),
    )
    return _converted(graph, LIFT, concrete)


def _stream(graph: LiftingGraph) -> bytes:
    """Return the bytes of a float32 file with the step of one person's stream."""
    joints = graph.skeleton.joint_count

    @tf.function(autograph=False)
    def stream(pixels: Any, visibility: Any, image_size: Any, **state: Any) -> Any:
        found, after = graph.step(pixels, visibility, image_size, state)
        return {**found, **after}

    concrete = stream.get_concrete_function(
        pixels=tf.TensorSpec((1, joints, 2), tf.float32, "pixels"),
        visibility=tf.TensorSpec((1, joints), tf.float32, "visibility"),
        image_size=tf.TensorSpec((1, 2), tf.float32, "image_size"),
        **{
            name: tf.TensorSpec((1, *spec.shape[1:]), spec.dtype, name)
            for name, spec in graph.state().items()
        },
    )
    return _converted(graph, STREAM, concrete)


def _converted(module: tf.Module, signature: str, function: Any) -> bytes:
    """Return the bytes of a float32 file with one signature."""
    # The converter takes signatures from a saved model only.
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={signature: function})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[signature])
        return converter.convert()


def _run_clips(
    measured: FeatureRanges, clips: Sequence[Clip], graph: LiftingGraph, frames: int | None
) -> None:
    length = frames or 2 * graph.receptive_field
    count = max(MEASURED_FRAMES // length, 1)
    for keypoints, visibility in pieces(clips, length, count, graph.skeleton):
        measured.add({"keypoints": keypoints[None], "visibility": visibility[None]})


def _run_streams(measured: FeatureRanges, clips: Sequence[Clip], graph: LiftingGraph) -> None:
    # The middle of an image of 2 by 2 pixels is at 1, and a pixel as long everywhere.
    size = np.full((1, 2), 2, np.float32)
    border = np.full((1, 1, 1, 2), 2, np.float32)
    pixel = network_keypoints(border, size, graph.canonical, NumPyArrays())[0, 0, 0]
    length = 2 * graph.receptive_field
    count = max(MEASURED_FRAMES // length, 1)
    for keypoints, visibility in pieces(clips, length, count, graph.skeleton):
        state = measured.zeros("state_")
        for frame in range(length):
            found = measured.add(
                {
                    "pixels": keypoints[None, frame] / pixel + 1,
                    "visibility": visibility[None, frame],
                    "image_size": size,
                    **state,
                }
            )
            state = {name: found[name] for name in state}
