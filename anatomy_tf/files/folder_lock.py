"""Locks of folders, so that one process at a time works in them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from anatomy_tf.errors import AnatomyError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def folder_lock(folder: Path, refusal: str | None = None) -> Iterator[None]:
    """Lock a folder for the block; the system frees the lock of a process that dies.

    Where the system or the file system has no such locks, the block runs without one.

    Args:
        folder: an existing folder.
        refusal: the message where another process has the lock; by default the block waits for it.

    Raises:
        AnatomyError: with the refusal, or when the system does not open the folder.
    """
    if fcntl is None:
        yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise AnatomyError(f"{folder}: cannot be locked ({error.strerror or error})") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if refusal else 0))
        except BlockingIOError:
            raise AnatomyError(f"{folder}: {refusal}") from None
        except OSError:
            # Such as some network file systems.
            pass
        yield
    finally:
        os.close(handle)
