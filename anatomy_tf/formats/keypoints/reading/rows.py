"""Tables with a line for each person and frame, and columns for each joint."""

from __future__ import annotations

import dataclasses
import re

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import shown
from anatomy_tf.files.limits import FRAME_NUMBER, JOINTS
from anatomy_tf.files.numbered_names import numbers_of_names
from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.named_keypoints import named_layout
from anatomy_tf.skeletons import Skeleton

LONE = "0"
"""The person of a table without a column of people."""

_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BLANKS = re.compile(r"[\s.-]+")


@dataclasses.dataclass(frozen=True)
class Columns:
    """The names of a table's columns.

    Attributes:
        frames: the column of frames, by any of these names.
        people: the column of people, by any of these names; a table of one person has none.
        dot: the text between a joint's name and ``x``, ``y`` or the score.
        scores: the column of a joint's score, by any of these names; it may be missing.
    """

    frames: tuple[str, ...]
    people: tuple[str, ...]
    dot: str
    scores: tuple[str, ...]

    def joints(self, header: list[str]) -> list[str]:
        """Return the joints with columns of x and y."""
        titles = self.titles(header)
        known, end = set(titles), f"{self.dot}x"
        found = [title[: -len(end)] for title in titles if title.endswith(end)]
        return [name for name in found if name and f"{name}{self.dot}y" in known]

    def titles(self, header: list[str]) -> list[str]:
        """Return titles in lower case; ``LeftHipX`` and ``left hip x`` become ``left_hip_x``."""
        if self.dot != "_":
            return [title.lower() for title in header]
        words = (_INNER_CAPITAL.sub("_", title) for title in header)
        return [_BLANKS.sub("_", title).lower() for title in words]

    def place(self, header: list[str], names: tuple[str, ...]) -> int | None:
        """Return the index of the column with one of these names; ``None`` without one."""
        titles = self.titles(header)
        return next((titles.index(name) for name in names if name in titles), None)


def row_detections(table: Table, columns: Columns, given: Skeleton | None) -> Recording:
    """Return the detections in a table's rows; a malformed row ends the reading.

    Args:
        table: the table.
        columns: the names of its columns.
        given: the layout that the caller states.

    Raises:
        AnatomyError: naming the line that is malformed.
    """
    path = table.path
    rows = table.rows()
    _, header = next(rows, ("", []))
    names = columns.joints(header)
    frame = columns.place(header, columns.frames)
    person = columns.place(header, columns.people)
    if frame is None or not names:
        joint = f"JOINT{columns.dot}"
        raise AnatomyError(
            f"{path}: expected the columns {columns.frames[0]}, {joint}x and {joint}y"
        )
    JOINTS.check(len(names), path)
    # Before a line is read that nobody can use.
    named_layout(names, given, path)
    places = {title: place for place, title in enumerate(columns.titles(header))}
    triples = []
    for name in names:
        start = f"{name}{columns.dot}"
        scores = [start + score for score in columns.scores if start + score in places]
        triples.append((f"{start}x", f"{start}y", scores[0] if scores else ""))
    found: list[tuple[str, Detection]] = []
    for where, row in rows:
        if len(row) != len(header):
            raise AnatomyError(f"{where}: expected {len(header)} cells, got {len(row)}")
        values = table.triples(row, places, triples, where)
        points = detected_points(values[:, :2], values[:, 2], where)
        track = LONE if person is None else row[person] or None
        found.append((row[frame], Detection(points, where.removeprefix(f"{path}: "), track)))
    if not found:
        raise AnatomyError(f"{path}: expected at least one line, got none")
    numbers = frame_numbers(table, [name for name, _ in found])
    frames: dict[int, list[Detection]] = {}
    for name, detection in found:
        frames.setdefault(numbers[name], []).append(detection)
    return Recording(frames, names=names)


def frame_numbers(table: Table, names: list[str]) -> dict[str, int]:
    """Return the frame number in each cell: a whole number, also as ``3.0``, or in a name.

    Raises:
        AnatomyError: when a cell holds no frame number.
    """
    whole: dict[str, int] = {}
    for name in dict.fromkeys(names):
        try:
            value = table.number(name, "")
        except AnatomyError:
            # Names of images.
            return numbers_of_names(names, table.path)
        if value % 1:
            raise AnatomyError(f"{table.path}: expected a whole number as frame, got {shown(name)}")
        FRAME_NUMBER.check(value, table.path)
        whole[name] = int(value)
    return whole
