"""A model as a TensorFlow SavedModel that loads without this package."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import tensorflow as tf

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.export.description import describe
from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.export.serving_files import WARM_UP, write_serving_files, write_warm_up
from anatomy_tf.export.signatures import signatures_of
from anatomy_tf.files.atomic import forget_dead, part_of
from anatomy_tf.inference.exported.saved_model_lifter import DESCRIPTION, VERSION
from anatomy_tf.network.weights import Model


def export_saved_model(
    model: Model,
    folder: str | Path,
    *,
    flip: bool = True,
    licence: str = "not stated",
    training_data: str = "not stated",
) -> Path:
    """Write the model's next version below a folder, for TensorFlow Serving or plain TensorFlow.

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
    beside = part_of(folder / "version")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        forget_dead(folder / "version")
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
    """Put a folder's files on the disk, so that a power cut cannot leave a version half."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _last_number(folder: Path) -> int:
    """Return the largest number in a model's folder, be its version whole or not."""
    names = (path.name for path in folder.iterdir())
    return max((int(name) for name in names if VERSION.fullmatch(name)), default=0)


def _placed(beside: Path, folder: Path) -> Path:
    """Rename the written version to the next free number and return its folder."""
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
