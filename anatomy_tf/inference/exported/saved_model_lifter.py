"""Running a SavedModel, with TensorFlow and without Keras."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.extras import extra_module
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.limits import CONFIG_BYTES
from anatomy_tf.files.paths import is_there
from anatomy_tf.inference.exported.description import Description, checked
from anatomy_tf.inference.exported.exported_lifter import ExportedLifter

Array = NDArray[np.float32]

DESCRIPTION = "assets.extra/description.json"
"""The file in a version's folder with the description that ``describe`` answers."""

SAVED_MODEL = "saved_model.pb"
"""The file in a version's folder that holds the graph."""

VERSION = re.compile("[1-9][0-9]*")
"""The name of a version's folder, as TensorFlow Serving reads it."""


def version_folders(folder: Path) -> dict[int, Path]:
    """Return the versions in a model's folder by number, ascending.

    What cannot be looked into holds no version.
    """
    try:
        inside = [path for path in folder.iterdir() if VERSION.fullmatch(path.name)]
    except OSError:
        return {}
    return {int(path.name): path for path in sorted(inside, key=_number) if _is_version(path)}


def _number(version: Path) -> int:
    return int(version.name)


def _is_version(folder: Path) -> bool:
    try:
        return (folder / SAVED_MODEL).is_file()
    except OSError:
        return False


def version_folder(folder: Path) -> Path | None:
    """Return the folder of a SavedModel: the given one or that of its newest version.

    Returns:
        ``None`` where there is none.
    """
    if _is_version(folder):
        return folder
    return next(reversed(version_folders(folder).values()), None)


def read_saved_model_description(version: Path) -> Description:
    """Return what a SavedModel of this package says of itself.

    Raises:
        AnatomyError: when it cannot be read or is not of this package.
    """
    path = version / DESCRIPTION
    if not is_there(path):
        raise AnatomyError(f"{version}: a SavedModel that is not of this package")
    return checked(read_json(path, most=CONFIG_BYTES), str(path))


class SavedModelLifter(ExportedLifter):
    """Lifts clips with a folder of ``export_saved_model``, as ``Lifter`` does with the model.

    Args:
        path: the folder of a version, or of the model, whose newest version is taken.

    Raises:
        AnatomyError: when there is no SavedModel of this package, or TensorFlow is missing.
    """

    def __init__(self, path: str | Path) -> None:
        version = version_folder(Path(path))
        if version is None:
            raise AnatomyError(f"{path}: expected a SavedModel or a folder of its versions")
        super().__init__(read_saved_model_description(version), version)
        tensorflow = extra_module("tensorflow", "train", "a SavedModel needs")
        try:
            self._model = tensorflow.saved_model.load(str(version))
            self._run = self._model.signatures["lift_normalized"]
        except Exception as error:  # TensorFlow's errors have no common class
            raise AnatomyError(
                f"{version}: TensorFlow cannot read it: {first_line(error):.200}"
            ) from None
        self._constant = tensorflow.constant

    def run(self, keypoints: Array, visibility: Array) -> Mapping[str, Any]:
        found = self._run(
            keypoints=self._constant(keypoints),
            visibility=self._constant(visibility),
            frames=self._constant([keypoints.shape[1]]),
        )
        return {name: values.numpy() for name, values in found.items()}
