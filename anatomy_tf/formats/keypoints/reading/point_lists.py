"""Keypoints of one person in JSON: flat or in rows, with, without or apart from scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array, shown
from anatomy_tf.formats.keypoints.reading.detections import BODY_OF, detected_points
from anatomy_tf.formats.keypoints.reading.known_keys import FEWEST_POINTS
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names

LARGEST_TRACK = 1e15
TRACK_KEYS = (
    *("idx", "track_id", "person_id", "instance_id", "track", "person", "person_idx"),
    *("person_index", "object_id", "pid", "id_", "id"),
)
"""Keys of a person's identity."""

SCORE_AT: Mapping[int, int | None] = {2: None, 3: 2, 4: 3, 5: 3}
"""The place of the score in a point of so many numbers: x, y; x, y, score; x, y, z, visibility or
x, y, logit, probability; x, y, z, visibility, presence."""

SCORE_KEYS = ("keypoint_scores", "keypoints_scores", "scores", "confidences")
"""Keys of a person's scores where they are apart from the keypoints."""

POINT_SCORES = (
    *("visibility", "score", "confidence", "likelihood", "in_frame_likelihood", "conf", "vis"),
    *("visible", "prob", "probs", "probability", "c", "s", "p", "v"),
)
"""Words for the score of a keypoint, in the order in which they are looked for. A person's score
may have the same name; it is no list."""


def keypoints_of(
    person: Any, where: str, *, key: str = "keypoints", given: Skeleton | None = None
) -> NDArray[np.float32]:
    """Return x, y and score (K, 3) of a person, an object that may have scores apart.

    Raises:
        AnatomyError: when the person has no such keypoints, see ``person_points``.
    """
    if not isinstance(person, dict) or key not in person:
        raise AnatomyError(f'{where}: expected "{key}" of each person')
    return person_points(person[key], f"{where}: {key}", scores=_apart(person, key), given=given)


def _apart(person: dict[str, Any], key: str) -> list[Any] | None:
    """Return a person's list of scores; one of a word for a keypoint's has one for each."""
    count = len(person[key]) if isinstance(person[key], list) else 0
    listed = (person.get(name) for name in SCORE_KEYS)
    found = next((value for value in listed if isinstance(value, list)), None)
    named = (person.get(name) for name in POINT_SCORES)
    fitting = (v for v in named if isinstance(v, list) and v and count in (len(v), 2 * len(v)))
    return next(fitting, None) if found is None else found


def person_points(
    keypoints: Any, where: str, *, scores: Any = None, given: Skeleton | None = None
) -> NDArray[np.float32]:
    """Return x, y and score (K, 3) of a person's keypoints.

    Args:
        keypoints: ``[x0, y0, score0, x1, ...]`` or ``[x0, y0, x1, ...]``, or rows ``[x, y]``,
            ``[x, y, score]`` or longer (``SCORE_AT``), also after the point's number; a number or
            row that is ``null`` or NaN is missing. ``None`` and an empty list are nobody. Or an
            object with the lists ``x``, ``y`` and perhaps ``visible``, as Ultralytics writes it.
        where: the file and place, for messages.
        scores: a list of K numbers where scores are apart; ``None``: all are visible.
        given: the layout that the caller states, by which flat pairs are recognised.

    Raises:
        AnatomyError: for anything else.
    """
    if keypoints is None or keypoints == []:
        return np.empty((0, 3), np.float32)
    if isinstance(keypoints, dict):
        return _points_by_axis(keypoints, where, scores)
    listed = keypoints if isinstance(keypoints, list) else []
    apart = len(scores) if isinstance(scores, list) and scores else -1
    # A list of as many values as scores is one of points, even if all of them are null.
    first = next((row for row in listed if row is not None), None)
    if isinstance(first, list) or len(listed) == apart:
        width = len(first) if isinstance(first, list) else 2
        rows = [[None] * width if row is None else row for row in listed]
        values = number_array(rows, (None, None), where, gaps=True)
        if values.shape[1] not in SCORE_AT:
            raise AnatomyError(f"{where}: expected x, y or x, y, score, got {values.shape[1]}")
        values = without_numbers(values)
    else:
        numbers = number_array(keypoints, (None,), where, gaps=True)
        width = 2 if len(numbers) == 2 * apart else numbers_a_point(len(numbers), where, given)
        values = numbers.reshape(-1, width)
    at = SCORE_AT[values.shape[1]]
    if scores is not None:
        third = number_array(scores, (len(values),), f"{where}: scores", gaps=True)
    else:
        third = np.ones(len(values)) if at is None else values[:, at]
    return detected_points(values[:, :2], third, where)


def without_numbers(values: NDArray[Any]) -> NDArray[Any]:
    """Return points without their numbers, where each begins with it.

    Scripts around MediaPipe write ``[id, x, y]``. Coordinates do not count 0, 1, 2, ... from point
    to point.

    Args:
        values: (..., K, C) points in the order of their numbers, if they have them.
    """
    count, width = values.shape[-2:]
    if width < 3 or count < FEWEST_POINTS or not values.size:
        return values
    numbers = values[..., 0] - np.arange(count)
    # A row that is null has none.
    numbers = numbers[~np.isnan(numbers)]
    counts = numbers.size >= FEWEST_POINTS and ((numbers == 0).all() or (numbers == 1).all())
    return values[..., 1:] if counts else values


def _points_by_axis(axes: dict[str, Any], where: str, scores: Any) -> NDArray[np.float32]:
    x = number_array(axes.get("x"), (None,), f"{where}: x", gaps=True)
    y = number_array(axes.get("y"), (len(x),), f"{where}: y", gaps=True)
    given = next((v for v in (scores, axes.get("visible")) if v is not None), [1] * len(x))
    seen = number_array(given, (len(x),), f"{where}: visible", gaps=True)
    return detected_points(np.column_stack([x, y]), seen, where)


def numbers_a_point(count: int, where: str, given: Skeleton | None) -> int:
    """Return how many numbers a point has in a flat list of ``count``; 3 where any would do.

    Raises:
        AnatomyError: when no layout has so many numbers, and neither are they triples.
    """
    width = fitting_width(count, given)
    if width is None and count % 3:
        raise AnatomyError(f"{where}: expected x, y, score a keypoint, got {count} numbers")
    return width or 3


def fitting_width(count: int, given: Skeleton | None) -> int | None:
    """Return how many numbers a point has if a layout has ``count`` numbers; ``None`` without one.

    No two layouts of this package have equally many with 2 to 5 numbers a point.

    Args:
        count: the numbers of a person.
        given: the only layout that comes into question.
    """
    bodies = {n for n, body in BODY_OF.items() if given in (None, body)}
    stated = {get_skeleton(name).joint_count for name in skeleton_names()}
    known = bodies | (stated if given is None else {given.joint_count})
    fitting = (w for w in (3, 2, 4, 5) if count % w == 0 and count // w in known)
    return next(fitting, None)


def stated_track(person: dict[str, Any], where: str) -> str | None:
    """Return a person's track that the detector states, by one of ``TRACK_KEYS``.

    It is a number or text, or a list that begins with one. ``null``, an empty text or list and
    negative numbers state no track. CVAT puts the track into ``attributes``. An ``id`` beside an
    ``image_id`` is that of the annotation.

    Raises:
        AnatomyError: for anything else.
    """
    attributes = person.get("attributes")
    for source in (person, attributes if isinstance(attributes, dict) else {}):
        for key in TRACK_KEYS:
            value: Any = None if key == "id" and "image_id" in person else source.get(key)
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
