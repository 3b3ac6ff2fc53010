"""Reading tables: comma-separated values as spreadsheets of any country write them."""

from __future__ import annotations

import abc
import csv
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import LINE_BYTES, TABLE_BYTES
from anatomy_tf.files.regular_file import checked_size, read_head
from anatomy_tf.files.text_file import text_encoding

_HEAD = 1 << 18
_SEPARATORS = ",;\t|"
_EMPTY = frozenset(
    {
        *("", "NA", "N/A", "#N/A", "<NA>", "NULL", "NONE", "UNDEFINED"),
        *("NAN", "-NAN", "NAN(IND)", "-NAN(IND)", "-", "--"),
    }
)
"""What R, pandas, databases, spreadsheets, programs and people write for a missing number."""

_TRUTH = {"TRUE": 1.0, "FALSE": 0.0}
"""What stands for seen and not seen."""

_MOST_COMMENTS = 1000
"""Lines of comments that are looked through before the titles."""

_HINT = re.compile(r'\s*"?sep=', re.IGNORECASE)
_HINTED = re.compile(_HINT.pattern + r'([^"]?)"?\s*', re.IGNORECASE)
"""The first line by which Excel names the separator, and what it begins with."""


class Table(abc.ABC):
    """A table of texts with a row of titles first.

    Attributes:
        path: the file that it stands in.
        comment: the JSON object after ``#`` in a line before the titles; empty without one.
        decimal_comma: whether numbers may have a decimal comma.
    """

    path: Path
    comment: str = ""
    decimal_comma: bool = False

    @abc.abstractmethod
    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the place (for messages, such as ``"a.csv: line 3"``) and the cells of each row.

        Raises:
            AnatomyError: at a line that cannot be read.
        """

    def first_rows(self, count: int) -> list[list[str]]:
        """Return the first ``count`` rows; fewer where the table ends or cannot be read further."""
        found: list[list[str]] = []
        try:
            for _, row in self.rows():
                found.append(row)
                if len(found) == count:
                    break
        except AnatomyError:
            pass
        return found

    def header(self) -> list[str]:
        """Return the first row; empty where there is none."""
        return next(iter(self.first_rows(1)), [])

    def number(self, text: str, where: str) -> float:
        """Return the number in a cell; NaN for an empty one, or one of ``_EMPTY``; 1 for "true".

        Raises:
            AnatomyError: for other text or an infinite number.
        """
        if text.upper() in _EMPTY:
            return math.nan
        if text.upper() in _TRUTH:
            return _TRUTH[text.upper()]
        plain = text.replace(",", ".") if self.decimal_comma else text
        try:
            # Python reads 1_2 as 12; in a table it is a name.
            value = float("" if "_" in plain else plain)
        except ValueError:
            raise AnatomyError(f"{where}: expected a number, got {text!r:.40}") from None
        if math.isinf(value):
            raise AnatomyError(f"{where}: a number is infinite")
        return value

    def is_number(self, text: str) -> bool:
        """Return whether a cell holds a number or nothing."""
        try:
            self.number(text, "")
        except AnatomyError:
            return False
        return True

    def triples(
        self,
        cells: Sequence[str],
        triples: Sequence[tuple[int, int, int | None]],
        where: str,
    ) -> NDArray[np.float64]:
        """Return the numbers of some columns, three a row: (rows, 3); 1 where a column is ``None``.

        Raises:
            AnatomyError: for a cell that is no number.
        """
        values = np.ones((len(triples), 3))
        for row, columns in enumerate(triples):
            for place, column in enumerate(columns):
                if column is not None:
                    values[row, place] = self.number(cells[column], where)
        return values


class TextTable(Table):
    """A text file whose rows are read one at a time; nothing after a bad line is read.

    The separator is the one that a first line such as ``sep=;`` names, else the comma, semicolon,
    tab or bar that is most frequent in the first line that is no comment, else the blank. Unless it
    is the comma, numbers may have a decimal comma. Text is UTF-8, UTF-16 with a byte order mark, or
    else Windows-1252.

    Args:
        path: the file.

    Raises:
        AnatomyError: when the file cannot be read or is too large, or its first line names no
            separator of one character.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        checked_size(path, TABLE_BYTES)
        head = read_head(path, _HEAD)
        self._encoding = text_encoding(head)
        try:
            # A character may be cut at the head's end.
            head[: len(head) - 4 if len(head) == _HEAD else None].decode(self._encoding)
        except UnicodeError:
            self._encoding = "cp1252"
        lines = head.decode(self._encoding, "replace").splitlines() or [""]
        names = next((line for line in lines if line.strip() and not _is_comment(line)), "")
        self._separator = max(_SEPARATORS, key=names.count)
        if self._separator not in names.strip():
            self._separator = " "
        self.decimal_comma = self._separator != ","
        self._skipped = 0
        self._commented: list[str] = []
        if _HINT.match(lines[0]):
            hinted = _HINTED.fullmatch(lines[0])
            if hinted is None:
                raise AnatomyError(
                    f"{path}: expected one character after sep=, got {lines[0]!r:.40}"
                )
            self._separator = hinted[1] or ","
            self.decimal_comma = self._separator != ","
            self._skipped = 1
        elif _is_comment(lines[0]):
            with reading(path, "table"), self._open() as file:
                lines_above = itertools.takewhile(_is_comment, _lines(file, path))
                above = list(itertools.islice(lines_above, _MOST_COMMENTS))
            self._skipped = len(above)
            comments = [self._comment(line.strip()) for line in above]
            self.comment = next((c for c in comments if c.lstrip().startswith("{")), "")
            self._commented = self._titles(comments[-1], names)

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the place and the cells of each row.

        Comments above the titles, empty lines, titles that come again, as where tables were put
        after each other, and blanks around cells are left out.

        Raises:
            AnatomyError: at a line that cannot be decoded or is too long.
        """
        with reading(self.path, "table"), self._open() as file:
            lines = _lines(file, self.path)
            for _ in range(self._skipped):
                next(lines)
            blanks = self._separator == " "
            reader = csv.reader(lines, delimiter=self._separator, skipinitialspace=blanks)
            titles = self._commented
            if titles:
                yield f"{self.path}: line {self._skipped}", titles
            for cells in reader:
                row = [cell.strip() for cell in cells]
                if any(row) and row != titles:
                    titles = titles or row
                    yield f"{self.path}: line {reader.line_num + self._skipped}", row

    def _open(self) -> TextIO:
        return self.path.open(encoding=self._encoding, newline="")

    def _titles(self, comment: str, row: str) -> list[str]:
        """Return the titles in a comment above numbers, as ``np.savetxt`` writes them."""
        separator = None if self._separator == " " else self._separator
        cells, numbers = ([c.strip() for c in t.strip().split(separator)] for t in (comment, row))
        fit = len(cells) == len(numbers) > 1 and all(map(self.is_number, numbers))
        return cells if fit else []

    def _comment(self, line: str) -> str:
        if line.startswith('"'):
            # A spreadsheet took the line for cells.
            cells = next(csv.reader([line], delimiter=self._separator))
            line = ",".join(cells).rstrip(",")
        return line.removeprefix("#")


def _is_comment(line: str) -> bool:
    return line.lstrip(' "\ufeff').startswith("#")


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    number = 0
    while line := file.readline(int(LINE_BYTES.most) + 1):
        number += 1
        LINE_BYTES.check(len(line), f"{path}: line {number}")
        yield line
