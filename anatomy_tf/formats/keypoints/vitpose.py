"""ViTPose's results from Hugging Face's transformers, as JSON.

The list of ``image_processor.post_process_pose_estimation(outputs, boxes)[0]`` of each frame, with
tensors as lists: a person ``{"keypoints": [[x, y], ...], "scores": [...], "labels": [...], "bbox":
[...]}`` in pixels. ``labels`` are the keypoints' numbers; with ``threshold=`` the others are
missing and become gaps (transformers 5, ``models/vitpose/image_processing_vitpose.py``). The models
give COCO's 17. Scores are peak heights of a heatmap. People are tracked by their positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import people_in, people_key
from anatomy_tf.formats.keypoints.reading.point_lists import keypoints_of, stated_track
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import COCO_17, Skeleton


def marks(content: Content) -> Marks:
    """Return whether frames are lists of people, and whether people have keypoints and scores."""
    frames: JsonFrames = content.value
    person = frames.first_person
    keys = set(person) if isinstance(person, dict) else set()
    listed = any(isinstance(frame.value, list) and frame.value for frame in frames.entries)
    listed = listed or (has_labels(person) and any(people_key(f.value) for f in frames.entries))
    return {
        "a list of people a frame": listed,
        '"keypoints"': "keypoints" in keys,
        '"scores" or "labels"': bool({"scores", "labels"} & keys),
    }


def has_labels(person: Any) -> bool:
    """Return whether a person's keypoints state their numbers."""
    labels = person.get("labels") if isinstance(person, dict) else None
    return isinstance(labels, list) and set(map(type, labels)) == {int}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    frames: JsonFrames = content.value
    layout = given or COCO_17

    def people(frame: Frame) -> Iterator[Detection]:
        for person in people_in(frame.value):
            points = _points(person, layout, frame.where)
            yield Detection(points, frame.place, stated_track(person, frame.where))

    return Recording(frames.detections(people), layout=layout, **frames.facts())


def _points(person: Any, layout: Skeleton, where: str) -> np.ndarray:
    found = keypoints_of(person, where, given=layout)
    labels = person.get("labels")
    if labels is None or not len(found):
        return found
    numbers = number_array(labels, (len(found),), f"{where}: labels")
    known = np.isin(numbers, np.arange(layout.joint_count))
    if not known.all() or len(set(numbers.tolist())) < len(numbers):
        raise AnatomyError(
            f"{where}: expected labels from 0 to {layout.joint_count - 1} for {layout.name}, each "
            "once"
        )
    points = np.full((layout.joint_count, 3), np.nan, np.float32)
    points[numbers.astype(np.intp)] = found
    return points


READER = Reader("json", marks, parse)
