"""Atomic writing: a file is written completely or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import check_replaceable


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``, which is renamed to ``path`` when the block ends.

    The temporary path has the suffix of ``path``. Its content is flushed to the disk before the
    rename, so that neither a killed process nor a power cut leaves half a file under the name.
    A symbolic link stays one; its target is replaced. Missing folders are made. An exception in
    the block removes what was written; what a process that was killed left of the same file is
    removed too.

    Raises:
        AnatomyError: when the system refuses to write, or ``path`` is a named pipe, device or
            socket; what was at ``path`` is then still there.
    """
    path = check_replaceable(path)
    beside = part_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        forget_dead(path)
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        # A read-only file system refuses this too, which says nothing new.
        with contextlib.suppress(OSError):
            beside.unlink()


def part_of(path: Path) -> Path:
    """Return this thread's temporary path for a file or folder, beside it and with its suffix."""
    # Two threads of a process may write the same file, such as the note of a fetched model.
    writer = f"{os.getpid()}-{threading.get_native_id()}"
    return path.with_name(f".{path.stem}.{writer}.part{path.suffix}")


def forget_dead(path: Path) -> None:
    """Remove the temporary files and folders of a path whose processes have ended."""
    pattern = re.compile(rf"\.{re.escape(path.stem)}\.(\d+)-\d+\.part{re.escape(path.suffix)}")
    # One may write into a folder that one may not list.
    with contextlib.suppress(PermissionError):
        for beside in path.parent.iterdir():
            written_by = pattern.fullmatch(beside.name)
            if not written_by or _lives(int(written_by[1])):
                continue
            if beside.is_dir():
                shutil.rmtree(beside, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    beside.unlink()


def _lives(process: int) -> bool:
    """Return whether a process is there; on Windows, which cannot be asked so, it always is."""
    if os.name == "nt":
        # There the signal 0 is Ctrl-C.
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # It belongs to somebody else.
        return True
    return True


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a binary file, open for writing, that ``atomic_path`` renames to ``path``."""
    with atomic_path(path) as beside, beside.open("wb") as file:
        yield file
