"""Optional packages for drawing, and checks of the files to draw."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.paths import as_path


def optional_module(name: str) -> ModuleType:
    """Return a module of the ``visualization`` extra.

    Raises:
        AnatomyError: saying what to install, when it is missing.
    """
    return extra_module(name, "visualization", "drawing needs")


def checked_suffix(path: str | os.PathLike[str], suffixes: tuple[str, ...]) -> Path:
    """Return the path, checked to have one of these suffixes.

    Raises:
        AnatomyError: when it is no path, or has another suffix.
    """
    checked = as_path(path)
    if checked.suffix.lower() not in suffixes:
        raise AnatomyError(
            f"{checked}: expected a file name that ends in {' or '.join(suffixes)}, "
            f"got {checked.suffix or 'no suffix'!r}"
        )
    return checked
