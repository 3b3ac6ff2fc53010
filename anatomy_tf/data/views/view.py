"""One camera's view of one clip: the unit of every data set of this package."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton


@dataclasses.dataclass(frozen=True)
class View:
    """One camera's view of one clip of one person.

    Args:
        keypoints: (T, J, 2) normalised screen coordinates; finite.
        visibility: (T, J) scores in [0, 1].
        positions: (T, J, 3) metres in the camera's frame (x right, y down, z forward), absolute:
            the root is where the person stands.
        intrinsics: (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2 for normalised screen coordinates.
        skeleton: names the J joints.
        fps: frames a second.
        subject: the person.
        action: what the person does, as its data set names it.
        clip: the clip's name in its data set.
        camera: the camera's name in its data set.
        valid: (T,) which frames have a true pose; ``None`` when all have. The others are seen by a
            model, but nobody trains on their positions or scores them.
        activity: (T,) what is done in each frame as MPI-INF-3DHP's test set numbers it, 1 to 7, and
            0 where nobody said; ``None`` when nobody did.

    Raises:
        AnatomyError: when shapes disagree a number is not finite or no frame is valid, naming the
            view.
    """

    keypoints: NDArray[np.float32]
    visibility: NDArray[np.float32]
    positions: NDArray[np.float32]
    intrinsics: NDArray[np.float32]
    skeleton: Skeleton
    fps: float
    subject: str
    action: str
    clip: str
    camera: str
    valid: NDArray[np.bool_] | None = None
    activity: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        where = f"view {self.subject}/{self.clip}/{self.camera}"
        frames, joints = len(self.positions), self.skeleton.joint_count
        expected = {
            "keypoints": (frames, joints, 2),
            "visibility": (frames, joints),
            "positions": (frames, joints, 3),
            "intrinsics": (9,),
        }
        if frames == 0:
            raise AnatomyError(f"{where}: expected at least one frame, got none")
        for field, shape in expected.items():
            value = np.asarray(getattr(self, field), np.float32)
            if value.shape != shape:
                raise AnatomyError(f"{where}: expected {field} {shape}, got {value.shape}")
            if not np.isfinite(value).all():
                raise AnatomyError(f"{where}: {field} has a NaN or infinite number")
            object.__setattr__(self, field, value)
        if self.valid is not None:
            valid = np.asarray(self.valid)
            if valid.dtype != np.bool_ or valid.shape != (frames,):
                raise AnatomyError(
                    f"{where}: expected valid ({frames},) of truth values, "
                    f"got {valid.shape} of {valid.dtype}"
                )
            if not valid.any():
                raise AnatomyError(f"{where}: expected at least one valid frame, got none")
            object.__setattr__(self, "valid", None if valid.all() else valid)
        if self.activity is not None:
            activity = np.asarray(self.activity)
            if activity.dtype != np.uint8 or activity.shape != (frames,):
                raise AnatomyError(
                    f"{where}: expected activity ({frames},) of uint8, "
                    f"got {activity.shape} of {activity.dtype}"
                )
            object.__setattr__(self, "activity", activity if activity.any() else None)
