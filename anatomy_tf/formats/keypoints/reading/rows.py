"""Tables with a line for each person and frame, and columns for each joint."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import shown
from anatomy_tf.files.limits import FRAME_NUMBER, JOINTS
from anatomy_tf.files.numbered_names import numbers_of_names
from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.doubts import VIEWS, check_one_view
from anatomy_tf.formats.keypoints.reading.json_people import FRAME_KEYS
from anatomy_tf.formats.keypoints.reading.named_keypoints import named_layout
from anatomy_tf.formats.keypoints.reading.people_in_titles import AT_END, people_of
from anatomy_tf.formats.keypoints.reading.point_lists import POINT_SCORES
from anatomy_tf.formats.keypoints.reading.times import (
    TIME_KEYS,
    counted,
    frame_times,
    numbers_of_times,
    rate_of_times,
    times_of,
)
from anatomy_tf.skeletons import Skeleton

LONE = "0"
"""The person of a table without a column of people."""

FRAMES = ("frame", *(key for key in FRAME_KEYS if key != "frame"), "frames")
PEOPLE = (
    *("person", "track", "person_id", "track_id", "person_idx", "person_index", "person_name"),
    *("subject", "subject_id", "individual", "instance", "instance_id", "object_id", "player"),
    *("pose_id", "pose_index", "pose_idx", "pid", "id"),
)
_INDEX = ("", "index", "unnamed_0", "unnamed_0_1")
"""Titles of the column by which pandas numbers the lines, also after a table was saved again, as
``Unnamed: 0``."""

_PARTS = ("x", "y", "u", *POINT_SCORES)
_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[LR])(?<![A-Za-z][LR])(?=[A-Z][a-z])")
"""The beginning of another word, as in ``leftHip`` and ``RHip``."""
_BLANKS = re.compile(r"[\s.()\[\]#:,'-]+")
_UNIT = re.compile(r"_(px|pixels?)$")
_NUMBERED = re.compile(r"([a-z_]*?)_?([0-9]{1,6})")
_CORNERS = 2
_BODY = re.compile(r"(^|_)(pose|body)")
_OF_SPACE = re.compile(r"(.*_)?(ncams|reprojection_error)")
"""Titles beside joints in space that Anipose or FreeMoCap found from several cameras."""


@dataclasses.dataclass(frozen=True)
class JointColumns:
    """The columns of a table's joints.

    Attributes:
        names: the joints' names; ``None`` where they are numbered, then they are in this order.
        people: for each person, one without a name, the places of x, y and the score, which may be
            missing, of each joint.
    """

    names: tuple[str, ...] | None
    people: Mapping[str, tuple[tuple[int, int, int | None], ...]]


def plain_titles(header: Sequence[str]) -> list[str]:
    """Return titles in lower case; ``LeftHipX`` and ``left hip (x)`` become ``left_hip_x``."""
    words = (_INNER_CAPITAL.sub("_", title) for title in header)
    return [_BLANKS.sub("_", title).strip("_").lower() for title in words]


def column_of(titles: Sequence[str], names: Sequence[str]) -> int | None:
    """Return the place of the column with the first of these names; ``None`` without one."""
    return next((titles.index(name) for name in names if name in titles), None)


def check_in_picture(titles: Sequence[str], where: object) -> None:
    """Check that no column belongs to places in space.

    Args:
        titles: as ``plain_titles`` returns them.
        where: the file, for messages.

    Raises:
        AnatomyError: when one does.
    """
    of_space = next(filter(_OF_SPACE.fullmatch, titles), None)
    if of_space is not None:
        raise AnatomyError(
            f"{where}: holds places in space, found from several cameras (column {of_space:.40}); "
            "expected keypoints in the picture of one camera"
        )


def columns_of_joints(titles: Sequence[str]) -> JointColumns:
    """Return the columns of joints, such as ``nose_x``, ``x_nose``, ``x0`` or ``kp0_x``.

    Names may begin with the same words, such as ``pose_landmark_nose``, which are left out. Joints
    are numbered where all names are one word, or none, and successive numbers from 0 or 1; if there
    are several series, it is that of the pose or body.

    Args:
        titles: as ``plain_titles`` returns them.
    """
    found: dict[str, dict[str, int]] = defaultdict(dict)
    # Where places are there in two units, those are taken whose titles state none.
    for place, title in sorted(enumerate(titles), key=lambda entry: bool(_UNIT.search(entry[1]))):
        split = _joint_and_part(_UNIT.sub("", _person_first(title)))
        # MediaPipe's world landmarks may stand beside.
        if split is not None and "world" not in split[0].split("_"):
            found[split[0]].setdefault(split[1], place)
    joints = {name: parts for name, parts in found.items() if {"x", "y"} <= set(parts)}
    if not joints:
        # Then v is no visibility.
        joints = {
            name: {"x": parts["u"], "y": parts.pop("v"), **parts}
            for name, parts in found.items()
            if {"u", "v"} <= set(parts)
        }
    corners = [name for name in joints if name.isdecimal()]
    if len(corners) == _CORNERS < len(joints):
        # x1, y1, x2, y2 of a box.
        joints = {name: parts for name, parts in joints.items() if name not in corners}
    people = people_of(list(joints)) or {LONE: {name: name for name in joints}}
    names = list(next(iter(people.values())))
    numbered = _numbered(names)
    names = numbered or names
    columns = {
        person: tuple(_columns(joints[of_person[name]]) for name in names)
        for person, of_person in people.items()
    }
    return JointColumns(None if numbered else tuple(names), columns if names else {})


def _columns(parts: Mapping[str, int]) -> tuple[int, int, int | None]:
    return parts["x"], parts["y"], next((parts[s] for s in POINT_SCORES if s in parts), None)


def _person_first(title: str) -> str:
    """Return a place's title that ends in the person's name with that name first."""
    match = AT_END.fullmatch(title)
    if match is None or _joint_and_part(title) or not _joint_and_part(match["title"]):
        return title
    return f"{match['person'].replace('_', '')}_{match['title']}"


def _joint_and_part(title: str) -> tuple[str, str] | None:
    """Return the joint and x, y or the score of a title; ``None`` for another column."""
    before, _, last = title.rpartition("_")
    if before and last in _PARTS:
        return before, last
    first, _, after = title.partition("_")
    if after and first in _PARTS:
        return after, first
    match = _NUMBERED.fullmatch(title)
    if match and match[1] in _PARTS:
        return match[2], match[1]
    return None


def _numbered(names: Sequence[str]) -> list[str]:
    """Return joints in the order of their numbers; nothing where they have names."""
    series: dict[str, dict[int, str]] = defaultdict(dict)
    for name in names:
        match = _NUMBERED.fullmatch(name)
        if match is None:
            return []
        series[match[1]][int(match[2])] = name
    of_body = [word for word in series if len(series) == 1 or _BODY.search(word)]
    if len(of_body) != 1:
        return []
    numbers = sorted(series[of_body[0]])
    if numbers[0] > 1 or numbers[-1] - numbers[0] != len(numbers) - 1:
        return []
    return [series[of_body[0]][number] for number in numbers]


def row_detections(table: Table, given: Skeleton | None) -> Recording:
    """Return the detections in a table with columns of joints.

    Args:
        table: the table.
        given: the layout that the caller states.

    Raises:
        AnatomyError: naming the line that is malformed.
    """
    path = table.path
    titles = plain_titles(table.header())
    joints = columns_of_joints(titles)
    if not joints.people:
        raise AnatomyError(f"{path}: expected columns JOINT_x and JOINT_y of joints")
    JOINTS.check(len(next(iter(joints.people.values()))), path)
    if joints.names is not None:
        # Before a line is read that nobody can use.
        named_layout(joints.names, given, path)
    places = [title for title in titles if _joint_and_part(title)]
    if len(set(places)) < len(places):
        again = next(title for n, title in enumerate(places) if title in places[:n])
        raise AnatomyError(
            f"{path}: column {again:.40} is there twice; where there are several people, name them "
            f"in the titles, such as person1_{again:.40}"
        )
    lone = column_of(titles, PEOPLE) is None
    several = len(joints.people) > 1

    def people(row: list[str], where: str, place: str, track: str | None) -> list[Detection]:
        found = []
        for person, columns in joints.people.items():
            values = table.triples(row, columns, where)
            points = detected_points(values[:, :2], values[:, 2], where)
            found.append(Detection(points, place, person if lone or several else track))
        return found

    all_columns = [columns for of_person in joints.people.values() for columns in of_person]
    before = min(column for columns in all_columns for column in columns[:2])
    recording = recorded_rows(table, before, people)
    return dataclasses.replace(recording, names=joints.names)


def recorded_rows(
    table: Table,
    before: int,
    people: Callable[[list[str], str, str, str | None], list[Detection]],
) -> Recording:
    """Return the detections in a table's rows; a malformed row ends the reading.

    Rows are numbered by a column of frames, else of times, else by pandas' column of numbers, else
    by one before the places that counts them, else in their order.

    Args:
        table: has a row for each detection or frame.
        before: the number of cells before the first place, see ``fitted``.
        people: function from a row, its place with and without the file, for messages, and its cell
            in the column of people to its detections.

    Raises:
        AnatomyError: naming the line that is malformed.
    """
    path = table.path
    rows = table.rows()
    _, header = next(rows, ("", []))
    titles = plain_titles(header)
    check_in_picture(titles, path)
    person = column_of(titles, PEOPLE)
    columns = {kind: column_of(titles, keys) for kind, keys in VIEWS.items()}
    views = [(kind, at, set[str]()) for kind, at in columns.items() if at is not None]
    when = When.of(titles)
    if when.states == "index" and person is not None:
        raise AnatomyError(f"{path}: expected a column frame beside {header[person]:.40}")
    leading: list[list[str]] = []
    frames: list[str] = []
    found: list[list[Detection]] = []
    for where, cells in rows:
        row = fitted(cells, len(header), before, where)
        track = None if person is None else row[person] or None
        leading.append(row[:before])
        for _, at, names in views:
            names.add(row[at])
        frames.append("" if when.column is None else row[when.column])
        found.append(people(row, where, where.removeprefix(f"{path}: "), track))
    if not found:
        raise AnatomyError(f"{path}: expected at least one line, got none")
    for kind, _, names in views:
        check_one_view(names - {""}, kind, path)
    timed = when.states == "times" and person is None
    if timed and frame_times(_values(table, frames), path, apart=True) is None:
        when = When(None)
    numbers, rate = when.numbered(table, frames)
    if when.column is None:
        numbers = counted(_values(table, each) for each in zip(*leading, strict=True)) or numbers
    by_frame: dict[int, list[Detection]] = {}
    for number, detections in zip(numbers, found, strict=True):
        by_frame.setdefault(number, []).extend(detections)
    return Recording(by_frame, timed_fps=rate)


def fitted(cells: list[str], count: int, before: int, where: str) -> list[str]:
    """Return a row of as many cells as the header: without empty ones at its end.

    Args:
        cells: the row.
        count: the number of the header's cells.
        before: the number of cells before the first place; a row may end there where nobody was
            found.
        where: the place, for messages.

    Raises:
        AnatomyError: when the row has another number of cells.
    """
    if len(cells) > count and not any(cells[count:]):
        return cells[:count]
    if 0 < len(cells) <= before:
        return cells + [""] * (count - len(cells))
    if len(cells) != count:
        raise AnatomyError(f"{where}: expected {count} cells, got {len(cells)}")
    return cells


@dataclasses.dataclass(frozen=True)
class When:
    """What numbers a table's lines.

    Attributes:
        column: the place of the column; ``None`` where their order does.
        states: what stands there: frames, times, or the index of a line, which counts if it is not
            there twice.
    """

    column: int | None
    states: Literal["frames", "times", "index"] = "frames"

    @classmethod
    def of(cls, titles: Sequence[str]) -> When:
        """Return the column that numbers lines."""
        frames, times = column_of(titles, FRAMES), column_of(titles, TIME_KEYS)
        if frames is not None:
            return cls(frames)
        if times is not None:
            return cls(times, "times")
        return cls(column_of(titles[:1], _INDEX), "index")

    def numbered(self, table: Table, cells: Sequence[str]) -> tuple[list[int], float | None]:
        """Return the frame number of each line by its cell in the column, and the frame rate.

        Returns:
            The numbers, and the frames a second by the lines' times; ``None`` where it is unknown.

        Raises:
            AnatomyError: when a cell holds no frame number or time.
        """
        if self.column is None or (self.states == "index" and len(set(cells)) < len(cells)):
            return list(range(len(cells))), None
        if self.states == "times":
            times = times_of(_values(table, cells), table.path)
            return numbers_of_times(times, table.path), rate_of_times(times)
        numbers = frame_numbers(table, list(cells))
        return [numbers[cell] for cell in cells], None


def _values(table: Table, cells: Sequence[str]) -> list[Any]:
    """Return the numbers in cells; others as they are."""
    return [table.number(c, "") if table.is_number(c) else c for c in cells]


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
