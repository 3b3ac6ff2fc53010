"""Regular files, read up to a limit."""

from pathlib import Path

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import regular_file
from anatomy_tf.files.limits import Limit
from anatomy_tf.files.regular_file import read_bytes, read_head

MOST = Limit("a file", 0, 8, "bytes")


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"12345678")
    assert read_bytes(path, MOST) == b"12345678"
    # When the system is asked for the size there are 6 bytes, when it is read 8.
    monkeypatch.setattr(regular_file, "file_size", lambda path: 6)
    with pytest.raises(AnatomyError, match="log: grew while it was read"):
        read_bytes(path, MOST)


def test_the_head_of_a_file_is_no_longer_than_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"123456")
    assert read_head(path, 3) == b"123"
    assert read_head(path, 30) == b"123456"
