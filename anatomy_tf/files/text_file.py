"""Text of foreign origin."""

from __future__ import annotations

import codecs
from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import TEXT_BYTES, Limit
from anatomy_tf.files.regular_file import read_bytes

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    # Before UTF-16, whose mark is this one's beginning.
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def text_encoding(head: bytes) -> str:
    """Return the encoding that a text's byte order mark says; UTF-8 without one."""
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), "utf-8")


def read_text(path: Path, *, most: Limit = TEXT_BYTES, errors: str = "strict") -> str:
    """Return the content of a text file, without a byte order mark.

    Args:
        path: a file in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.
        most: the limit of its size.
        errors: what to do with bytes that are no text, as ``bytes.decode`` takes it.

    Raises:
        AnatomyError: when the file cannot be read, is too large or is no text.
    """
    content = read_bytes(path, most)
    try:
        return content.decode(text_encoding(content), errors)
    except UnicodeError:
        raise AnatomyError(f"{path}: expected text in UTF-8") from None
