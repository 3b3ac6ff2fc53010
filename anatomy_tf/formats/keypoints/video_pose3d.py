"""The archives of 2D keypoints that VideoPose3D's users share (``data_2d_*.npz``).

``positions_2d`` holds ``{subject: {action: [(T, J, 2) pixels, one array a camera]}}`` and
``metadata`` ``num_joints``, ``keypoints_symmetry`` and, for detectors, ``layout_name``. The files
hold no scores, so that every joint with a finite place is visible; nor frame rates nor image sizes.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.formats.stated import required_fps, required_image_size
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, Skeleton

LAYOUTS = {"coco": COCO_17, "h36m": HUMAN36M_17}
"""By ``metadata["layout_name"]``."""

_KEY = "positions_2d"


def is_video_pose3d(path: Path) -> bool:
    """Whether the path is an npz with ``positions_2d``."""
    try:
        with zipfile.ZipFile(path) as archive:
            return f"{_KEY}.npy" in archive.namelist()
    # Whatever a damaged archive leads zipfile into; then it is none.
    except Exception:
        return False


def load_video_pose3d(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads every clip of an archive; ``person`` is ``subject/action/camera``.

    Raises:
        AnatomyError: when the file is malformed or unreadable, or something is neither in it nor
            given.
    """
    arrays = read_npz(path, (_KEY, "metadata"), objects=True)
    metadata = arrays.get("metadata")
    name = metadata.get("layout_name") if isinstance(metadata, dict) else None
    layout = skeleton or (LAYOUTS.get(name) if isinstance(name, str) else None)
    if layout is None:
        raise AnatomyError(f"{path}: does not name its joints; give --layout NAME (skeleton=)")
    rate = required_fps(fps, path)
    width, height = required_image_size(image_size, path)
    sequences = [
        KeypointSequence(
            keypoints=keypoints,
            visibility=np.isfinite(keypoints).all(axis=-1).astype(np.float32),
            skeleton=layout,
            fps=rate,
            width=width,
            height=height,
            person=person,
            source=f"{path}: {person}",
        )
        for person, keypoints in _clips(arrays.get(_KEY), layout, path).items()
    ]
    if not sequences:
        raise AnatomyError(f"{path}: expected at least one clip, got none")
    return sequences


def _clips(content: Any, layout: Skeleton, path: Path) -> dict[str, np.ndarray]:
    if not isinstance(content, dict):
        raise AnatomyError(f"{path}: expected {_KEY} by subject, action and camera")
    clips = {}
    for subject, actions in content.items():
        if not isinstance(actions, dict):
            raise AnatomyError(f"{path}: {subject}: expected clips by action")
        for action, cameras in actions.items():
            listed = isinstance(cameras, list | tuple | np.ndarray)
            for camera, keypoints in enumerate(cameras if listed else [cameras]):
                person = f"{subject}/{action}/{camera}"
                shape = keypoints.shape if isinstance(keypoints, np.ndarray) else None
                if shape is None or len(shape) != 3 or shape[1:] != (layout.joint_count, 2):
                    raise AnatomyError(
                        f"{path}: {person}: expected keypoints (frames, {layout.joint_count}, 2) "
                        f"for {layout.name}, got {shape or type(keypoints).__name__}"
                    )
                if keypoints.dtype.kind not in "fiu":
                    raise AnatomyError(f"{path}: {person}: expected numbers, got {keypoints.dtype}")
                with np.errstate(over="ignore"):
                    clips[person] = keypoints.astype(np.float32)
    return clips
