"""A model as a TensorFlow SavedModel that loads without this package."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import tensorflow as tf

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.export import checks
from anatomy_tf.export.description import describe
from anatomy_tf.export.lifting_graph import STATE, LiftingGraph
from anatomy_tf.export.serving_files import WARM_UP, write_serving_files, write_warm_up
from anatomy_tf.files.limits import FRAME_RATE, IMAGE_SIDE
from anatomy_tf.inference.exported.description import Description
from anatomy_tf.inference.exported.saved_model_lifter import DESCRIPTION, VERSION
from anatomy_tf.network.estimate import FRAMES
from anatomy_tf.network.weights import Model

Signatures = dict[str, Any]


def export_saved_model(
    model: Model,
    folder: str | Path,
    *,
    flip: bool = True,
    licence: str = "not stated",
    training_data: str = "not stated",
) -> Path:
    """Writes the model's next version below a folder, for TensorFlow Serving or plain TensorFlow.

    The version is written beside its place and renamed when it is whole, so that a server that
    watches the folder never loads half of one.

    Args:
        model: the trained model, or its weights.
        folder: the model's folder; its last part is the name by which it is served. Versions are
            ``folder/1``, ``folder/2``, ...
        flip: average with the mirror image's estimate, as ``Lifter`` does.
        licence: of the weights, for the description.
        training_data: for the description.

    Returns:
        The version's folder. Beside it are files for TensorFlow Serving and a README, in it the
        requests that warm it up, unless tensorflow-serving-api is not installed.

    Raises:
        AnatomyError: when the system refuses to write.
    """
    folder = Path(folder)
    description = {
        **describe(model, name=folder.resolve().name, licence=licence, training_data=training_data),
        "format": "SavedModel",
        "flip_averaged": flip,
    }
    module = LiftingGraph(model, flip=flip)
    signatures = signatures_of(module, description)
    beside = folder / f".part-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tf.saved_model.save(module, str(beside), signatures=signatures)
        described = beside / DESCRIPTION
        described.parent.mkdir()
        described.write_text(json.dumps(description, indent=1) + "\n")
        write_warm_up(described.with_name(WARM_UP), signatures, description)
        _synchronized(beside)
        version = _placed(beside, folder)
    except (OSError, tf.errors.OpError) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise AnatomyError(f"{folder}: cannot be written: {reason}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    write_serving_files(folder, version, signatures)
    return version


def _synchronized(folder: Path) -> None:
    """Puts a folder's files on the disk, so that a power cut cannot leave a version half."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _last_number(folder: Path) -> int:
    """Return the largest number in a model's folder, be its version whole or not."""
    names = (path.name for path in folder.iterdir())
    return max((int(name) for name in names if VERSION.fullmatch(name)), default=0)


def _placed(beside: Path, folder: Path) -> Path:
    """The written version under the next free number."""
    while True:
        version = folder / str(_last_number(folder) + 1)
        try:
            # Refused when another export took the number in between.
            beside.rename(version)
        except OSError:
            if not version.exists():
                raise
        else:
            return version


