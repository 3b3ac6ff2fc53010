"""Tables with a line for each landmark of a frame, as scripts round MediaPipe write them.

Columns: the frame or a time; the landmark by name (``NOSE``, ``left_shoulder``) or number from 0 or
1; ``x`` and ``y``, also as ``x_px``; a score and the person, which may be missing. sleap-io's table
of points is like this, too. Without a column of people a landmark that comes again in a frame
begins another person; people are then followed by their places. A column ``type`` that says which
lines are the pose's, beside face and hands, is heeded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import JOINTS
from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.named_keypoints import named_layout
from anatomy_tf.formats.keypoints.reading.point_lists import POINT_SCORES
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.keypoints.reading.rows import (
    PEOPLE,
    When,
    check_in_picture,
    column_of,
    fitted,
    plain_titles,
)
from anatomy_tf.skeletons import Skeleton

_WORDS = (
    *("landmark", "keypoint", "joint", "node", "bodypart", "body_part", "kpt", "kp", "part"),
    *("marker", "point", "lm"),
)
_LANDMARKS = (
    *(f"{word}_name" for word in _WORDS),
    *_WORDS,
    *(f"{word}s" for word in _WORDS),
    *(f"{word}_{end}" for word in _WORDS for end in ("id", "index", "idx", "number", "no", "type")),
    *("name", "label", "id", "idx", "index"),
)
_PLACES = tuple(
    (
        *(form.format(axis) for form in ("{}", "{}_px", "{}_pixel", "{}_pixels", "pixel_{}")),
        other,
    )
    for axis, other in ("xu", "yv")
)
_KINDS = ("type", "landmark_type", "kind", "group", "source")
_OF_POSE = ("pose", "body")


def marks(content: Content) -> Marks:
    """Return whether a table has a column of landmarks, and one each of x and y."""
    titles = plain_titles(content.value.header())
    return {
        "a column landmark": _landmark_column(titles) is not None,
        "columns x and y": all(column_of(titles, axis) is not None for axis in _PLACES),
    }


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame; landmarks are joints by name, else by number."""
    table: Table = content.value
    path = content.path
    rows = table.rows()
    _, header = next(rows, ("", []))
    titles = plain_titles(header)
    check_in_picture(titles, path)
    landmark, when = _landmark_column(titles), When.of(titles)
    x, y = (column_of(titles, axis) for axis in _PLACES)
    if landmark is None or x is None or y is None or when.states == "index":
        raise AnatomyError(f"{path}: expected the columns frame, landmark, x and y")
    person = column_of(titles, [name for name in PEOPLE if name != titles[landmark]])
    scores = column_of(titles, POINT_SCORES)
    triple = (x, y, None if scores == y else scores)
    lines = [(where, fitted(row, len(header), 0, where)) for where, row in rows]
    kind = column_of(titles, _KINDS)
    if kind is not None and any(row[kind].lower() in _OF_POSE for _, row in lines):
        lines = [(where, row) for where, row in lines if row[kind].lower() in _OF_POSE]
    if not lines:
        raise AnatomyError(f"{path}: expected at least one line, got none")
    order, names = _order(table, [row[landmark] for _, row in lines])
    JOINTS.check(len(order), path)
    if names is not None:
        named_layout(names, given, path)
    cells = [row[when.column or 0] for _, row in lines]
    frames, rate = when.numbered(table, cells)
    found: dict[int, dict[str | int | None, dict[int, np.ndarray]]] = {}
    for number, (where, row) in zip(frames, lines, strict=True):
        place = order[row[landmark]]
        people = found.setdefault(number, {})
        # People by name, or counted: a landmark that comes again begins the next one.
        who = row[person] or None if person is not None else max(len(people) - 1, 0)
        if isinstance(who, int) and place in people.get(who, {}):
            who += 1
        points = people.setdefault(who, {})
        if place in points:
            raise AnatomyError(f"{where}: landmark {row[landmark]:.40} is there twice")
        points[place] = table.triples(row, [triple], where)[0]
    count = len(set(order.values()))
    recording: dict[int, list[Detection]] = {}
    for number, people in found.items():
        recording[number] = []
        for who, points in people.items():
            values = np.full((count, 3), np.nan)
            values[list(points)] = list(points.values())
            detected = detected_points(values[:, :2], values[:, 2], f"{path}: frame {number}")
            track = who if isinstance(who, str) else None
            recording[number].append(Detection(detected, f"frame {number}", track))
    return Recording(recording, names=names, timed_fps=rate)


def _landmark_column(titles: Sequence[str]) -> int | None:
    return column_of(titles, _LANDMARKS)


def _order(table: Table, cells: Sequence[str]) -> tuple[dict[str, int], list[str] | None]:
    """Return the place of each landmark, and their names; ``None`` where they are numbered."""
    distinct = list(dict.fromkeys(cells))
    if not all(cell.isascii() and cell.isdigit() and len(cell) < 6 for cell in distinct):
        return {name: place for place, name in enumerate(distinct)}, distinct
    numbers = sorted({int(cell) for cell in distinct})
    if numbers[0] > 1 or numbers[-1] - numbers[0] != len(numbers) - 1:
        raise AnatomyError(
            f"{table.path}: expected landmarks with successive numbers from 0 or 1, got "
            f"{len(numbers)} from {numbers[0]} to {numbers[-1]}"
        )
    return {cell: int(cell) - numbers[0] for cell in distinct}, None


READER = Reader("table", marks, parse)
