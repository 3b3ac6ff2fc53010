"""Velocity error: how smoothly the predicted joints follow the true ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.metrics.mpjpe import mpjpe
from anatomy_tf.metrics.pose_pair import pose_pair


def mpjve(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the mean per-joint velocity error of each step from a frame to the next.

    It is the distance between the first differences of predicted and true positions. A step is one
    frame, so that the number depends on the frame rate.

    Args:
        predicted: (..., T, J, 3) consecutive frames.
        target: (..., T, J, 3).

    Returns:
        (..., T - 1) in the unit of the poses, per frame.

    Raises:
        AnatomyError: when the shapes differ, a number is not finite or T < 2.
    """
    ours, theirs = pose_pair(predicted, target, least_frames=2)
    return mpjpe(np.diff(ours, axis=-3), np.diff(theirs, axis=-3))
