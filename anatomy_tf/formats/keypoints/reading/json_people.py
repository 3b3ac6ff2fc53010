"""The people in a frame of JSON, and the keys by which frames, people and points are known."""

from __future__ import annotations

from typing import Any

from anatomy_tf.files.json_file import shown
from anatomy_tf.formats.keypoints.reading.known_keys import FEWEST_NUMBERS, NUMBERS
from anatomy_tf.formats.keypoints.reading.point_lists import (
    POINT_SCORES,
    SCORE_AT,
    SCORE_KEYS,
    TRACK_KEYS,
)
from anatomy_tf.formats.keypoints.reading.times import TIME_KEYS
from anatomy_tf.formats.stated import FACTS, INSIDE, NAME_KEYS

FRAME_KEYS = (
    *("image_id", "frame_id", "frame", "frame_idx", "frame_index", "frame_number"),
    *("frame_num", "frame_no", "frame_nr", "frame_i", "frameid", "frame_count", "img_id"),
    *("image_name", "file_name", "filename", "image", "image_path", "img_name", "img_path"),
)
"""Keys of an entry's frame, which is a number or the name of an image."""

LIST_KEYS = (
    *("frames", "instance_info", "results", "predictions", "detections"),
    *("data", "frame_data", "sequence"),
)
"""Keys of an object's list of entries."""

PEOPLE_KEYS = (
    *("people", "instances", "bodies", "persons", "predictions", "detections", "poses", "results"),
    *("landmarks", "pose_landmarks", "poseLandmarks", "all_pose_landmarks"),
    # Trackers' detections, EasyMocap's annotations, and MMPose's and Sapiens' file an image.
    *("objects", "annots", "instance_info"),
)
"""Keys of a frame's list of people."""

POINT_KEYS = ("keypoints", "pose_keypoints_2d", "joints", "landmark")
"""Keys of a person's keypoints."""

POINT_TYPES = ("type", "landmark_type")
"""Keys of a point's name or number, as ML Kit has them."""

KNOWN_KEYS = {
    *POINT_TYPES,
    *(*FRAME_KEYS, *LIST_KEYS, *PEOPLE_KEYS, *POINT_KEYS),
    *(*TIME_KEYS, *TRACK_KEYS, *SCORE_KEYS, *POINT_SCORES, *FACTS, *INSIDE, *NAME_KEYS, *NUMBERS),
}
"""Keys that are known in any spelling."""


def people_key(frame: Any) -> str | None:
    """Return the key of a frame's list of people; ``None`` where it has none."""
    return next((k for k in PEOPLE_KEYS if k in frame), None) if isinstance(frame, dict) else None


def names_frame(entry: Any) -> bool:
    """Return whether an entry states its frame by number or name."""
    return isinstance(entry, dict) and any(type(entry.get(k)) in (int, str) for k in FRAME_KEYS)


def people_in(frame: Any) -> list[Any]:
    """Return the people of a frame, in any form; ``null`` is nobody.

    A frame is a list of people, an object with such a list, also as its keypoints, or one person.
    """
    key = people_key(frame)
    found = frame if key is None else frame[key]
    if isinstance(found, dict) and are_flat_people(points := _points(found)):
        return points
    if not found or (key is None and _is_number_alone(found)):
        return []
    if not isinstance(found, list) or is_landmarks(found) or is_points(found):
        return [found]
    people = [person for person in found if person is not None]
    if people and all(isinstance(p, list) and not is_landmarks(p) for p in people):
        if any(map(is_points, people)):
            return people
        # A list of images in a result of one image.
        return [person for image in people for person in image if person is not None]
    return people


def _points(person: dict[str, Any]) -> Any:
    return next((person[key] for key in POINT_KEYS if key in person), None)


def are_flat_people(value: Any) -> bool:
    """Return whether a value is a list of people, each a flat list of numbers."""
    people = [person for person in value if person] if isinstance(value, list) else []
    return bool(people) and all(is_points(p) and not isinstance(p[0], list) for p in people)


def _is_number_alone(value: Any) -> bool:
    """Return whether a value states a frame or time and no more, as where nobody was found."""
    return isinstance(value, dict) and not any(
        key in POINT_KEYS or isinstance(inner, list | dict) for key, inner in value.items()
    )


def is_landmarks(value: Any) -> bool:
    """Return whether a value is a list of points with names, ``{"x": ..., "y": ...}``."""
    # A box that a detector gives by its middle has keypoints beside.
    return isinstance(value, list) and any(
        isinstance(p, dict) and {"x", "y"} <= set(p) and "keypoints" not in p for p in value
    )


def is_points(value: Any) -> bool:
    """Return whether a value is a list of points without names: ``[x, y, ...]`` each, or flat."""
    listed = value if isinstance(value, list) else ()
    first = next((entry for entry in listed if entry is not None), None)
    if type(first) in (int, float):
        return len(listed) >= FEWEST_NUMBERS and all(map(_is_number, listed))
    return isinstance(first, list) and len(first) in SCORE_AT and all(map(_is_number, first))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float, type(None))


def described(content: Any) -> str:
    """Return a description of a JSON value in a few words."""
    if isinstance(content, dict):
        return f"a JSON object {_keys(content)}"
    if not isinstance(content, list):
        return f"JSON that is {shown(content)}"
    if not content:
        return "an empty JSON list"
    first = next((value for value in content if value), content[0])
    if isinstance(first, dict):
        return f"a JSON list of objects {_keys(first)}"
    if isinstance(first, list):
        inner = next((value for value in first if value), None)
        kind = f"objects {_keys(inner)}" if isinstance(inner, dict) else "numbers or lists"
        return f"a JSON list of lists of {kind}"
    return "a JSON list of numbers or texts"


def _keys(value: dict[str, Any]) -> str:
    names = [f"{key:.20}" for key in list(value)[:4]]
    return (
        f"with {', '.join(names)}{', ...' if len(value) > 4 else ''}" if names else "without keys"
    )
