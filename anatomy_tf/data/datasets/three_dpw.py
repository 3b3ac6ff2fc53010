"""3DPW (von Marcard et al., ECCV 2018) from a user's own copy: detections with true positions.

The layout is the one that the data set's readme gives. Video is at 30 frames a second, the camera
moves, and each actor comes with OpenPose's detections in the 18 joints of COCO and with the 24
joints of SMPL in a world that stands still.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.files.numbered_names import files_of
from anatomy_tf.files.plain_pickle import load_plain_pickle
from anatomy_tf.formats.keypoints.reading.detections import detected_points
from anatomy_tf.formats.keypoints.reading.scores import scored
from anatomy_tf.poses import floor_up, still_feet
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import COCO_18

FPS = 30.0

SMPL_JOINTS = (
    *("pelvis", "left_hip", "right_hip", "smpl_spine1", "left_knee", "right_knee", "smpl_spine2"),
    *("left_ankle", "right_ankle", "smpl_spine3", "left_foot", "right_foot", "smpl_neck"),
    *("left_collar", "right_collar", "smpl_head", "left_shoulder", "right_shoulder", "left_elbow"),
    *("right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand"),
)
"""SMPL's joints by this package's names; a joint that lies elsewhere than ours of that name begins
with ``smpl_``, so that it is not scored."""

_KEYS = ("poses2d", "jointPositions", "cam_poses", "cam_intrinsics", "campose_valid")


def load_3dpw(path: str | Path) -> list[DetectedClip]:
    """Read a sequence file of 3DPW, or all of a folder such as ``sequenceFiles/test``.

    Up is the normal of the floor under still feet, where there are enough of them. Frames whose
    camera the data set marks as invalid have no true positions.

    Args:
        path: a ``.pkl`` file, or a folder of them.

    Returns:
        One ``DetectedClip`` for each actor; an actor without a detection or a valid frame is left
        out.

    Raises:
        AnatomyError: for a missing or damaged file, or one of another layout.
    """
    path = Path(path)
    paths = files_of(path, ".pkl") if path.is_dir() else [path]
    if not paths:
        raise AnatomyError(f"{path}: expected 3DPW's sequence files (.pkl), got none")
    return [clip for file in paths for clip in _sequence(file)]


def _sequence(path: Path) -> list[DetectedClip]:
    content = load_plain_pickle(path)
    if not isinstance(content, dict) or not set(_KEYS) <= set(content):
        missing = [key for key in _KEYS if not isinstance(content, dict) or key not in content]
        raise AnatomyError(f"{path}: no sequence file of 3DPW, lacks {', '.join(missing)}")
    cameras = _shaped(content["cam_poses"], (None, 4, 4), f"{path}: cam_poses")
    intrinsics = _shaped(content["cam_intrinsics"], (3, 3), f"{path}: cam_intrinsics")
    frames, actors = len(cameras), content["poses2d"]
    if not isinstance(actors, list | tuple | np.ndarray) or np.ndim(actors) == 0:
        raise AnatomyError(
            f"{path}: expected a list of actors in poses2d, got {type(actors).__name__}"
        )
    found = []
    for actor, seen in enumerate(actors):
        where = f"{path}: actor {actor}"
        detections = _shaped(seen, (frames, 3, COCO_18.joint_count), f"{where}: poses2d")
        flat = _shaped(
            _of(content["jointPositions"], actor),
            (frames, 3 * len(SMPL_JOINTS)),
            f"{where}: jointPositions",
        )
        valid = number_array(
            _of(content["campose_valid"], actor), np.float64, f"{where}: campose_valid"
        ).astype(bool)
        if valid.shape != (frames,):
            raise AnatomyError(f"{where}: expected campose_valid of {frames}, got {valid.shape}")
        rows = np.swapaxes(detections, 1, 2)
        points = detected_points(rows[..., :2], rows[..., 2], where)
        points = scored(points, where, [f"frame {frame}" for frame in range(frames)])
        positions = flat.reshape(frames, len(SMPL_JOINTS), 3).astype(np.float32)
        positions[~valid] = np.nan
        if np.isnan(points[..., 0]).all() or not valid.any():
            continue
        centre = intrinsics[:2, 2]
        # The principal point is the picture's middle; phones film upright or not.
        size = (1080, 1920) if centre[0] < centre[1] else (1920, 1080)
        keypoints = KeypointSequence(
            points[..., :2], points[..., 2], COCO_18, FPS, *size, person=str(actor), source=where
        )
        found.append(
            DetectedClip(
                keypoints,
                positions,
                SMPL_JOINTS,
                cameras[:, :3, :3],
                _up(positions),
                subject=f"{path.stem} {actor}",
                action=path.stem,
                clip=path.stem,
            )
        )
    return found


def _up(positions: NDArray[np.float32]) -> NDArray[np.float64] | None:
    feet = positions[:, [SMPL_JOINTS.index(f"{side}_ankle") for side in ("left", "right")]]
    heads = positions[:, SMPL_JOINTS.index("smpl_head")]
    return floor_up(feet[still_feet(feet, FPS)], np.nanmean(heads, axis=0))


def _of(values: Any, actor: int) -> Any:
    try:
        return values[actor]
    except (LookupError, TypeError):
        return None


def _shaped(value: Any, shape: tuple[int | None, ...], where: str) -> NDArray[np.float64]:
    try:
        array = number_array(value, np.float64, where)
    except AnatomyError:
        array = np.empty(0)
    fits = len(array.shape) == len(shape) and all(
        want in (None, got) for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("frames" if size is None else str(size) for size in shape)
        raise AnatomyError(f"{where}: expected shape ({wanted}), got {array.shape}")
    return array
