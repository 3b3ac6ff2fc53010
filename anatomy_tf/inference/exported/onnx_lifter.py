"""Running an ONNX file, with neither TensorFlow nor Keras."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.extras import extra_module
from anatomy_tf.files.limits import MODEL_BYTES
from anatomy_tf.files.regular_file import read_bytes
from anatomy_tf.inference.exported.description import Description, checked
from anatomy_tf.inference.exported.exported_lifter import ExportedLifter

Array = NDArray[np.float32]

METADATA = "anatomy_tf"
"""Key of the description, JSON, in the file's metadata."""


def onnx_module(name: str) -> Any:
    """Return a module of onnx, onnxruntime or tf2onnx.

    Raises:
        AnatomyError: when it is not installed, with the command that does it.
    """
    return extra_module(name, "onnx", "ONNX needs")


def open_onnx(path: str | Path) -> tuple[Any, Description]:
    """Return a session of ONNX Runtime with a file of this package, and the file's description.

    Raises:
        AnatomyError: when the file is missing, damaged or of another origin.
    """
    path = Path(path)
    content = read_bytes(path, MODEL_BYTES)
    runtime = onnx_module("onnxruntime")
    try:
        # Without the fallback, which tells of itself on standard output and tries the same again.
        session = runtime.InferenceSession(
            content, providers=["CPUExecutionProvider"], enable_fallback=0
        )
        found = session.get_modelmeta().custom_metadata_map
    except Exception as error:  # the runtime's own errors have no common class
        raise AnatomyError(
            f"{path}: no ONNX file of this package: {first_line(error):.200}"
        ) from None
    if METADATA not in found:
        raise AnatomyError(f"{path}: no ONNX file of this package: it has no description")
    try:
        description = json.loads(found[METADATA])
    except ValueError:
        raise AnatomyError(f"{path}: no ONNX file of this package: no JSON") from None
    return session, checked(description, str(path))


def run_session(session: Any, keypoints: Array, visibility: Array) -> dict[str, Array]:
    """Return the outputs of a session by name.

    Args:
        session: of ONNX Runtime, with a file of ``export_onnx``.
        keypoints: (1, T, J, 2) as the model sees them.
        visibility: (1, T, J).
    """
    given = {"keypoints": keypoints, "visibility": visibility}
    # A model without visibility has no use for that input, and the file none for it.
    inputs = {entry.name: given[entry.name] for entry in session.get_inputs()}
    names = [entry.name for entry in session.get_outputs()]
    return dict(zip(names, session.run(None, inputs), strict=True))


def read_onnx_description(path: str | Path) -> Description:
    """Return what an ONNX file of this package says of itself.

    Raises:
        AnatomyError: when it cannot be read or was not written by this package.
    """
    return open_onnx(path)[1]


class ONNXLifter(ExportedLifter):
    """Lifts clips with a file of ``export_onnx``, as ``Lifter`` does with the model.

    Args:
        path: the ``.onnx`` file.

    Raises:
        AnatomyError: when the file is missing, damaged or of another origin.

    Example:
        >>> lifter = ONNXLifter("compact.onnx")  # doctest: +SKIP
        >>> lifter.lift(keypoints).positions.shape  # doctest: +SKIP
        (100, 17, 3)
    """

    def __init__(self, path: str | Path) -> None:
        self._session, description = open_onnx(path)
        super().__init__(description, Path(path))

    def run(self, keypoints: Array, visibility: Array) -> Mapping[str, Any]:
        return run_session(self._session, keypoints, visibility)
