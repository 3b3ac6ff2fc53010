r"""Tables with a line for each person and a column of lists, as pandas writes them by ``to_csv``.

The list is a person's keypoints, flat or in rows, or a list of people's, in the spelling of JSON,
Python (``None``, ``nan``, round brackets), NumPy (``[[ 12.  45.6]\n [...``, ``array(...)``) or
PyTorch (``tensor(...)``), or an object of lists as Ultralytics' ``to_csv`` writes it. Scores may be
lists in a column of their own. Or x and y have a column of lists each, such as ``keypoints.x`` of
``pandas.json_normalize``, or each joint one of its places, ``(x, y)``. The other columns are those
of ``keypoint_csv``.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording
from anatomy_tf.formats.keypoints.reading.json_people import PEOPLE_KEYS, POINT_KEYS, people_in
from anatomy_tf.formats.keypoints.reading.known_keys import FEWEST_POINTS, synonyms_of
from anatomy_tf.formats.keypoints.reading.point_lists import (
    POINT_SCORES,
    SCORE_KEYS,
    person_points,
)
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.keypoints.reading.rows import column_of, plain_titles, recorded_rows
from anatomy_tf.skeletons import Skeleton

_COLUMNS = (*POINT_KEYS, *PEOPLE_KEYS, *synonyms_of("keypoints"), "pose", "landmark_list")
_SCORES = (*SCORE_KEYS, *synonyms_of("keypoint_scores"), *POINT_SCORES)
_SHOWN = 50
"""Lines in which a list is looked for: nobody may be seen in the first frames."""

_BEGINNINGS = ("[", "(", "{", "array(", "tensor(", "np.array(")
_SPELLING = {"(": "[", ")": "]", "'": '"', "none": "null", "nan": "NaN", "inf": "Infinity"}
_OF_PYTHON = re.compile(r"[()']|\b(none|nan|inf)\b", re.IGNORECASE)
_WRAPPED = re.compile(r"\b(?:np\.)?(?:array|tensor|(?:float|int)[0-9]+)\(([^()]*)\)")
_NO_COMMA = re.compile(r"(?<=[0-9.\]lN])\s+(?=[\[0-9+nN-])")
"""The blanks between two numbers or rows that NumPy prints; ``null`` and ``NaN`` are numbers."""
_NO_DECIMALS = re.compile(r"(?<=[0-9])\.(?![0-9])")
_LEFT_OUT = "..."


def marks(content: Content) -> Marks:
    """Return whether a table has a column of keypoints or joints, and whether lists stand there."""
    table: Table = content.value
    column, lists = _columns(table)
    others = column is None and (len(lists) >= FEWEST_POINTS or _axes(table, lists) is not None)
    return {
        "a column keypoints": column is not None or others,
        "lists in it": column in lists or others,
    }


def _columns(table: Table) -> tuple[int | None, list[int]]:
    """Return the column of keypoints, ``None`` without one, and all columns of lists."""
    header, *lines = table.first_rows(_SHOWN) or [[]]
    lists = [
        column
        for column in range(len(header))
        if any(row[column].startswith(_BEGINNINGS) for row in lines if len(row) > column)
    ]
    return column_of(plain_titles(header), _COLUMNS), lists


def _axes(table: Table, lists: list[int]) -> dict[str, int] | None:
    """Return the columns of lists of x, y and perhaps scores; ``None`` without one each."""
    titles = plain_titles(table.header())
    of_lists = {title: column for column, title in enumerate(titles) if column in lists}
    for word in ("", *(f"{word}_" for word in _COLUMNS)):
        if {f"{word}x", f"{word}y"} <= set(of_lists):
            scores = (of_lists.get(f"{word}{score}") for score in (*POINT_SCORES, *_SCORES))
            seen = next((column for column in scores if column is not None), None)
            axes = {axis: of_lists[f"{word}{axis}"] for axis in "xy"}
            return axes if seen is None else {**axes, "visible": seen}
    return None


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame; a cell without a list is nobody."""
    table: Table = content.value
    column, lists = _columns(table)
    axes = None if column is not None else _axes(table, lists)
    if axes is not None:
        return _rows_of_axes(table, axes, given)
    if column is None and len(lists) >= FEWEST_POINTS:
        return _rows_of_joints(table, lists, given)
    if column is None:
        raise AnatomyError(f"{table.path}: expected a column of keypoints")
    titles = plain_titles(table.header())
    scores = column_of(titles, _SCORES)

    def people(row: list[str], where: str, place: str, track: str | None) -> list[Detection]:
        found = people_in(_value(row[column], where))
        apart = None if scores is None else _value(row[scores], where)
        if apart is not None and len(found) > 1:
            raise AnatomyError(f"{where}: expected one person beside {titles[scores or 0]}")
        points = (person_points(person, where, scores=apart, given=given) for person in found)
        return [Detection(of_person, place, track) for of_person in points]

    return dataclasses.replace(recorded_rows(table, column, people), bare=True)


def _rows_of_axes(table: Table, axes: dict[str, int], given: Skeleton | None) -> Recording:
    """Return the person of each line, whose x, y and scores have a column each."""

    def people(row: list[str], where: str, place: str, track: str | None) -> list[Detection]:
        of_axis = {axis: _value(row[column], where) for axis, column in axes.items()}
        if not any(of_axis.values()):
            return []
        return [Detection(person_points(of_axis, where, given=given), place, track)]

    return recorded_rows(table, min(axes.values()), people)


def _rows_of_joints(table: Table, joints: list[int], given: Skeleton | None) -> Recording:
    """Return the person of each line, whose joints have a column each."""
    header = table.header()

    def people(row: list[str], where: str, place: str, track: str | None) -> list[Detection]:
        places = [_value(row[joint], where) for joint in joints]
        if not any(places):
            return []
        return [Detection(person_points(places, where, given=given), place, track)]

    recording = recorded_rows(table, joints[0], people)
    return dataclasses.replace(recording, names=tuple(header[joint] for joint in joints))


def _value(cell: str, where: str) -> Any:
    """Return the list in a cell; ``None`` where there is none."""
    if not cell.startswith(_BEGINNINGS):
        return None
    if _LEFT_OUT in cell:
        raise AnatomyError(
            f"{where}: the array was shortened to ... when it was printed; write it by .tolist()"
        )
    text = _WRAPPED.sub(lambda match: _unwrapped(match[1]), cell)
    text = _OF_PYTHON.sub(lambda match: _SPELLING[match[0].lower()], text)
    text = _NO_DECIMALS.sub(".0", _NO_COMMA.sub(",", text))
    with reading(where, "list of numbers"):
        return json.loads(text)


def _unwrapped(text: str) -> str:
    """Return the list or number that Python's name of a type surrounds, without its options."""
    return text[: text.rindex("]") + 1] if "]" in text else text


READER = Reader("table", marks, parse)
