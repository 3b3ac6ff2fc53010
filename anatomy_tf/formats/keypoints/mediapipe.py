"""Pose landmarks of MediaPipe in JSON, a list with one entry a frame.

MediaPipe writes no file itself. An entry is a result as its interfaces document it: an object with
``landmarks`` (Tasks for the web, ``PoseLandmarkerResult``) or ``pose_landmarks`` (Tasks for
Python), a list of people, each 33 landmarks ``{"x", "y", "z", "visibility"}``; or the older
``NormalizedLandmarkList`` as JSON, an object ``landmark`` with one person's landmarks; or ``null``
or an empty list where nobody was found. x and y are shares of the image's width and height.
``visibility``, the likelihood that a landmark is seen, is taken as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import json_head, number_array, read_json
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.formats.stated import required_image_size
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import BLAZEPOSE_33, Skeleton

PEOPLE = ("landmarks", "pose_landmarks", "poseLandmarks")
ONE_PERSON = "landmark"


def is_mediapipe(path: Path) -> bool:
    """Whether the file begins like a list of results."""
    empty = r"((null|\{\s*\}|\[\s*\])\s*,\s*)*"
    return json_head(path, rf'\[\s*{empty}\{{\s*"({"|".join((*PEOPLE, ONE_PERSON))})"')


def load_mediapipe(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video.

    Raises:
        AnatomyError: when the file is malformed, or something is neither in it nor given.
    """
    content = read_json(path)
    if not isinstance(content, list) or not content:
        raise AnatomyError(f"{path}: expected a list with a result of MediaPipe for each frame")
    size = required_image_size(image_size, path)
    frames = {}
    for number, result in enumerate(content):
        where = f"{path}: frame {number}"
        people = _people(result, where)
        frames[number] = [_person(landmarks, size, where) for landmarks in people]
    layout = skeleton or BLAZEPOSE_33
    return tracked_people(path, frames, skeleton=layout, fps=fps, image_size=size)


def _people(result: Any, where: str) -> list[Any]:
    if not result:
        return []
    if isinstance(result, dict):
        if ONE_PERSON in result:
            return [result[ONE_PERSON]]
        for name in PEOPLE:
            if isinstance(result.get(name), list):
                return [person for person in result[name] if person]
    raise AnatomyError(f"{where}: expected an object with {', '.join(PEOPLE)} or {ONE_PERSON}")


def _person(landmarks: Any, size: tuple[int, int], where: str) -> Detection:
    if not isinstance(landmarks, list) or not all(isinstance(m, dict) for m in landmarks):
        raise AnatomyError(f"{where}: expected a list of landmarks for each person")
    rows = [[mark.get("x"), mark.get("y"), mark.get("visibility")] for mark in landmarks]
    values = number_array(rows, (None, 3), f"{where}: x, y, visibility")
    points = detected_points(values[:, :2] * size, values[:, 2], where)
    return Detection(points, where.rpartition(": ")[2])
