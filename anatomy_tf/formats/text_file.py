"""Text of foreign origin."""

from __future__ import annotations

import csv
from pathlib import Path

from anatomy_tf.errors import AnatomyError


def read_text(path: Path) -> str:
    """The content of a text file in UTF-8, without a byte order mark.

    Raises:
        AnatomyError: when the file cannot be read or is no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    except ValueError:
        raise AnatomyError(f"{path}: expected text in UTF-8") from None


def read_rows(path: Path) -> list[list[str]]:
    """The rows of a file of comma-separated values; empty lines are left out.

    Raises:
        AnatomyError: when the file cannot be read or is no such text.
    """
    try:
        return [row for row in csv.reader(read_text(path).splitlines()) if row]
    except csv.Error as error:
        raise AnatomyError(f"{path}: not comma-separated values ({error})") from None
