"""Tables in JSON, as pandas writes them by ``DataFrame.to_json`` in each of its orientations."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton


class JsonTable(Table):
    """A table of JSON values.

    Args:
        path: the file that they stand in.
        values: the rows, the titles first, each of as many numbers, texts, truths and ``None``.
    """

    def __init__(self, path: Path, values: Sequence[Sequence[Any]]) -> None:
        self.path = path
        self._values = values

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the place and the cells of each row."""
        for number, row in enumerate(self._values):
            yield f"{self.path}: row {number}", [_cell(value) for value in row]


def in_json(reader: Reader) -> Reader:
    """Return the reader of the same tables in JSON.

    Args:
        reader: the reader of a table.
    """

    def marks(content: Content) -> Marks:
        table = _as_table(content)
        return {"a table": False} if table is None else reader.marks(table)

    def parse(content: Content, given: Skeleton | None) -> Recording:
        table = _as_table(content)
        if table is None:
            raise AnatomyError(f"{content.path}: expected a table, got {content.described}")
        return reader.parse(table, given)

    return Reader("json", marks, parse)


def _as_table(content: Content) -> Content | None:
    frames: JsonFrames = content.value
    table = None if frames.folder else _table(frames.content, content.path)
    return None if table is None else dataclasses.replace(content, kind="table", value=table)


def _table(value: Any, path: Path) -> JsonTable | None:
    """Return the table in a JSON value; ``None`` where it is something else."""
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        titles = value.get("columns")
        if not isinstance(titles, list):
            return _table(value["data"], path)
        rows = value["data"]
        return _listed(path, titles, rows) if _equally_long([titles, *rows]) else None
    if isinstance(value, list):
        return _of_objects(value, path)
    if not isinstance(value, dict):
        return None
    columns = list(value.values())
    if _alike(columns):
        names = list(columns[0])
        if not names[0].isdecimal():
            # One object a line, by the line's number.
            return _of_objects(columns, path)
        columns = [[column[name] for name in names] for column in columns]
    rows = zip(*columns, strict=True) if _equally_long(columns) else None
    return None if rows is None else _listed(path, list(value), rows)


def _of_objects(rows: list[Any], path: Path) -> JsonTable | None:
    """Return the table with an object a line; ``None`` where their keys are not all the same."""
    if not _alike(rows):
        return None
    titles = list(rows[0])
    return _listed(path, titles, ([row[title] for title in titles] for row in rows))


def _alike(values: list[Any]) -> bool:
    """Return whether there are values, all of them objects with the same keys."""
    first = values[0] if values else None
    if not isinstance(first, dict) or not first:
        return False
    return all(isinstance(value, dict) and value.keys() == first.keys() for value in values)


def _equally_long(lists: list[Any]) -> bool:
    """Return whether there are values, all of them lists of one length."""
    whole = bool(lists) and all(isinstance(value, list) for value in lists)
    return whole and len({len(value) for value in lists}) == 1


def _listed(path: Path, titles: Sequence[Any], rows: Iterable[Sequence[Any]]) -> JsonTable | None:
    """Return a table; ``None`` where a cell is a list or an object, as other formats have them."""
    listed = [titles, *rows]
    if any(isinstance(cell, list | dict) for row in listed for cell in row):
        return None
    return JsonTable(path, listed)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)
