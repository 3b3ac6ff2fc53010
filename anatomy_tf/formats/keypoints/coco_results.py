"""COCO's results format of keypoint detection.

A list of ``{"image_id": 12, "category_id": 1, "keypoints": [x0, y0, v0, x1, ...], "score": s}`` in
pixels (cocodataset.org, Results Format, "2. Keypoint Detection"). The image's identifier is taken
as the frame number. The format leaves the third number open: detectors write the keypoint's score
or 1. Scores in [0, 1] are the visibility; COCO's flags 0, 1, 2 become 0, 1, 1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatomy_tf.files.json_file import json_head
from anatomy_tf.formats.keypoints.reading.detection_lists import (
    BODIES,
    BODY_OF,
    image_number,
    keypoint_triples,
    read_detections,
)
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton


def is_coco_results(path: Path) -> bool:
    """Whether the file begins like a list of detections with numbers of images."""
    return json_head(path, r'\[\s*\{[^}]*"image_id"\s*:\s*[0-9]')


def load_coco_results(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video; frames before the first detection are not in the file.

    Raises:
        AnatomyError: when the file is malformed, or something is neither in it nor given.
    """
    entries = read_detections(path)
    values = []
    for index, entry in enumerate(entries):
        where = f"{path}: detection {index}"
        values.append(keypoint_triples(entry, "v", where))
    third = np.concatenate(values)[:, 2]
    flags = set(np.unique(third)) <= {0, 1, 2}
    frames: dict[int, list[Detection]] = {}
    for index, (entry, points) in enumerate(zip(entries, values, strict=True)):
        where = f"{path}: detection {index}"
        number = image_number(entry["image_id"], where)
        body = points[: BODY_OF[len(points)].joint_count] if len(points) in BODY_OF else points
        scores = np.minimum(body[:, 2], 1) if flags else body[:, 2]
        detected = detected_points(body[:, :2], scores, where)
        frames.setdefault(number, []).append(Detection(detected, f"frame {number}"))
    return tracked_people(
        path,
        frames,
        skeleton=skeleton,
        fps=fps,
        image_size=image_size,
        candidates=BODIES,
    )
