"""Checks of the paths that a person gives, to read from or to write to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from anatomy_tf.errors import AnatomyError

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
"""Files that block when they are opened, or that have no end."""


def as_path(path: str | os.PathLike[str]) -> Path:
    """Return a path as a ``Path``.

    Raises:
        AnatomyError: for anything but a text or a path, such as an open file or a list.
    """
    try:
        return Path(path)
    except TypeError:
        raise AnatomyError(f"expected a path, got {type(path).__name__}") from None


def check_input(path: str | Path) -> Path:
    """Return the path of an existing file or folder.

    Raises:
        AnatomyError: when it is no path, is missing, is a named pipe, device or socket, or the
            system refuses to look.
    """
    path = as_path(path)
    _status(path)
    return path


def check_file(path: str | Path) -> Path:
    """Return the path of an existing regular file.

    Raises:
        AnatomyError: see ``check_input``; for a folder too.
    """
    path = as_path(path)
    if stat.S_ISDIR(_status(path).st_mode):
        raise AnatomyError(f"{path}: cannot be read: expected a file, this is a folder")
    return path


def is_there(path: Path) -> bool:
    """Return whether a path is that of a file or folder.

    Raises:
        AnatomyError: when the system refuses to look, as for a name that is too long.
    """
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise AnatomyError(f"{path}: cannot be read ({_reason(error)})") from None


def file_size(path: Path) -> int:
    """Return the size of a regular file in bytes.

    Raises:
        AnatomyError: see ``check_file``.
    """
    return _status(check_file(path)).st_size


def check_output(path: str | Path, *suffixes: str) -> Path:
    """Return the path if a file can be written there; call this before the long work.

    Raises:
        AnatomyError: for another suffix, a missing parent folder, or a folder, named pipe, device
            or socket in the file's place.
    """
    path = as_path(path)
    try:
        if path.suffix not in suffixes:
            raise AnatomyError(
                f"{path}: expected an output file that ends in {' or '.join(suffixes)}"
            )
        if not path.parent.is_dir():
            raise AnatomyError(f"{path}: there is no folder {path.parent}")
        if path.is_dir():
            raise AnatomyError(f"{path}: expected an output file, this is a folder")
    except AnatomyError:
        raise
    except (OSError, ValueError) as error:
        raise AnatomyError(f"{path}: cannot be written ({_reason(error)})") from None
    check_replaceable(path)
    return path


def person_files(path: Path, people: int) -> list[Path]:
    """Return a file for each person: the path for one, else with a number from 0, ``poses_0.bvh``.

    Call it before the first of them is written.

    Raises:
        AnatomyError: when one of them cannot be written; see ``check_output``.
    """
    if people == 1:
        return [path]
    files = [path.with_stem(f"{path.stem}_{number}") for number in range(people)]
    return [check_output(file, path.suffix) for file in files]


def check_replaceable(path: Path) -> Path:
    """Return the path of the file that is written, where the path may be a link to it.

    Raises:
        AnatomyError: when it is a named pipe, device or socket, which a file would replace, or a
            link that leads nowhere.
    """
    try:
        is_link = stat.S_ISLNK(path.lstat().st_mode)
        place = Path(os.path.realpath(path)) if is_link else path
        kind = _KINDS.get(stat.S_IFMT(place.stat().st_mode))
    except FileNotFoundError:
        return Path(os.path.realpath(path)) if path.is_symlink() else path
    except (OSError, ValueError) as error:
        raise AnatomyError(f"{path}: cannot be written ({_reason(error)})") from None
    if kind is not None:
        raise AnatomyError(f"{path}: expected an output file, this is {kind}")
    return place


def _status(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise AnatomyError(f"{path}: no such file or folder") from None
    except (OSError, ValueError) as error:
        raise AnatomyError(f"{path}: cannot be read ({_reason(error)})") from None
    kind = _KINDS.get(stat.S_IFMT(status.st_mode))
    if kind is not None:
        raise AnatomyError(f"{path}: expected a file or folder, this is {kind}")
    return status


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
