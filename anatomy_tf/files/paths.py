"""Paths that a person gives: to read from, to write to."""

from __future__ import annotations

from pathlib import Path

from anatomy_tf.errors import AnatomyError


def check_input(path: str | Path) -> Path:
    """The path of an existing file or folder.

    Raises:
        AnatomyError: when it is missing or the system refuses to look.
    """
    path = Path(path)
    try:
        path.stat()
    except FileNotFoundError:
        raise AnatomyError(f"{path}: no such file or folder") from None
    except (OSError, ValueError) as error:
        raise AnatomyError(f"{path}: cannot be read ({_reason(error)})") from None
    return path


def check_output(path: str | Path, *suffixes: str) -> Path:
    """The path, when a file can be written there; call it before the long work.

    Raises:
        AnatomyError: for another suffix, a missing parent folder, or a folder in the file's place.
    """
    path = Path(path)
    try:
        if path.suffix not in suffixes:
            raise AnatomyError(
                f"{path}: expected an output file that ends in {' or '.join(suffixes)}"
            )
        if not path.parent.is_dir():
            raise AnatomyError(f"{path}: there is no folder {path.parent}")
        if path.is_dir():
            raise AnatomyError(f"{path}: expected an output file, this is a folder")
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be written ({_reason(error)})") from None
    return path


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
