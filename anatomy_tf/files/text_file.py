"""Text of foreign origin."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError

_HEAD = 1 << 18


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


def first_rows(path: Path, count: int) -> list[list[str]]:
    """The first rows of a file that may hold comma-separated values, without reading all of it.

    What is no such text gives no rows.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        lines = head.decode("utf-8-sig", "replace").splitlines()[: count + 1]
        return list(csv.reader(lines))[:count]
    except (OSError, csv.Error):
        return []


def cell_number(text: str, where: str) -> float:
    """The number in a cell; NaN for an empty one.

    Raises:
        AnatomyError: for other text or an infinite number.
    """
    try:
        value = float(text) if text.strip() else math.nan
    except ValueError:
        raise AnatomyError(f"{where}: expected a number, got {text!r:.40}") from None
    if math.isinf(value):
        raise AnatomyError(f"{where}: a number is infinite")
    return value


def cell_triples(
    cells: Sequence[str],
    columns: Mapping[str, int],
    triples: Sequence[tuple[str, str, str]],
    where: str,
) -> NDArray[np.float64]:
    """The numbers of some columns, three a row: (rows, 3); 1 where there is no such column.

    Raises:
        AnatomyError: for a cell that is no number.
    """
    values = np.ones((len(triples), 3))
    for row, names in enumerate(triples):
        for place, name in enumerate(names):
            if name in columns:
                values[row, place] = cell_number(cells[columns[name]], where)
    return values


def whole_number(text: str, where: str) -> int:
    """The whole number in a cell, also where it is written like ``3.0``.

    Raises:
        AnatomyError: for other text or a number that counts nothing.
    """
    value = cell_number(text, where)
    if not abs(value) < 1e15 or value % 1:
        raise AnatomyError(f"{where}: expected a whole number, got {text!r:.40}")
    return int(value)
