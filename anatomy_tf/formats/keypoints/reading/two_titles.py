"""Tables with two lines of titles, as pandas writes columns of two levels: joint and axis."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.formats.keypoints.reading.point_lists import POINT_SCORES
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton

_AXES = ("x", "y", "z", *POINT_SCORES)


class OneTitle(Table):
    """A table of two lines of titles, seen with one: ``nose`` over ``x`` is ``nose_x``.

    A third line that names pandas' column of line numbers alone gives that column its title.

    Args:
        table: the table with two lines.
    """

    def __init__(self, table: Table) -> None:
        self.path = table.path
        self.comment = table.comment
        self.decimal_comma = table.decimal_comma
        self._table = table

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the place and the cells of each row."""
        rows = self._table.rows()
        (where, above), (_, below) = next(rows), next(rows)
        titles = [_title(*pair) for pair in zip(above, below, strict=True)]
        third = list(itertools.islice(rows, 1))
        if third and third[0][1][0] and not any(third[0][1][1:]):
            titles[0], third = third[0][1][0], []
        yield where, titles
        yield from itertools.chain(third, rows)


def under_two_titles(reader: Reader) -> Reader:
    """Return the reader of the same tables under two lines of titles.

    Args:
        reader: the reader of a table with one.
    """

    def marks(content: Content) -> Marks:
        return reader.marks(_as_one(content)) if _has_two(content.value) else {"two titles": False}

    def parse(content: Content, given: Skeleton | None) -> Recording:
        return reader.parse(_as_one(content) if _has_two(content.value) else content, given)

    return Reader("table", marks, parse)


def _as_one(content: Content) -> Content:
    return dataclasses.replace(content, value=OneTitle(content.value))


def _has_two(table: Table) -> bool:
    """Return whether each column of a table has a joint and an axis as titles."""
    first = table.first_rows(2)
    if len(first) < 2 or len(first[0]) != len(first[1]) or first[0][0] == "bodyparts":
        # The last are DeepLabCut's.
        return False
    axes = [cell.lower() for cell in first[1][1:]]
    return {"x", "y"} <= set(axes) and set(axes) <= {"", *_AXES}


def _title(joint: str, axis: str) -> str:
    if not axis:
        return joint
    # The names of pandas' levels stand over the lines' numbers.
    return f"{joint}_{axis}" if axis.lower() in _AXES else ""