def signatures_of(graph: LiftingGraph, description: Description) -> Signatures:
    """Return the signatures of a SavedModel of the graph, by name.

    ``lift``, also ``serving_default``: ``pixels`` (B, T, J, 2), ``visibility`` (B, T, J),
    ``image_size`` (B, 2), ``fps`` (B,), ``frames`` (B,); ``lift_normalized``: ``keypoints``
    (B, T, J, 2), ``visibility``, ``frames``; ``describe``: no input; and of a causal model
    ``stream``: one frame's ``pixels`` (P, J, 2), ``visibility``, ``image_size`` and the state, and
    ``initial_state``: ``people``, how many.
    """
    joints = graph.skeleton.joint_count

    @tf.function(autograph=False)
    def lift(pixels: Any, visibility: Any, image_size: Any, fps: Any, frames: Any) -> Any:
        pixels, visibility, image_size, fps, frames = checks.checked(
            (pixels, visibility, image_size, fps, frames),
            [
                checks.shape("pixels", pixels, f"rows, frames, {joints} joints, 2"),
                checks.shape("visibility", visibility, f"rows, frames, {joints} joints"),
                checks.shape("image_size", image_size, "rows, 2: width and height"),
                checks.same_size("visibility", visibility, pixels, 2),
                checks.same_size("image_size", image_size, pixels, 1),
                checks.same_size("fps", fps, pixels, 1),
                checks.same_size("frames", frames, pixels, 1),
            ],
        )
        valid = checks.valid_joints(pixels, frames)
        tensors = checks.checked(
            (pixels, visibility, image_size, fps, frames),
            [
                checks.frame_counts(frames, pixels),
                checks.within("fps", fps, FRAME_RATE),
                checks.within("image_size", image_size, IMAGE_SIDE),
                checks.shares(visibility, valid),
                *checks.coordinates(pixels, visibility, valid),
                checks.somebody(pixels, visibility, valid),
            ],
        )
        return graph.lift(*tensors)

    @tf.function(autograph=False)
    def lift_normalized(keypoints: Any, visibility: Any, frames: Any) -> Any:
        keypoints, visibility, frames = checks.checked(
            (keypoints, visibility, frames),
            [
                checks.shape("keypoints", keypoints, f"rows, frames, {joints} joints, 2"),
                checks.shape("visibility", visibility, f"rows, frames, {joints} joints"),
                checks.same_size("visibility", visibility, keypoints, 2),
                checks.same_size("frames", frames, keypoints, 1),
            ],
        )
        valid = checks.valid_joints(keypoints, frames)
        tensors = checks.checked(
            (keypoints, visibility, frames),
            [
                checks.frame_counts(frames, keypoints),
                checks.shares(visibility, valid),
                checks.finite(keypoints, valid),
            ],
        )
        return graph.estimate(*tensors)

    @tf.function(autograph=False)
    def described() -> Any:
        return {"description": tf.constant(json.dumps(description))}

    def clips(name: str, *shape: Any) -> tf.TensorSpec:
        return tf.TensorSpec((None, None, joints, *shape), tf.float32, name)

    visibility, frames = clips("visibility"), tf.TensorSpec((None,), tf.int32, "frames")
    lifted = lift.get_concrete_function(
        clips("pixels", 2),
        visibility,
        tf.TensorSpec((None, 2), tf.float32, "image_size"),
        tf.TensorSpec((None,), tf.float32, "fps"),
        frames,
    )
    signatures = {
        "serving_default": lifted,
        "lift": lifted,
        "lift_normalized": lift_normalized.get_concrete_function(
            clips("keypoints", 2), visibility, frames
        ),
        "describe": described.get_concrete_function(),
    }
    if graph.streams:
        signatures |= _streaming_signatures(graph)
    return signatures


def _streaming_signatures(graph: LiftingGraph) -> Signatures:
    joints, counter = graph.skeleton.joint_count, f"{STATE}{FRAMES}"

    @tf.function(autograph=False)
    def stream(pixels: Any, visibility: Any, image_size: Any, **state: Any) -> Any:
        pixels, visibility, image_size = checks.checked(
            (pixels, visibility, image_size),
            [
                checks.shape("pixels", pixels, f"people, {joints} joints, 2"),
                checks.shape("visibility", visibility, f"people, {joints} joints"),
                checks.shape("image_size", image_size, "people, 2: width and height"),
                checks.same_size("visibility", visibility, pixels, 1),
                checks.same_size("image_size", image_size, pixels, 1),
                checks.same_size(counter, state[counter], pixels, 1),
            ],
        )
        every = tf.ones_like(visibility, tf.bool)
        pixels, visibility, image_size = checks.checked(
            (pixels, visibility, image_size),
            [
                checks.within("image_size", image_size, IMAGE_SIDE),
                checks.shares(visibility, every),
                *checks.coordinates(pixels, visibility, every),
            ],
        )
        found, after = graph.step(pixels, visibility, image_size, state)
        return {**found, **after}

    @tf.function(autograph=False)
    def initial_state(people: Any) -> Any:
        return {
            name: tf.zeros([people, *spec.shape[1:]], spec.dtype)
            for name, spec in graph.state().items()
        }

    return {
        "stream": stream.get_concrete_function(
            pixels=tf.TensorSpec((None, joints, 2), tf.float32, "pixels"),
            visibility=tf.TensorSpec((None, joints), tf.float32, "visibility"),
            image_size=tf.TensorSpec((None, 2), tf.float32, "image_size"),
            **graph.state(),
        ),
        "initial_state": initial_state.get_concrete_function(tf.TensorSpec((), tf.int32, "people")),
    }
