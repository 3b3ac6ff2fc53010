"""Loading a lifter for any model: a name, a Keras file or an exported model."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import as_path, is_there
from anatomy_tf.inference.clip_lifter import ClipLifter
from anatomy_tf.inference.exported.saved_model_lifter import version_folder
from anatomy_tf.models.shipped_models import shipped_models

EXPORTED: Mapping[str, str] = MappingProxyType(
    {".tflite": "litert_lifter:LiteRTLifter", ".onnx": "onnx_lifter:ONNXLifter"}
)
"""The lifters of exported files, by suffix."""


def load_lifter(model: str | Path) -> ClipLifter:
    """Return a lifter for a model.

    Args:
        model: name of a shipped model, or the path of a ``.keras``, ``.tflite`` or ``.onnx`` file,
            of a SavedModel's folder, or of a folder with a ``model.keras``. The suffix decides.

    Raises:
        AnatomyError: when there is no such model, it cannot be read, or its runtime is missing.

    Example:
        >>> load_lifter("compact").lift(keypoints).positions.shape
        (100, 17, 3)
    """
    from anatomy_tf.inference.lifter import Lifter

    path = as_path(model)
    if str(model) in shipped_models():
        return Lifter.load(model)
    suffix = path.suffix.lower()
    if suffix in EXPORTED:
        module, _, name = EXPORTED[suffix].partition(":")
        kind = getattr(importlib.import_module(f"anatomy_tf.inference.exported.{module}"), name)
        return kind(path)
    if is_there(path) and path.is_dir() and version_folder(path) is not None:
        from anatomy_tf.inference.exported.saved_model_lifter import SavedModelLifter

        return SavedModelLifter(path)
    if path.is_file() and suffix != ".keras" and not zipfile.is_zipfile(path):
        endings = ", ".join((".keras", *EXPORTED))
        raise AnatomyError(f"{path}: expected a model's file, which ends in one of {endings}")
    return Lifter.load(model)
