"""Protocol 1: the mean distance between predicted and true joints."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.metrics.pose_pair import pose_pair


def joint_errors(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the distances (..., J) of predicted joints (..., J, 3) from their targets.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    ours, theirs = pose_pair(predicted, target)
    return np.linalg.norm(ours - theirs, axis=-1)


def mpjpe(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the mean per-joint position error of each frame (protocol 1).

    Args:
        predicted: (..., J, 3), relative to the root where the target is.
        target: (..., J, 3).

    Returns:
        (...) in the unit of the poses.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    return joint_errors(predicted, target).mean(axis=-1)
