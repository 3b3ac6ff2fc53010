"""Tables in JSON whose cells hold keypoints, as columns or in pandas' orientations."""

from __future__ import annotations

from typing import Any

from anatomy_tf.formats.keypoints.reading.json_people import (
    FRAME_KEYS,
    POINT_KEYS,
    is_points,
    names_frame,
)
from anatomy_tf.formats.keypoints.reading.json_records import of_columns, records
from anatomy_tf.formats.keypoints.reading.point_lists import TRACK_KEYS
from anatomy_tf.formats.keypoints.reading.times import TIME_KEYS
from anatomy_tf.formats.stated import FACTS


def lines_of_table(content: Any) -> Any:
    """Return a table whose cells hold keypoints as an object with a list of its lines.

    The lines of other tables have no lists (``json_table``). Columns stand beside the file's facts.
    """
    if not isinstance(content, dict):
        return content
    lines = _split_or_by_number(content)
    facts = {key: content[key] for key in FACTS if key in content}
    if lines is None:
        columns = _columns(content)
        facts = {key: value for key, value in content.items() if key not in columns}
        lines = of_columns(columns)
    if not lines or not any(isinstance(line.get(k), list) for line in lines for k in POINT_KEYS):
        return content
    return {**facts, "frames": [{_singular(key): v for key, v in line.items()} for line in lines]}


def _split_or_by_number(content: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the lines of a table in two of pandas' orientations; ``None`` without them.

    Objects by the line's number are lines if they name their frames, which the numbers are not.
    """
    lines = records(content)
    if lines is not None and ("columns" in content or "data" not in content):
        return lines if "columns" in content or all(map(names_frame, lines)) else None
    return None


def _columns(content: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a table, which are as long as that of frames, times or keypoints.

    Keypoints alone are a column where they come by the line's number, as pandas writes them; in a
    list they may be the people of one frame.
    """
    numbered = next((content[k] for k in content if _numbers_lines(k, content[k])), None)
    if numbered is None:
        points = (content[key] for key in POINT_KEYS if isinstance(content.get(key), dict))
        numbered = next((p for p in points if p and all(map(_is_persons, p.values()))), None)
    if numbered is None:
        return {}
    return {
        key: value
        for key, value in content.items()
        if type(value) is type(numbered) and len(value) == len(numbered) and key not in FACTS
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
