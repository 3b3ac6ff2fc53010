"""Keypoints of one person in JSON: flat or in rows, with scores, without or apart from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array, shown
from anatomy_tf.formats.keypoints.reading.detections import BODY_OF, detected_points
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names

LARGEST_TRACK = 1e15
TRACK_KEYS = ("idx", "track_id", "person_id", "instance_id")


SCORE_KEYS = ("keypoint_scores", "keypoints_scores", "scores", "confidences")
"""What a person calls scores that stand apart from the keypoints."""


def keypoints_of(
    person: Any, where: str, *, key: str = "keypoints", given: Skeleton | None = None
) -> NDArray[np.float32]:
    """Return (K, 3) x, y and score of a person, an object that may have scores apart.

    Raises:
        AnatomyError: when the person has no such keypoints, see ``person_points``.
    """
    if not isinstance(person, dict) or key not in person:
        raise AnatomyError(f'{where}: expected "{key}" of each person')
    listed = (person.get(name) for name in SCORE_KEYS)
    scores = next((value for value in listed if isinstance(value, list)), None)
    return person_points(person[key], f"{where}: {key}", scores=scores, given=given)


def person_points(
    keypoints: Any, where: str, *, scores: Any = None, given: Skeleton | None = None
) -> NDArray[np.float32]:
    """Return (K, 3) x, y and score of a person's keypoints.

    Args:
        keypoints: ``[x0, y0, score0, x1, ...]`` or ``[x0, y0, x1, ...]``, or rows ``[x, y]`` or
            ``[x, y, score]``; a number or row that is ``null`` or NaN is missing. ``None`` and an
            empty list are nobody.
        where: the file and place, for messages.
        scores: a list of K numbers where they stand apart; ``None``: all are visible.
        given: the layout that the caller states, whose number of keypoints may be in pairs.

    Raises:
        AnatomyError: for anything else.
    """
    if keypoints is None or keypoints == []:
        return np.empty((0, 3), np.float32)
    listed = keypoints if isinstance(keypoints, list) else []
    apart = len(scores) if isinstance(scores, list) else -1
    # As many as there are scores are rows, even where all are null.
    first = next((row for row in listed if row is not None), None)
    if isinstance(first, list) or len(listed) == apart:
        width = max((len(row) for row in listed if isinstance(row, list)), default=2)
        rows = [[None] * width if row is None else row for row in keypoints]
        values = number_array(rows, (None, None), where, gaps=True)
        if values.shape[1] not in (2, 3):
            raise AnatomyError(f"{where}: expected x, y or x, y, score, got {values.shape[1]}")
    else:
        numbers = number_array(keypoints, (None,), where, gaps=True)
        width = 2 if len(numbers) == 2 * apart or _in_pairs(len(numbers), given) else 3
        if len(numbers) % width:
            raise AnatomyError(
                f"{where}: expected x, y, score a keypoint, got {len(numbers)} numbers"
            )
        values = numbers.reshape(-1, width)
    if scores is not None:
        third = number_array(scores, (len(values),), f"{where}: scores", gaps=True)
    else:
        third = values[:, 2] if values.shape[1] == 3 else np.ones(len(values))
    return detected_points(values[:, :2], third, where)


def _in_pairs(count: int, given: Skeleton | None) -> bool:
    if count % 2 or (count % 3 == 0 and count // 3 in BODY_OF):
        return False
    known = set(BODY_OF) | {get_skeleton(name).joint_count for name in skeleton_names()}
    if given is not None:
        known = {given.joint_count, *(n for n, body in BODY_OF.items() if body == given)}
    return count / 2 in known and count / 3 not in known


def stated_track(person: dict[str, Any], where: str) -> str | None:
    """Return who a person is as the detector says, by one of ``TRACK_KEYS``.

    A number or text, or a list that begins with one. ``null``, an empty text or list and negative
    numbers say nothing. CVAT puts the track into ``attributes``.

    Raises:
        AnatomyError: for anything else.
    """
    attributes = person.get("attributes")
    for source in (person, attributes if isinstance(attributes, dict) else {}):
        for key in TRACK_KEYS:
            value: Any = source.get(key)
            while isinstance(value, list) and value:
                value = value[0]
            if value is None or value == [] or value == "":
                continue
            if isinstance(value, str):
                return value
            if type(value) not in (int, float) or not abs(value) < LARGEST_TRACK:
                raise AnatomyError(f"{where}: expected a number or text {key}, got {shown(value)}")
            if value >= 0:
                return f"{value:.15g}"
    return None
