"""The view: one clip seen by one camera, the unit of all data sets in this package."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.files.limits import FRAME_RATE
from anatomy_tf.sequences.notebook_display import frames_and_joints
from anatomy_tf.skeletons import Skeleton


def unknown_direction() -> NDArray[np.float32]:
    """Return an unknown direction: (3,) NaN."""
    return np.full(3, np.nan, np.float32)


def check_frame_values(
    name: str,
    values: NDArray[Any],
    dtype: type[np.bool_] | type[np.uint8],
    frames: int,
    where: str,
) -> None:
    """Raise ``AnatomyError`` for anything but one value of a type for each frame.

    Args:
        name: of the values, for the message.
        values: what was given.
        dtype: of the values.
        frames: T.
        where: begins the message.
    """
    if values.dtype != dtype or values.shape != (frames,):
        kind = "truth values" if dtype is np.bool_ else np.dtype(dtype).name
        raise AnatomyError(
            f"{where}: expected {name} ({frames},) of {kind}, got {values.shape} of {values.dtype}"
        )


def checked_directions(up: NDArray[np.floating], frames: int, where: str) -> NDArray[np.float32]:
    """Return ``up`` as float32, checked to be unit vectors, (frames, 3) or (3,), or NaN.

    Raises:
        AnatomyError: for another shape, or a vector that is neither of length 1 nor NaN.
    """
    given = np.asarray(up, np.float32)
    if given.shape not in ((3,), (frames, 3)):
        raise AnatomyError(f"{where}: expected up (3,) or ({frames}, 3), got {given.shape}")
    length = np.linalg.norm(given, axis=-1)
    wrong = ~(np.abs(length - 1) < 1e-3) & ~np.isnan(given).all(axis=-1)
    if wrong.any():
        raise AnatomyError(
            f"{where}: expected unit vectors, or NaN, for up, got length {length[wrong][0]:.4g}"
        )
    return given


@dataclasses.dataclass(frozen=True, eq=False)
class View(EqualFields):
    """One camera's view of one clip of one person.

    Args:
        keypoints: (T, J, 2) normalised screen coordinates; finite.
        visibility: (T, J) scores in [0, 1].
        positions: (T, J, 3) metres in the camera's frame (x right, y down, z forward), absolute:
            the root is where the person stands.
        intrinsics: (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2 for normalised screen coordinates.
        skeleton: the skeleton of the J joints.
        fps: frames a second.
        subject: the person.
        action: what the person does, as its data set names it.
        clip: the clip's name in its data set.
        camera: the camera's name in its data set.
        valid: (T,) whether a frame has a true pose; ``None`` when all have. A model sees the other
            frames, but their positions are neither trained on nor scored.
        activity: (T,) activity in each frame as MPI-INF-3DHP's test set numbers it, 1 to 7, and 0
            where it is unknown; ``None`` when it is in all frames.
        up: (T, 3), or (3,) for all frames: the unit vector against gravity in the camera's axes;
            NaN where it is unknown.
        aspect_ratio: the picture's width divided by its height; NaN when it is unknown.

    Raises:
        AnatomyError: when shapes disagree, a number is not finite, no frame is valid or the rate is
            outside ``files.limits``, naming the view.
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
    up: NDArray[np.float32] = dataclasses.field(default_factory=unknown_direction)
    aspect_ratio: float = float("nan")

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
        FRAME_RATE.check(self.fps, where)
        for field, shape in expected.items():
            value = np.asarray(getattr(self, field), np.float32)
            if value.shape != shape:
                raise AnatomyError(f"{where}: expected {field} {shape}, got {value.shape}")
            if not np.isfinite(value).all():
                raise AnatomyError(f"{where}: {field} has a NaN or infinite number")
            object.__setattr__(self, field, value)
        if self.valid is not None:
            valid = np.asarray(self.valid)
            check_frame_values("valid", valid, np.bool_, frames, where)
            if not valid.any():
                raise AnatomyError(f"{where}: expected at least one valid frame, got none")
            object.__setattr__(self, "valid", None if valid.all() else valid)
        if self.activity is not None:
            activity = np.asarray(self.activity)
            check_frame_values("activity", activity, np.uint8, frames, where)
            object.__setattr__(self, "activity", activity if activity.any() else None)
        object.__setattr__(self, "up", checked_directions(self.up, frames, where))
        ratio = float(self.aspect_ratio)
        if not (np.isnan(ratio) or (np.isfinite(ratio) and ratio > 0)):
            raise AnatomyError(f"{where}: expected a positive aspect_ratio, or NaN, got {ratio}")
        object.__setattr__(self, "aspect_ratio", ratio)

    def __repr__(self) -> str:
        return (
            f"View({self.clip!r} of {self.subject!r} by camera {self.camera!r}, "
            f"{frames_and_joints(len(self.positions), self.fps, self.skeleton)})"
        )
