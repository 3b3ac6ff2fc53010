"""Locks of folders."""

import errno
import fcntl
import threading
from pathlib import Path

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import folder_lock as locks
from anatomy_tf.files.folder_lock import folder_lock


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_one_at_a_time_works_in_a_folder(tmp_path: Path) -> None:
    refused = pytest.raises(AnatomyError, match=r": somebody works here$")
    with folder_lock(tmp_path):
        with refused, folder_lock(tmp_path, "somebody works here"):
            raise NotImplementedError
        with refused, folder_lock(tmp_path, "somebody works here"):
            raise NotImplementedError
    with folder_lock(tmp_path, "somebody works here"):
        pass


def test_without_a_refusal_the_next_one_waits(tmp_path: Path) -> None:
    order = []

    def second() -> None:
        with folder_lock(tmp_path):
            order.append("second")

    waiting = threading.Thread(target=second)
    with folder_lock(tmp_path):
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        order.append("first")
    waiting.join(10)
    assert order == ["first", "second"]


def test_the_lock_is_free_after_a_failure_and_no_file_stays_open(tmp_path: Path) -> None:
    before = open_files()
    with pytest.raises(NotImplementedError), folder_lock(tmp_path):
        raise NotImplementedError
    with folder_lock(tmp_path, "somebody works here"):
        pass
    assert open_files() == before


def test_where_there_are_no_locks_the_block_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    ran = []
    monkeypatch.setattr(fcntl, "flock", no_locks)
    with folder_lock(tmp_path, "somebody works here"):
        ran.append("without locks")
    monkeypatch.setattr(locks, "fcntl", None)
    with folder_lock(tmp_path, "somebody works here"):
        ran.append("on Windows")
    assert ran == ["without locks", "on Windows"]


def test_a_folder_that_cannot_be_opened_is_one_line(tmp_path):
    with pytest.raises(AnatomyError, match=r"none: cannot be locked \(No such file"):  # noqa: SIM117
        with folder_lock(tmp_path / "none"):
            pass
