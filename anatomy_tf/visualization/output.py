"""The optional packages that draw, and the files they draw."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module


def optional_module(name: str) -> ModuleType:
    """A module of the ``visualization`` extra.

    Raises:
        AnatomyError: saying what to install, when it is missing.
    """
    return extra_module(name, "visualization", "drawing needs")


def checked_suffix(path: str | os.PathLike[str], suffixes: tuple[str, ...]) -> Path:
    """The path, if its suffix is one of these.

    Raises:
        AnatomyError: when it is not.
    """
    checked = Path(path)
    if checked.suffix.lower() not in suffixes:
        raise AnatomyError(
            f"{checked}: expected a file name that ends in {' or '.join(suffixes)}, "
            f"got {checked.suffix or 'no suffix'!r}"
        )
    return checked
