"""Protocol 2: the joint error after the best rotation, translation and scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.metrics.mpjpe import mpjpe
from anatomy_tf.metrics.pose_pair import pose_pair

# A pose whose joints spread less than this share of its coordinates is one point plus rounding.
_POINT = 1e-10


def procrustes_align(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Move, turn and scale predicted poses onto their targets, each frame by itself.

    The similarity transform has the least sum of squared joint distances, without reflection
    (Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
    1991, Eq. 40 to 42). A prediction whose joints all coincide has no orientation and no size: it
    lands on the target's centroid.

    Args:
        predicted: (..., J, 3).
        target: (..., J, 3).

    Returns:
        (..., J, 3) in the target's frame and unit.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    ours, theirs = pose_pair(predicted, target)
    our_centre = ours.mean(axis=-2, keepdims=True)
    their_centre = theirs.mean(axis=-2, keepdims=True)
    our_shape, their_shape = ours - our_centre, theirs - their_centre
    size = np.sum(our_shape**2, axis=(-2, -1))
    has_size = size > (_POINT * np.abs(ours).max(axis=(-2, -1))) ** 2
    left, spread, right = np.linalg.svd(np.swapaxes(our_shape, -1, -2) @ their_shape)
    # The least certain axis turns round where the best orthogonal matrix would be a mirror.
    handedness = np.where(np.linalg.det(left) * np.linalg.det(right) < 0, -1.0, 1.0)
    left[..., :, -1] *= handedness[..., None]
    spread[..., -1] *= handedness
    scale = np.where(has_size, spread.sum(axis=-1) / np.where(has_size, size, 1.0), 0.0)
    return scale[..., None, None] * (our_shape @ (left @ right)) + their_centre


def p_mpjpe(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the MPJPE of each frame after its Procrustes alignment (protocol 2).

    Args:
        predicted: (..., J, 3).
        target: (..., J, 3).

    Returns:
        (...) in the unit of the target.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    return mpjpe(procrustes_align(predicted, target), target)
