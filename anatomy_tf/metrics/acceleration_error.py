"""Acceleration error: how much the predicted joints tremble."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.metrics.mpjpe import mpjpe
from anatomy_tf.metrics.pose_pair import pose_pair


def acceleration_error(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the mean per-joint acceleration error of each inner frame.

    It is the distance between the second differences of predicted and true positions, in frames.

    Args:
        predicted: (..., T, J, 3) consecutive frames.
        target: (..., T, J, 3).

    Returns:
        (..., T - 2) in the unit of the poses, per frame squared.

    Raises:
        AnatomyError: when the shapes differ, a number is not finite or T < 3.
    """
    ours, theirs = pose_pair(predicted, target, least_frames=3)
    return mpjpe(np.diff(ours, 2, axis=-3), np.diff(theirs, 2, axis=-3))
