"""Tables in JSON, as pandas writes them by ``DataFrame.to_json`` in each of its orientations."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_records import records
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
    """Return the table in a JSON value; ``None`` where it is something else.

    Other formats have lists and objects in cells.
    """
    lines = records(value)
    if not lines or any(isinstance(v, list | dict) for line in lines for v in line.values()):
        return None
    titles = list(lines[0])
    return JsonTable(path, [titles, *([line[title] for title in titles] for line in lines)])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)
