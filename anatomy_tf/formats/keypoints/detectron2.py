"""The npz of VideoPose3D's inference scripts, which run Detectron and Detectron2.

``keypoints`` holds for each frame a list by class, whose last entry is people's: (N, 4, 17) x, y,
logit and probability of COCO's 17, or nothing; ``boxes`` likewise (N, 5) with the box's score;
``metadata`` ``w`` and ``h`` of the image. The score is the probability. People are tracked by their
positions. This is taken from users' files; the scripts document no format.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.stated import stated_rate, stated_size
from anatomy_tf.skeletons import COCO_17, Skeleton

_ROWS = (3, 4)
"""x, y and score, or x, y, logit and probability."""


def marks(content: Content) -> Marks:
    """Return whether an archive has boxes and keypoints."""
    return {f"an array {key}": key in content.value for key in ("boxes", "keypoints")}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    path = content.path
    arrays = read_npz(path, ("keypoints", "metadata"), objects=True)
    listed = arrays.get("keypoints")
    if not isinstance(listed, np.ndarray | list) or getattr(listed, "ndim", 1) == 0:
        raise AnatomyError(f"{path}: expected keypoints, an entry a frame")
    layout = given or COCO_17
    frames: dict[int, list[Detection]] = {}
    for number, entry in enumerate(listed):
        where = f"{path}: frame {number}"
        found = _people(entry)
        frames[number] = []
        if found is None or not found.size:
            continue
        if found.ndim != 3 or found.shape[1] not in _ROWS or found.dtype.kind not in "fiu":
            raise AnatomyError(
                f"{where}: expected keypoints (people, 4, {layout.joint_count}), got {found.shape} "
                f"of {found.dtype}"
            )
        points = detected_points(found[:, :2].transpose(0, 2, 1), found[:, -1], where)
        frames[number] = [Detection(person, f"frame {number}") for person in points]
    metadata = arrays.get("metadata")
    return Recording(
        frames,
        layout=layout,
        fps=stated_rate(metadata),
        image_size=stated_size(metadata),
        first_number=0,
    )


def _people(entry: Any) -> np.ndarray | None:
    """Return a frame's array of people: the entry, or the last one of a list by class."""
    while isinstance(entry, list) or (isinstance(entry, np.ndarray) and entry.dtype == object):
        if not len(entry):
            return None
        entry = entry[-1]
    return entry if isinstance(entry, np.ndarray) else None


READER = Reader("npz", marks, parse)
