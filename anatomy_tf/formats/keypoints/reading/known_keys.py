"""The spelling of keys in JSON: ``frameNumber``, ``FrameNumber`` and ``frame number`` are one.

So are ``kps``, ``kpts`` and ``keypoints``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from anatomy_tf.files.json_file import number_in

_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BLANKS = re.compile(r"[\s-]+")

_DEEPEST = 7
"""Lists and objects in which keys are looked for; a frame's people's points are 6 deep."""

SYNONYMS = {
    **dict.fromkeys(("kps", "kpts", "kpt", "keypoint", "key_points", "kp"), "keypoints"),
    **dict.fromkeys(("keypoints_2d", "keypoints2d", "keypoints2_d", "kpts_2d"), "keypoints"),
    **dict.fromkeys(("keypoints_xy", "keypoints_xyc", "kpts_xy", "keypoint_coords"), "keypoints"),
    **dict.fromkeys(("pose_2d", "pose2d", "pose2_d", "skeleton_2d"), "keypoints"),
    **dict.fromkeys(("body_keypoints", "lm_list", "lmlist", "landmark_list"), "keypoints"),
    **dict.fromkeys(("joints_2d", "joints2d", "joints2_d", "joint_positions"), "keypoints"),
    **dict.fromkeys(("points_2d", "xy", "xyn"), "keypoints"),
    # These may be an outline or a box beside one of the others.
    **dict.fromkeys(("points", "pts", "coords", "coordinates"), "keypoints"),
    **dict.fromkeys(("keypoint_score", "keypoints_score", "kpt_score"), "keypoint_scores"),
    **dict.fromkeys(("kpt_scores", "kpts_score", "kpts_scores"), "keypoint_scores"),
    **dict.fromkeys(("kps_score", "kps_scores", "keypoint_confidence"), "keypoint_scores"),
    **dict.fromkeys(("keypoint_confidences", "keypoint_conf", "kpt_conf"), "keypoint_scores"),
    **dict.fromkeys(("keypoints_conf", "keypoints_confidence", "kpts_conf"), "keypoint_scores"),
    **dict.fromkeys(("joint_scores", "joint_confidences"), "keypoint_scores"),
}
"""Other words of scripts for the keys of people's points and scores, those that mean it most surely
first."""

_RANKS = {word: rank for rank, word in enumerate(SYNONYMS, 1)}


def synonyms_of(key: str) -> tuple[str, ...]:
    """Return the other words for a key."""
    return tuple(word for word, meant in SYNONYMS.items() if meant == key)


_LISTS = ("joints", "landmarks", "body", "skeleton", "pose")
"""Words that mean the keypoints where a list of numbers or rows stands there, else other things.
Bones (``skeleton``) and a body model's angles (``pose``) stand beside one of the others."""

_INSIDE = ("position", "location", "point", "coordinate")
"""Keys of an object in a point that has its places, as PoseNet's, ML Kit's, Apple's Vision's and
TensorFlow Lite's."""

_FOLDED = {*_INSIDE, *_LISTS, "keypoints"}
"""Keys of an object of which something is unfolded."""

_NESTED = (dict, list)

FEWEST_NUMBERS = 12
"""Fewer numbers in a list are something else than a person, such as a box."""

FEWEST_POINTS = 5
"""Fewer points are something else than a person, such as a box's corners."""

NUMBERS = (
    *("x", "y", "z", "visibility", "score", "confidence", "likelihood", "in_frame_likelihood"),
)
"""Keys of numbers, which programs that know no NumPy write as texts."""


def spell(value: Any, known: Collection[str]) -> None:
    """Change keys of JSON in place to the known one that differs in spelling, or is a synonym.

    Args:
        value: the JSON value.
        known: keys in lower case with underscores, or as programs write them; those that are
            spelled like one of them are kept.
    """
    if isinstance(value, _NESTED):
        _spell(value, known, _PlainKeys(), 0)


class _PlainKeys(dict[str, str]):
    """Keys in lower case with underscores; a file has few different ones in many objects."""

    def __missing__(self, key: str) -> str:
        plain = _BLANKS.sub("_", _INNER_CAPITAL.sub("_", key)).lower()
        self[key] = plain
        return plain


def _spell(
    value: dict[str, Any] | list[Any], known: Collection[str], plain_keys: _PlainKeys, depth: int
) -> None:
    """Change the keys of a value that stands in this number of lists and objects."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        # Long lists of numbers are not looked through.
        if any(isinstance(entry, _NESTED) for entry in value[:8]):
            for entry in value:
                if isinstance(entry, _NESTED):
                    _spell(entry, known, plain_keys, depth + 1)
        return
    unknown = {key: plain_keys[key] for key in value if key not in known}
    for key, plain in sorted(unknown.items(), key=lambda entry: _RANKS.get(entry[1], 0)):
        meant = SYNONYMS.get(plain, plain)
        other = plain != meant == "keypoints" and not _may_be_points(value[key])
        if meant in known and meant not in value and not other:
            value[meant] = value.pop(key)
    for key, inner in value.items():
        if isinstance(inner, _NESTED):
            _spell(inner, known, plain_keys, depth + 1)
        elif isinstance(inner, str) and key in NUMBERS:
            number = number_in(inner)
            value[key] = inner if number is None else number
    if not _FOLDED.isdisjoint(value):
        _unfold(value)


def _may_be_points(value: Any) -> bool:
    """Return whether a value may be keypoints rather than a count, a place, a box or an outline."""
    row = value[0] if isinstance(value, list) and value else None
    if _is_number(row):
        return len(value) >= FEWEST_NUMBERS
    if isinstance(row, list) and row and _is_number(row[0]) and len(row) < FEWEST_NUMBERS:
        return len(value) >= FEWEST_POINTS
    return not _is_number(value)


def _unfold(value: dict[str, Any]) -> None:
    """Give points the places that stand in an object in them, and keypoints their name."""
    inner = next((value[key] for key in _INSIDE if isinstance(value.get(key), dict)), None)
    if inner is not None and "x" not in value and {"x", "y"} <= set(inner):
        value.update(x=inner["x"], y=inner["y"])
    points = value.get("keypoints")
    if isinstance(points, dict) and isinstance(points.get("keypoints"), list):
        # The lists of Ultralytics' ``result.keypoints``.
        value.update(points)
    for key in _LISTS:
        listed = value.get(key)
        row = listed[0] if isinstance(listed, list) and listed else None
        of_numbers = _is_number(row) or (isinstance(row, list) and row and _is_number(row[0]))
        if of_numbers and "keypoints" not in value and _may_be_points(listed):
            value["keypoints"] = value.pop(key)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
