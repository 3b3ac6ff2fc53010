"""A model as an ONNX file, for ONNX Runtime on any machine and in browsers."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.description import describe
from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.files.paths import check_output
from anatomy_tf.inference.exported.description import Description
from anatomy_tf.inference.exported.onnx_lifter import METADATA, onnx_module, run_session
from anatomy_tf.network.weights import Model

OPERATOR_SET = 17
"""The version of ONNX's operators; ONNX Runtime has understood it since 2022, in browsers too."""

RELATIVE_DIFFERENCE = 1e-4
"""Share of an output's largest number by which ONNX Runtime may differ from TensorFlow."""


def export_onnx(
    model: Model,
    path: str | Path,
    *,
    flip: bool = True,
    licence: str = "not stated",
    training_data: str = "not stated",
) -> Path:
    """Write a model that lifts one clip of any length, and checks it in ONNX Runtime.

    Inputs are ``keypoints`` (1, frames, J, 2) and ``visibility`` (1, frames, J) as
    ``inference.clip_lifter.ClipInput`` says; outputs are those of ``LiftingGraph.estimate``. The
    network sees all frames at once, so memory grows with a clip's length.

    Args:
        model: the trained model, or its weights.
        path: the file; an existing one is replaced when the new one is whole and checked.
        flip: average with the mirror image's estimate, as ``Lifter`` does.
        licence: of the weights, for the description.
        training_data: for the description.

    Raises:
        AnatomyError: for another suffix, when tf2onnx or onnxruntime is not installed, when ONNX
            Runtime gives other numbers than TensorFlow, or when the system refuses to write.
    """
    path = check_output(path, ".onnx")
    for name in ("onnx", "onnxruntime"):
        onnx_module(name)
    graph = LiftingGraph(model, flip=flip)
    description = {
        **describe(model, name=path.stem, licence=licence, training_data=training_data),
        "format": "ONNX",
        "flip_averaged": flip,
    }
    content = _converted(graph, description)
    _check(content, graph, path)
    with atomic_path(path) as beside:
        beside.write_bytes(content)
    return path


def _converted(graph: LiftingGraph, description: Description) -> bytes:
    tf2onnx = onnx_module("tf2onnx.convert")
    joints = graph.skeleton.joint_count

    def lift(keypoints: Any, visibility: Any) -> Any:
        return graph.estimate(keypoints, visibility, pieces=False)

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    model, _ = tf2onnx.from_function(
        tf.function(lift, autograph=False),
        input_signature=[
            tf.TensorSpec((1, None, joints, 2), tf.float32, "keypoints"),
            tf.TensorSpec((1, None, joints), tf.float32, "visibility"),
        ],
        opset=OPERATOR_SET,
    )
    for value in (*model.graph.input, *model.graph.output):
        for axis in value.type.tensor_type.shape.dim:
            if not axis.HasField("dim_value"):
                axis.dim_param = "frames"
    model.graph.name = str(description["name"])
    model.producer_name, model.producer_version = "anatomy_tf", description["package"].split()[1]
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA, json.dumps(description)
    return model.SerializeToString()


def _check(content: bytes, graph: LiftingGraph, path: Path) -> None:
    """Raise ``AnatomyError`` unless ONNX Runtime agrees with TensorFlow on two clips."""
    session = onnx_module("onnxruntime").InferenceSession(
        content, providers=["CPUExecutionProvider"]
    )
    rng = np.random.default_rng(0)
    for frames in (1, graph.receptive_field + 4):
        shape = (1, frames, graph.skeleton.joint_count)
        keypoints = rng.uniform(-0.5, 0.5, (*shape, 2)).astype(np.float32)
        visibility = rng.uniform(0, 1, shape).astype(np.float32)
        found = run_session(session, keypoints, visibility)
        for name, expected in graph.estimate(keypoints, visibility).items():
            largest = float(np.abs(expected).max())
            difference = float(np.abs(found[name] - expected).max())
            if not difference <= RELATIVE_DIFFERENCE * largest:
                raise AnatomyError(
                    f"{path}: ONNX Runtime gives {name} that differ by {difference:g} "
                    f"(of up to {largest:g}) from TensorFlow's for {frames} frames; not written"
                )
