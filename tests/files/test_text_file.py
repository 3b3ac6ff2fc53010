"""Text files in Unicode's encodings."""

import codecs
from pathlib import Path

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.text_file import read_text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_names_the_encoding_and_is_left_out(
    tmp_path: Path, mark: bytes, encoding: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(mark + "Füße, 3 m\n".encode(encoding))
    assert read_text(path) == "Füße, 3 m\n"


@pytest.mark.parametrize("content", [b"\xff", b"F\xfc\xdfe", codecs.BOM_UTF16_LE + b"x"])
def test_bytes_that_are_no_text_are_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(AnatomyError, match=r"a\.txt: expected text in UTF-8$"):
        read_text(path)
    assert "\ufffd" in read_text(path, errors="replace")
