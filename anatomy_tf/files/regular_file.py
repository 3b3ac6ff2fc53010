"""The bytes of regular files, never more than a limit."""

from __future__ import annotations

from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import Limit
from anatomy_tf.files.paths import file_size


def read_bytes(path: Path, most: Limit) -> bytes:
    """Return the content of a regular file.

    Args:
        path: the file.
        most: the limit of its size; a larger file is refused before it is opened.

    Raises:
        AnatomyError: when the file is missing, no regular file, too large or cannot be read.
    """
    size = checked_size(path, most)
    try:
        with path.open("rb") as file:
            # One more, to see that it ends where the system says.
            content = file.read(size + 1)
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    if len(content) > size:
        raise AnatomyError(f"{path}: grew while it was read")
    return content


def checked_size(path: Path, most: Limit) -> int:
    """Return the size of a regular file in bytes.

    Raises:
        AnatomyError: when the file is missing, no regular file or larger than the limit.
    """
    size = file_size(path)
    most.check(size, path)
    return size


def read_head(path: Path, count: int) -> bytes:
    """Return the first bytes of a regular file; fewer where it is shorter.

    Raises:
        AnatomyError: when the file is missing, no regular file or cannot be read.
    """
    file_size(path)
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
