"""The archives of 2D keypoints that VideoPose3D's users share (``data_2d_*.npz``).

``positions_2d`` holds ``{subject: {action: [(T, J, 2) pixels, one array a camera]}}`` and
``metadata`` ``num_joints``, ``keypoints_symmetry``, for detectors ``layout_name`` and for videos of
one's own ``video_metadata`` ``{subject: {"w", "h"}}``, the image size. The files hold no scores, so
that every joint with a finite place is visible; nor frame rates.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import PEOPLE, POINTS
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import PersonClip, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.stated import stated_rate, stated_size
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, Skeleton

LAYOUTS = {"coco": COCO_17, "h36m": HUMAN36M_17}
"""Layouts by ``metadata["layout_name"]``."""

_KEY = "positions_2d"


def marks(content: Content) -> Marks:
    """Return whether an archive has clips by subject and action."""
    return {f"an array {_KEY}": _KEY in content.value}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return all clips of an archive; ``person`` is ``subject/action/camera``."""
    path = content.path
    arrays = read_npz(path, (_KEY, "metadata"), objects=True)
    metadata = arrays.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name = metadata.get("layout_name")
    layout = given or (LAYOUTS.get(name) if isinstance(name, str) else None)
    if layout is None:
        raise AnatomyError(f"{path}: does not name its joints; give --layout NAME (skeleton=)")
    videos = metadata.get("video_metadata")
    subjects = arrays.get(_KEY)
    if not isinstance(subjects, dict):
        raise AnatomyError(f"{path}: expected {_KEY} by subject, action and camera")
    found: list[tuple[str, Any, tuple[int, int] | None]] = []
    rates = {stated_rate(video) for video in videos.values()} if isinstance(videos, dict) else set()
    for subject, actions in subjects.items():
        if not isinstance(actions, dict):
            raise AnatomyError(f"{path}: {subject!s:.40}: expected clips by action")
        size = stated_size(videos.get(subject)) if isinstance(videos, dict) else None
        for action, cameras in actions.items():
            listed = isinstance(cameras, list | tuple) or (
                isinstance(cameras, np.ndarray) and cameras.dtype == object
            )
            for camera, keypoints in enumerate(cameras if listed else [cameras]):
                person = f"{subject!s:.80}/{action!s:.80}/{camera}"
                found.append((person, keypoints, size))
                PEOPLE.check(len(found), path)
    if not found:
        raise AnatomyError(f"{path}: expected at least one clip, got none")
    # Before any is copied: one array may stand in a pickle many times.
    arrays_found = (entry for _, entry, _ in found if isinstance(entry, np.ndarray))
    POINTS.check(sum(array.size // 2 for array in arrays_found), path)
    clips = [
        PersonClip(person, _points(keypoints, layout, f"{path}: {person}"), size)
        for person, keypoints, size in found
    ]
    rate = rates.pop() if len(rates) == 1 else None
    return Recording(clips=clips, layout=layout, fps=rate)


def _points(keypoints: Any, layout: Skeleton, where: str) -> np.ndarray:
    shape = keypoints.shape if isinstance(keypoints, np.ndarray) else None
    if shape is None or len(shape) != 3 or shape[1:] != (layout.joint_count, 2):
        raise AnatomyError(
            f"{where}: expected keypoints (frames, {layout.joint_count}, 2) for {layout.name}, "
            f"got {shape or type(keypoints).__name__}"
        )
    if keypoints.dtype.kind not in "fiu":
        raise AnatomyError(f"{where}: expected numbers, got {keypoints.dtype}")
    return detected_points(keypoints, np.ones(shape[:2]), where)


READER = Reader("npz", marks, parse)
