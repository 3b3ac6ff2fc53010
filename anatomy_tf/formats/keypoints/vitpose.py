"""ViTPose's results by Hugging Face's transformers, as JSON.

The list of ``image_processor.post_process_pose_estimation(outputs, boxes)[0]`` of each frame, with
tensors as lists: a person ``{"keypoints": [[x, y], ...], "scores": [...], "labels": [...], "bbox":
[...]}`` in pixels. ``labels`` are the keypoints' numbers; with ``threshold=`` the others are not
there and become gaps (transformers 5, ``models/vitpose/image_processing_vitpose.py``). The models
give COCO's 17. Scores are heights of a heatmap's peak and are clipped to [0, 1]. People are
followed by their places.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import json_head, number_array, read_json
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import COCO_17, Skeleton


def is_vitpose(path: Path) -> bool:
    """Whether the file begins like a list of lists of persons with labels."""
    person = r'\{(?=[^{}]*"keypoints"\s*:)(?=[^{}]*"scores"\s*:)(?=[^{}]*"labels"\s*:)'
    return json_head(path, r"\[\s*(\[\s*\]\s*,\s*)*\[\s*" + person)


def load_vitpose(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video.

    Args:
        path: the file.
        skeleton: layout of the keypoints; COCO's 17 by default.
        fps: frames a second.
        image_size: (width, height), pixels.

    Raises:
        AnatomyError: when the file is malformed, or something is neither in it nor given.
    """
    content = read_json(path)
    if not isinstance(content, list) or not all(isinstance(frame, list) for frame in content):
        raise AnatomyError(f"{path}: expected a list of the persons of each frame")
    if not content:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    layout = skeleton or COCO_17
    frames = {
        number: [_person(person, layout, f"{path}: frame {number}") for person in people]
        for number, people in enumerate(content)
    }
    return tracked_people(path, frames, skeleton=layout, fps=fps, image_size=image_size)


def _person(person: Any, layout: Skeleton, where: str) -> Detection:
    if not isinstance(person, dict):
        raise AnatomyError(f"{where}: expected an object for each person")
    if person.get("keypoints") == []:
        # Nothing was above the threshold.
        return Detection(np.full((layout.joint_count, 3), np.nan, np.float32), where)
    places = number_array(person.get("keypoints"), (None, 2), f"{where}: keypoints")
    scores = number_array(person.get("scores"), (len(places),), f"{where}: scores")
    labels = person.get("labels", list(range(len(places))))
    numbers = number_array(labels, (len(places),), f"{where}: labels")
    known = np.isin(numbers, np.arange(layout.joint_count))
    if not known.all() or len(set(numbers.tolist())) < len(numbers):
        raise AnatomyError(
            f"{where}: expected labels from 0 to {layout.joint_count - 1} for {layout.name}, each "
            "once"
        )
    points = np.full((layout.joint_count, 3), (np.nan, np.nan, 0), np.float32)
    points[numbers.astype(np.intp)] = detected_points(places, np.clip(scores, 0, 1), where)
    return Detection(points, where.rpartition(": ")[2])
