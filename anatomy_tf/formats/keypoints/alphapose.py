"""AlphaPose's results JSON.

A list of detections, each ``{"image_id": "12.jpg", "keypoints": [x0, y0, score0, x1, ...],
"score": s, "box": [x, y, w, h], "idx": track}`` in pixels; ``idx`` is there when people were
tracked. Layout: AlphaPose's docs/output.md, "Output format"; keypoints are COCO's 17 or Halpe's 26,
or the 133 and 136 of whole bodies, of which the body is read.

PoseFlow's results are the same by image, ``{"12.jpg": [detection, ...]}``; data sets of tracked
people are by person and frame, ``{"1": {"0012": {"keypoints": [...]}}}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import BODIES, Detection, Recording
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import is_points, people_in
from anatomy_tf.formats.keypoints.reading.point_lists import (
    SCORE_KEYS,
    keypoints_of,
    stated_track,
)
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton


def marks(content: Content) -> Marks:
    """Return whether detections have keypoints with scores, and whether images have names."""
    frames: JsonFrames = content.value
    named = any(isinstance(f.name, str) and not f.name.isdigit() for f in frames.entries)
    person = frames.first_person
    tracked = isinstance(person, dict) and "idx" in person
    return {
        '"keypoints"': has_keypoints(person),
        '"image_id" of an image\'s name': named or tracked or frames.by_name,
    }


def has_keypoints(person: Any) -> bool:
    """Return whether a value has a list of numbers or rows, keypoints that hold their scores."""
    if not isinstance(person, dict) or not isinstance(person.get("keypoints"), list):
        return False
    points = person["keypoints"]
    if any(isinstance(point, dict) or is_points(point) for point in points):
        # Points with names, or rows of several people.
        return False
    return not any(isinstance(person.get(key), list) for key in SCORE_KEYS)


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the detections of each frame."""
    frames: JsonFrames = content.value

    def people(frame: Frame) -> Iterator[Detection]:
        for person in people_in(frame.value):
            points = keypoints_of(person, frame.where, given=given)
            yield Detection(points, frame.place, stated_track(person, frame.where))

    return Recording(frames.detections(people), candidates=BODIES, **frames.facts())


READER = Reader("json", marks, parse)
