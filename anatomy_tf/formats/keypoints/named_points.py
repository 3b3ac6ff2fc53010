"""JSON of keypoints with names, as TensorFlow.js, PoseNet, ml5 and people's own programs have them.

A person's keypoints are a list of ``{"name": "nose", "x": x, "y": y, "score": s}``, PoseNet's
``{"part": "nose", "position": {"x": x, "y": y}, "score": s}``, or an object by name,
``{"nose": {"x": x, "y": y}, "left_eye": [x, y, score], ...}``. They stand under ``keypoints``,
``landmarks``, ``joints`` or ``pose``, or are the frame's entry themselves. Roboflow calls the name
``class``. (TensorFlow.js: README
of ``pose-detection``; PoseNet: README of ``tfjs-models/posenet``.) Lists may be [x, y], [x, y,
score] or [x, y, z, visibility]. Joints are those of a layout by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array
from anatomy_tf.files.limits import JOINTS
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import POINT_KEYS, POINT_TYPES, people_in
from anatomy_tf.formats.keypoints.reading.named_keypoints import named_layout
from anatomy_tf.formats.keypoints.reading.point_lists import (
    POINT_SCORES,
    SCORE_AT,
    stated_track,
)
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton

_NAMES = (
    *("name", "part", "label", "joint", "landmark", "keypoint", "body_part", "bodyPart"),
    *("class", "class_name", *POINT_TYPES),
)
_FEWEST = 3
"""Objects with fewer points by name are something else, such as a box."""


def marks(content: Content) -> Marks:
    """Return whether people have keypoints with names."""
    frames: JsonFrames = content.value
    return {"keypoints with names": bool(_points_by_name(frames.first_person))}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame; keypoints are joints by name."""
    frames: JsonFrames = content.value
    people = [
        (frame, person, _points_by_name(person))
        for frame in frames.entries
        for person in people_in(frame.value)
    ]
    names = list(dict.fromkeys(name for *_, points in people for name in points))
    if not names:
        raise AnatomyError(f"{content.path}: expected keypoints with names")
    JOINTS.check(len(names), content.path)
    named_layout(names, given, content.path)
    by_frame: dict[int, list[Any]] = {}
    for frame, person, points in people:
        by_frame.setdefault(id(frame), []).append((person, points))

    def detections(frame: Frame) -> Iterator[Detection]:
        for person, points in by_frame.get(id(frame), ()):
            rows = [_row(points.get(name)) for name in names]
            values = number_array(rows, (None, 3), f"{frame.where}: x, y, score", gaps=True)
            found = detected_points(values[:, :2], values[:, 2], frame.where)
            track = stated_track(person, frame.where) if isinstance(person, dict) else None
            yield Detection(found, frame.place, track)

    return Recording(frames.detections(detections), **{**frames.facts(), "names": names})


def _points_by_name(person: Any) -> dict[str, Any]:
    """Return a person's points by name; empty where they have none."""
    for key in ("pose", *POINT_KEYS, "landmarks"):
        if isinstance(person, dict) and isinstance(person.get(key), dict | list):
            return _points_by_name(person[key])
    if isinstance(person, list):
        named = {_name(point): point for point in person if isinstance(point, dict)}
        return named if "" not in named and all(map(_is_point, named.values())) else {}
    if isinstance(person, dict):
        found = {name: point for name, point in person.items() if _is_point(point)}
        return found if len(found) >= _FEWEST else {}
    return {}


def _name(point: dict[str, Any]) -> str:
    return next((point[key] for key in _NAMES if isinstance(point.get(key), str)), "")


def _is_point(value: Any) -> bool:
    if isinstance(value, dict):
        return {"x", "y"} <= set(value)
    return isinstance(value, list) and len(value) in SCORE_AT and type(value[0]) in (int, float)


def _row(point: Any) -> list[Any]:
    """Return x, y and score of a point; without a score it is seen."""
    if point is None:
        return [None] * 3
    if isinstance(point, list):
        at = SCORE_AT[len(point)]
        return [*point[:2], 1 if at is None else point[at]]
    score = next((point[key] for key in POINT_SCORES if point.get(key) is not None), 1)
    return [point["x"], point["y"], score]


READER = Reader("json", marks, parse)
