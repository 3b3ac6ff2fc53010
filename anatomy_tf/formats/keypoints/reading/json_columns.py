"""Tables in JSON whose cells hold keypoints, as columns or in pandas' orientations."""

from __future__ import annotations

import re
from typing import Any

from anatomy_tf.formats.keypoints.reading.json_people import (
    FRAME_KEYS,
    POINT_KEYS,
    is_points,
    names_frame,
)
from anatomy_tf.formats.keypoints.reading.json_records import of_columns, records
from anatomy_tf.formats.keypoints.reading.point_lists import SCORE_AT, TRACK_KEYS
from anatomy_tf.formats.keypoints.reading.times import TIME_KEYS
from anatomy_tf.formats.stated import FACTS, stated_rate

_FEWEST_JOINTS = 5


def lines_of_table(content: Any) -> Any:
    """Return a table whose cells hold keypoints as an object with a list of its lines.

    The lines of other tables have no lists (``json_table``). Columns stand beside the file's facts.
    """
    if not isinstance(content, dict):
        return content
    by_joint = _lines_by_joint(content)
    if by_joint is not None:
        return by_joint
    lines = _split_or_by_number(content)
    facts = {key: content[key] for key in FACTS if key in content}
    if lines is None:
        columns = _columns(content)
        facts = {key: value for key, value in content.items() if key not in columns}
        lines = of_columns(columns)
    if not lines or not any(isinstance(line.get(k), list) for line in lines for k in POINT_KEYS):
        return content
    return {**facts, "frames": [{_singular(key): v for key, v in line.items()} for line in lines]}


def _lines_by_joint(content: dict[str, Any]) -> dict[str, Any] | None:
    """Return joints' lists of their places as an object with a list of frames; ``None`` without.

    A list has a place a frame: ``[x, y]``, ``[x, y, score]`` or ``{"x": ..., "y": ...}``; or x and
    y have lists of their own. The joints may stand under a key of keypoints.
    """
    inside = (content[key] for key in POINT_KEYS if isinstance(content.get(key), dict))
    joints = next(inside, {key: v for key, v in content.items() if isinstance(v, list | dict)})
    places = {name: _places(value) for name, value in joints.items()}
    columns = {name: listed for name, listed in places.items() if listed}
    if len(columns) < _FEWEST_JOINTS or all(re.search(r"[0-9]", name) for name in columns):
        # Names with numbers are those of frames.
        return None
    numbered = {
        _singular(key): value for key, value in content.items() if _numbers_lines(key, value)
    }
    lines = of_columns({**numbered, **columns})
    facts = {key: v for key, v in content.items() if v is not joints and key not in columns}
    return None if lines is None else {**facts, "frames": lines}


def _places(value: Any) -> list[Any]:
    """Return the places of a joint, one a frame; empty where a value is something else."""
    if isinstance(value, dict):
        axes = {"x", "y"} <= set(value) and all(isinstance(value[axis], list) for axis in "xy")
        rows = of_columns(value) if axes else None
        return list(rows or [])
    listed = value if isinstance(value, list) else []
    first = next((place for place in listed if place is not None), None)
    if isinstance(first, dict):
        return listed if {"x", "y"} <= set(first) and "keypoints" not in first else []
    row = first if isinstance(first, list) and len(first) in SCORE_AT else [None]
    return listed if type(row[0]) in (int, float) else []


def _split_or_by_number(content: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the lines of a table in two of pandas' orientations; ``None`` without them.

    Objects by line number are lines only if they name their frames; else the numbers may be the
    frames' own.
    """
    lines = records(content)
    if lines is None or "columns" in content:
        return lines
    return lines if "data" not in content and all(map(names_frame, lines)) else None


def _columns(content: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a table, which are as long as that of frames, times or keypoints.

    Keypoints alone are a column where they come by the line's number, as pandas writes them, or
    beside a frame rate; in another list they may be the people of one frame.
    """
    numbered = next((content[k] for k in content if _numbers_lines(k, content[k])), None)
    if numbered is None:
        points = (content[key] for key in POINT_KEYS if isinstance(content.get(key), dict))
        numbered = next((p for p in points if p and all(map(_is_persons, p.values()))), None)
    if numbered is None and stated_rate(content) is not None:
        # With a rate they are a video's, not those of the people in one picture.
        listed = (content[key] for key in POINT_KEYS if isinstance(content.get(key), list))
        numbered = next((p for p in listed if p and all(map(_is_persons, p))), None)
    if numbered is None:
        return {}
    return {
        key: value
        for key, value in content.items()
        if type(value) is type(numbered)
        and len(value) == len(numbered)
        and not (key in FACTS or key.endswith("_names"))
    }


def _numbers_lines(key: str, column: Any) -> bool:
    """Return whether a column has the frames or times of lines."""
    cells = list(column.values()) if isinstance(column, dict) else column
    known = _singular(key) in (*FRAME_KEYS, *TIME_KEYS)
    return known and isinstance(cells, list) and all(type(c) in (int, float, str) for c in cells)


def _is_persons(value: Any) -> bool:
    """Return whether a value is a person's points, those of several people, or nobody's."""
    people = value if isinstance(value, list) else [value]
    return value is None or is_points(value) or all(map(is_points, people))


def _singular(key: str) -> str:
    """Return a column's title in the singular where a line knows it so: ``frames, track_ids``."""
    one = key.removesuffix("s")
    return one if one in (*FRAME_KEYS, *TRACK_KEYS) else key
