"""Paths of models, shipped or a user's."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import as_path, is_there

PACKAGE = "anatomy_tf_saved_models"
"""The repository's folder ``saved_models/`` as it is installed."""


def shipped_models() -> dict[str, Path]:
    """Return the models that come with the package: ``.keras`` files by name."""
    folder = Path(str(importlib.resources.files(PACKAGE)))
    return {path.parent.name: path for path in sorted(folder.glob("*/model.keras"))}


def find_model(name: str | Path) -> Path:
    """Return the file of a shipped model, by its name, or of a path.

    Raises:
        AnatomyError: when it is neither, naming the shipped models.
    """
    shipped = shipped_models()
    if str(name) in shipped:
        return shipped[str(name)]
    path = as_path(name)
    if is_there(path) and path.is_dir():
        path = path / "model.keras"
    if not (is_there(path) and path.is_file()):
        known = ", ".join(shipped) or "none"
        raise AnatomyError(f"no model {str(name)!r}: neither a .keras file nor shipped ({known})")
    return path
