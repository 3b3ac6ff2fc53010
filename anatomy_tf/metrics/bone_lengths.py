"""Bone length errors: against the true bones, over time, and between left and right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.errors import AnatomyError
from anatomy_tf.metrics.pose_pair import pose_pair, poses
from anatomy_tf.skeletons import Skeleton, get_skeleton


def bone_length_error(
    predicted: ArrayLike, target: ArrayLike, skeleton: str | Skeleton
) -> NDArray[np.float64]:
    """Return the mean absolute error of the bone lengths of each frame.

    Args:
        predicted: (..., J, 3).
        target: (..., J, 3).
        skeleton: names the J joints; a layout, or its name.

    Returns:
        (...) in the unit of the poses.

    Raises:
        AnatomyError: when the shapes differ or do not fit the skeleton, or a number is not finite.
    """
    ours, theirs = pose_pair(predicted, target)
    difference = _lengths(ours, skeleton) - _lengths(theirs, skeleton)
    return np.abs(difference).mean(axis=-1)


def bone_length_deviation(positions: ArrayLike, skeleton: str | Skeleton) -> NDArray[np.float64]:
    """Return the standard deviation of bone lengths over a clip, averaged over the bones.

    It is zero for a body whose bones keep their lengths. It is the MPSCE of Rommel et al.,
    "ManiPose", NeurIPS 2024.

    Args:
        positions: (..., T, J, 3) frames of one person.
        skeleton: names the J joints; a layout, or its name.

    Returns:
        (...) in the unit of the poses.

    Raises:
        AnatomyError: when the shape does not fit the skeleton, a number is not finite or T is 0.
    """
    values = poses(positions)
    if values.ndim < 3 or values.shape[-3] == 0:
        raise AnatomyError(
            f"expected poses of shape (..., frames, joints, 3) with a frame or more, "
            f"got shape {values.shape}"
        )
    return _lengths(values, skeleton).std(axis=-2).mean(axis=-1)


def symmetry_error(positions: ArrayLike, skeleton: str | Skeleton) -> NDArray[np.float64]:
    """Return the mean absolute difference between left and right bone lengths of each frame.

    Args:
        positions: (..., J, 3).
        skeleton: names the J joints; a layout, or its name. Its ``left_`` bones are compared with
            their mirror images.

    Returns:
        (...) in the unit of the poses.

    Raises:
        AnatomyError: when the shape does not fit the skeleton, the skeleton has no left and right
            bones, or a number is not finite.
    """
    skeleton = get_skeleton(skeleton)
    if not skeleton.left_right_bones:
        raise AnatomyError(f"skeleton {skeleton.name!r} has no left and right bones to compare")
    lengths = _lengths(poses(positions), skeleton)
    left, right = np.array(skeleton.left_right_bones).T
    return np.abs(lengths[..., left] - lengths[..., right]).mean(axis=-1)


def _lengths(positions: NDArray[np.float64], skeleton: str | Skeleton) -> NDArray[np.float64]:
    skeleton = get_skeleton(skeleton)
    if positions.shape[-2] != skeleton.joint_count:
        raise AnatomyError(
            f"expected {skeleton.joint_count} joints for {skeleton.name}, "
            f"got poses of shape {positions.shape}"
        )
    return bone_lengths(positions, skeleton)
