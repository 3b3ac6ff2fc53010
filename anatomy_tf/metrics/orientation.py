"""Orientation errors of directions and whole clips."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.anatomy import angle_between
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.metrics.pose_pair import pose_pair


def direction_error(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the angles between predicted and true directions, such as a trunk's, in degrees.

    Args:
        predicted: (..., 3) vectors of any length.
        target: (..., 3).

    Returns:
        (...) degrees from 0 to 180; NaN where a vector has no length.

    Raises:
        AnatomyError: for no numbers, or a last axis of another length than 3.
    """
    ours = number_array(predicted, np.float64, "predicted directions")
    theirs = number_array(target, np.float64, "target directions")
    if ours.shape[-1:] != (3,) or theirs.shape[-1:] != (3,):
        raise AnatomyError(
            f"expected directions of shape (..., 3), got {ours.shape} and {theirs.shape}"
        )
    return angle_between(ours, theirs)


def clip_rotation(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the rotation that turns all poses of a clip best onto their targets.

    The fit is by least squares over all joints and frames, about the origin (the root of
    root-relative poses), without reflection (Kabsch 1976). An estimate that leans by the same angle
    in every frame leans by the angle of this rotation.

    Args:
        predicted: (..., J, 3) relative to the root; all leading axes are one clip.
        target: (..., J, 3) relative to the root.

    Returns:
        (3, 3) matrix R: ``predicted @ R.T`` is nearest to the target.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    ours, theirs = pose_pair(predicted, target)
    left, _, right = np.linalg.svd(ours.reshape(-1, 3).T @ theirs.reshape(-1, 3))
    keeps_handedness = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    return (left @ keeps_handedness @ right).T
