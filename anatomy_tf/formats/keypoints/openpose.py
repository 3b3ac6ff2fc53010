"""OpenPose JSON: a folder with one file for each frame (the 1.x layout), or a list of frames.

A frame is ``{"people": [{"pose_keypoints_2d": [x0, y0, score0, x1, ...]}, ...]}``. The files state
neither the layout nor the frame rate nor the image size. Positions are pixels, or shares of the
image as ``--keypoint_scale`` 3 and 4 write them; ``person_id`` from 0 on names a person. Pose2Sim
writes the points of other detectors like this, and editors of ControlNet a list of frames with
``canvas_width`` and ``canvas_height``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import is_landmarks
from anatomy_tf.formats.keypoints.reading.point_lists import keypoints_of, stated_track
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton

PEOPLE = ("people", "bodies")
"""Keys of a frame's people; AlphaPose's ``--format cmu`` calls them bodies."""

POINTS = ("pose_keypoints_2d", "joints", "pose_keypoints")
"""Keys of a person's points: OpenPose's, AlphaPose's for ``--format cmu``, and OpenPose 1.0's."""


def marks(content: Content) -> Marks:
    """Return whether frames list people, and whether people have OpenPose's points."""
    frames: JsonFrames = content.value
    lists = [_people(frame.value) for frame in frames.entries]
    first = next((p for people in lists if isinstance(people, list) for p in people), None)
    return {
        '"people"': any(people is not None for people in lists),
        '"pose_keypoints_2d"': first is None or _key(first) is not None,
    }


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the detections of each frame."""
    frames: JsonFrames = content.value

    def people(frame: Frame) -> Iterator[Detection]:
        listed = [] if frame.value is None else _people(frame.value)
        if not isinstance(listed, list):
            raise AnatomyError(f'{frame.where}: expected OpenPose\'s {{"people": [...]}}')
        for person in listed:
            if person is not None:
                key = _key(person) or POINTS[0]
                points = keypoints_of(person, frame.where, key=key, given=given)
                yield Detection(points, frame.place, stated_track(person, frame.where))

    return Recording(frames.detections(people), centred=True, **frames.facts())


def _people(frame: Any) -> Any:
    """Return a frame's list of people; ``None`` where it has none, empty where it is ``null``."""
    return next((frame[k] or [] for k in PEOPLE if isinstance(frame, dict) and k in frame), None)


def _key(person: Any) -> str | None:
    """Return the key of a person's numbers; points as objects are of other formats."""
    keys = [key for key in POINTS if isinstance(person, dict) and key in person]
    return next((key for key in keys if not is_landmarks(person[key])), None)


READER = Reader("json", marks, parse)
