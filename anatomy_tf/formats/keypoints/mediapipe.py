"""Pose landmarks of MediaPipe in JSON, a list with one entry for each frame.

MediaPipe writes no file itself. An entry is a result as its interfaces document it: an object with
``landmarks`` (Tasks for the web, ``PoseLandmarkerResult``) or ``pose_landmarks`` (Tasks for
Python), a list of people or one person, each 33 landmarks ``{"x", "y", "z", "visibility"}``; the
older ``NormalizedLandmarkList`` as JSON, an object ``landmark`` with one person's landmarks; the
bare list of a person's landmarks; or ``null`` or an empty list where nobody was found. x and y are
shares of the image's width and height, or pixels; places that the model guesses beyond the image's
edge are gaps. ``visibility``, the likelihood that a landmark is seen, or a score of another name is
taken as it is; without it all are visible. Landmarks that state their numbers as ``id`` may come in
any order. People's own programs write keypoints of other detectors like this, under ``keypoints``,
too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.keypoints import named_points
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import BODIES, Detection, Recording
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import (
    POINT_TYPES,
    is_landmarks,
    people_in,
)
from anatomy_tf.formats.keypoints.reading.point_lists import (
    POINT_SCORES,
    person_points,
    stated_track,
)
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton

_OF_PERSON = ("landmark", "landmarks", "pose_landmarks", "keypoints", "joints", "pose")
_NUMBERS = ("id", "index", "idx", "landmark_id", "landmark_index", "number", *POINT_TYPES)
LISTS = ("landmarks", "pose_landmarks", "poseLandmarks", "all_pose_landmarks")


def marks(content: Content) -> Marks:
    """Return whether people are lists of points with names."""
    frames: JsonFrames = content.value
    values = [frame.value for frame in frames.entries]
    empty = any(isinstance(v, dict) and set(LISTS) & set(v) for v in values)
    person = _landmarks(frames.first_person)
    unnamed = is_landmarks(person) and not all(named_points.marks(content).values())
    return {'landmarks {"x", "y"}': unnamed or (person is None and empty)}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    frames: JsonFrames = content.value

    def people(frame: Frame) -> Iterator[Detection]:
        for person in people_in(frame.value):
            marked = _landmarks(person)
            if marked == []:
                continue
            if not is_landmarks(marked) or not all(isinstance(m, dict | None) for m in marked):
                raise AnatomyError(f"{frame.where}: expected a list of landmarks for each person")
            known = _by_number([mark or {} for mark in marked])
            places = [[mark.get("x"), mark.get("y")] for mark in known]
            scored = [[mark.get(key) for mark in known] for key in POINT_SCORES]
            scores = next((s for s in scored if any(v is not None for v in s)), None)
            points = person_points(places, f"{frame.where}: x, y", scores=scores)
            track = stated_track(person, frame.where) if isinstance(person, dict) else None
            yield Detection(points, frame.place, track)

    return Recording(frames.detections(people), candidates=BODIES, **frames.facts())


def _landmarks(person: Any) -> Any:
    """Return the landmarks of a person, the list itself or an object that has it."""
    if not isinstance(person, dict):
        return person
    return next((person[key] for key in _OF_PERSON if key in person), person)


def _by_number(marked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return landmarks in the order of the numbers that all of them state, if they do."""
    for key in _NUMBERS:
        numbers: list[Any] = [mark.get(key) for mark in marked]
        if all(type(number) is int for number in numbers):
            first = min(numbers)
            if sorted(numbers) == list(range(first, first + len(numbers))):
                return sorted(marked, key=lambda mark: int(mark[key]))
    return marked


READER = Reader("json", marks, parse)
