"""A model as a TensorFlow SavedModel that loads without this package."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import tensorflow as tf

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.description import Description, describe
from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.models import AnatomyLifter, VideoPose

Signatures = dict[str, Any]


def export_saved_model(
    model: AnatomyLifter | VideoPose,
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
        model: the trained model.
        folder: the model's folder; its last part is the name by which it is served. Versions are
            ``folder/1``, ``folder/2``, ...
        flip: average with the mirror image's estimate, as ``Lifter`` does.
        licence: of the weights, for the description.
        training_data: for the description.

    Returns:
        The version's folder.

    Raises:
        AnatomyError: when the system refuses to write.
    """
    folder = Path(folder)
    description = describe(
        model, name=folder.resolve().name, licence=licence, training_data=training_data
    )
    module = LiftingGraph(model, flip=flip)
    signatures = signatures_of(module, description)
    beside = folder / f".part-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tf.saved_model.save(module, str(beside), signatures=signatures)
        extra = beside / "assets.extra"
        extra.mkdir()
        (extra / "description.json").write_text(json.dumps(description, indent=1) + "\n")
        return _placed(beside, folder)
    except OSError as error:
        raise AnatomyError(f"{folder}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def versions(folder: Path) -> list[int]:
    """The versions in a model's folder, ascending."""
    names = (path.name for path in folder.iterdir() if path.is_dir())
    return sorted(int(name) for name in names if re.fullmatch("[1-9][0-9]*", name))


def _placed(beside: Path, folder: Path) -> Path:
    """The written version under the next free number."""
    while True:
        version = folder / str(max(versions(folder), default=0) + 1)
        try:
            # Refused when another export took the number in between.
            beside.rename(version)
        except OSError:
            if not version.exists():
                raise
        else:
            return version


def signatures_of(graph: LiftingGraph, description: Description) -> Signatures:
    """What a SavedModel of the graph answers to, by name."""
    joints = graph.skeleton.joint_count

    def clips(*shape: Any) -> tf.TensorSpec:
        return tf.TensorSpec((None, None, joints, *shape), tf.float32)

    @tf.function(
        input_signature=[clips(2), clips(), tf.TensorSpec((None,), tf.int32)], autograph=False
    )
    def lift_normalized(keypoints: Any, visibility: Any, frames: Any) -> Any:
        return graph.estimate(keypoints, visibility, frames)

    @tf.function(input_signature=[], autograph=False)
    def described() -> Any:
        return {"description": tf.constant(json.dumps(description))}

    return {
        "serving_default": lift_normalized,
        "lift_normalized": lift_normalized,
        "describe": described,
    }
