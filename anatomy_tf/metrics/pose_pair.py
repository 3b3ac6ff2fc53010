"""Checks that every pose metric makes of its two arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.number_arrays import number_array


def pose_pair(
    predicted: ArrayLike, target: ArrayLike, least_frames: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return predicted and true poses as float64, checked.

    Args:
        predicted: (..., J, 3).
        target: (..., J, 3).
        least_frames: frames that the metric needs along axis -3; 0 where it needs no time axis.

    Raises:
        AnatomyError: when the shapes differ or are no poses, a number is not finite, or the clip is
            too short.
    """
    ours, theirs = poses(predicted, "predicted"), poses(target, "target")
    if ours.shape != theirs.shape:
        raise AnatomyError(
            f"predicted and target poses must have one shape, got {ours.shape} and {theirs.shape}"
        )
    if least_frames and (ours.ndim < 3 or ours.shape[-3] < least_frames):
        raise AnatomyError(
            f"expected at least {least_frames} frames in poses (..., frames, joints, 3), "
            f"got shape {ours.shape}"
        )
    return ours, theirs


def poses(positions: ArrayLike, role: str = "given") -> NDArray[np.float64]:
    """Return poses (..., J, 3) as float64, checked.

    Raises:
        AnatomyError: when the shape is no pose's or a number is not finite.
    """
    values = number_array(positions, np.float64, f"{role} poses")
    if values.ndim < 2 or values.shape[-1] != 3 or values.shape[-2] == 0:
        raise AnatomyError(
            f"expected {role} poses of shape (..., joints, 3), got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise AnatomyError(f"the {role} poses have a NaN or infinite number at index {place}")
    return values
