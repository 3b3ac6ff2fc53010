"""Errors that a picture does not show: in depth, and of limbs that lean the wrong way in depth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.metrics.pose_pair import pose_pair

DEPTH = 2
"""The axis of depth in camera axes: x right, y down, z forward."""

DEEP_ANGLE = 30.0
"""Degrees by which a limb leaves the image plane for the sign of its depth to count."""


def depth_error(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the mean absolute error along the camera's axis of each frame.

    Args:
        predicted: (..., J, 3) camera axes, relative to the root.
        target: (..., J, 3) camera axes, relative to the root.

    Returns:
        (...) in the unit of the poses.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    ours, theirs = pose_pair(predicted, target)
    return np.abs(ours[..., DEPTH] - theirs[..., DEPTH]).mean(axis=-1)


def depth_sign_errors(
    predicted: ArrayLike,
    target: ArrayLike,
    limbs: Sequence[tuple[int, int]],
    angle: float = DEEP_ANGLE,
) -> NDArray[np.float64]:
    """Return which limbs lean towards the camera where the true ones lean away, or the reverse.

    Args:
        predicted: (..., J, 3) camera axes.
        target: (..., J, 3) camera axes.
        limbs: (from, to) joint indices of L limbs.
        angle: degrees; a limb counts where the true one leaves the image plane by more.

    Returns:
        (..., L): 1 where the sign is wrong, 0 where it is right, NaN where a limb does not count.
        ``np.nanmean`` of it is the share of wrong signs.

    Raises:
        AnatomyError: when the shapes differ, a number is not finite or a limb is no pair of joints.
    """
    ours, theirs = pose_pair(predicted, target)
    joints = ours.shape[-2]
    pairs = number_array(limbs, np.float64, "limbs")
    pairs = pairs if pairs.size else np.empty((0, 2))
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not np.isin(pairs, np.arange(joints)).all():
        raise AnatomyError(
            f"expected limbs as pairs of joints from 0 to {joints - 1}, got {limbs!r:.100}"
        )
    start, end = pairs.astype(np.intp).T
    our_depth = ours[..., end, DEPTH] - ours[..., start, DEPTH]
    true = theirs[..., end, :] - theirs[..., start, :]
    deep = np.abs(true[..., DEPTH]) > np.sin(np.radians(angle)) * np.linalg.norm(true, axis=-1)
    wrong = our_depth * true[..., DEPTH] <= 0
    return np.where(deep, wrong.astype(np.float64), np.nan)
