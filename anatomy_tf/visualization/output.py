"""Whole files or none, and the optional packages that make them."""

from __future__ import annotations

import contextlib
import importlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from anatomy_tf.errors import AnatomyError


def optional_module(name: str) -> ModuleType:
    """A module of the ``visualization`` extra.

    Raises:
        AnatomyError: saying what to install, when it is missing.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise AnatomyError(
            f"drawing needs {name.partition('.')[0]}, which is not installed: "
            'pip install "anatomy_tf[visualization]"'
        ) from None


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


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its name when the block ends without an error.

    Folders that are missing are made.

    Raises:
        AnatomyError: when the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A writer that goes by the suffix needs the true one.
        handle, name = tempfile.mkstemp(path.suffix, f".{path.stem}-", path.parent)
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be written: {error.strerror}") from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp keeps others out; a picture is as readable as any new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        try:
            temporary.replace(path)
        except OSError as error:
            raise AnatomyError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)
