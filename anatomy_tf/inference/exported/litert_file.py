"""The description that travels in a LiteRT (TensorFlow Lite) file, and how such a file is opened.

Needs neither TensorFlow nor Keras.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.extras import extra_module
from anatomy_tf.files.limits import MODEL_BYTES
from anatomy_tf.files.paths import check_input
from anatomy_tf.files.regular_file import read_bytes
from anatomy_tf.files.separate_process import read_apart
from anatomy_tf.inference.exported.description import Description, checked

METADATA = "anatomy_tf"
"""Name of the entry in the file's metadata that holds the description as JSON."""

FILE_IDENTIFIER = b"TFL3"
LIFT, STREAM = "lift_normalized", "stream"
"""Signatures: a clip's keypoints to poses, and a stream's newest frame."""


def litert(module: str) -> Any:
    """Return a module of ai-edge-litert or ai-edge-quantizer.

    Raises:
        AnatomyError: when it is not installed, with the command that does it.
    """
    package = module.partition(".")[0].replace("_", "-")
    return extra_module(module, "litert", "LiteRT needs", package=package)


def read_litert_description(path: str | Path) -> Description:
    """Return the description in a LiteRT file of this package.

    Raises:
        AnatomyError: when it cannot be read or was not written by this package.
    """
    return description_of(_content(check_input(path)), str(path))


def description_of(content: bytes, where: str) -> Description:
    """Return the description in the bytes of a LiteRT file."""
    schema = litert("ai_edge_litert.schema_py_generated")
    try:
        model = schema.Model.GetRootAsModel(content, 0)
        entries = [model.Metadata(i) for i in range(model.MetadataLength())]
        found = next((e for e in entries if e.Name() == METADATA.encode()), None)
        if found is None:
            raise AnatomyError(f"{where}: a LiteRT file without a description by anatomy_tf")
        description = json.loads(model.Buffers(found.Buffer()).DataAsNumpy().tobytes())
    except AnatomyError:
        raise
    except Exception:
        # The schema's reader does not check offsets; a damaged one raises whatever it leads to.
        raise AnatomyError(f"{where}: a damaged LiteRT file") from None
    return checked(description, where)


def open_litert(path: str | Path, threads: int) -> tuple[Any, Description]:
    """Return an interpreter of a file of this package, and its description.

    LiteRT checks little of a file and may crash on a damaged one. The file is therefore tried in a
    separate process first (``files.separate_process``), which takes about as long as Python and
    LiteRT take to start.

    Raises:
        AnatomyError: when the file is missing, damaged or of another origin.
    """
    path = check_input(path)
    content = _content(path)
    description = description_of(content, str(path))
    interpreter = litert("ai_edge_litert.interpreter")
    read_apart(_signatures, path, expected="LiteRT file")
    try:
        return interpreter.Interpreter(model_content=content, num_threads=threads), description
    except (RuntimeError, ValueError) as error:
        raise AnatomyError(f"{path}: LiteRT cannot read it: {first_line(error)}") from None


def _signatures(path: str) -> dict[str, NDArray[Any]]:
    """Run each signature of a file once, on zeros, and return their names."""
    interpreter = litert("ai_edge_litert.interpreter").Interpreter(model_path=path)
    names = list(interpreter.get_signature_list())
    for name in names:
        run = interpreter.get_signature_runner(name)
        details = run.get_input_details()
        run(**{key: np.zeros(tensor["shape"], tensor["dtype"]) for key, tensor in details.items()})
    return {"signatures": np.array(names)}


def _content(path: Path) -> bytes:
    content = read_bytes(path, MODEL_BYTES)
    if content[4:8] != FILE_IDENTIFIER:
        raise AnatomyError(f"{path}: not a LiteRT file")
    return content
