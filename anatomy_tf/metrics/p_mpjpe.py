"""Protocol 2: the joint error after the best rotation, translation and scale."""

from __future__ import annotations

from typing import Any

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
    return superimposed(*pose_pair(predicted, target))


def superimposed(predicted: Any, target: Any, xp: Any = np) -> Any:
    """Return what ``procrustes_align`` returns, of arrays that are not checked.

    Args:
        predicted: (..., J, 3) numbers of a float type.
        target: (..., J, 3) of the same type.
        xp: NumPy or ``keras.ops``.
    """
    our_centre = xp.mean(predicted, axis=-2, keepdims=True)
    their_centre = xp.mean(target, axis=-2, keepdims=True)
    our_shape, their_shape = predicted - our_centre, target - their_centre
    size = xp.sum(xp.square(our_shape), axis=(-2, -1))
    has_size = size > xp.square(_POINT * xp.max(xp.abs(predicted), axis=(-2, -1)))
    left, spread, right = xp.linalg.svd(xp.matmul(xp.swapaxes(our_shape, -1, -2), their_shape))
    # The least certain axis turns round where the best orthogonal matrix would be a mirror.
    mirrored = _handedness(left, xp) * _handedness(right, xp) < 0
    same = xp.ones_like(size)
    sides = xp.stack([same, same, xp.where(mirrored, -same, same)], axis=-1)
    turn = xp.matmul(left * sides[..., None, :], right)
    fit = xp.sum(spread * sides, axis=-1) / xp.where(has_size, size, 1.0)
    scale = xp.where(has_size, fit, 0.0)
    return scale[..., None, None] * xp.matmul(our_shape, turn) + their_centre


def _handedness(axes: Any, xp: Any) -> Any:
    """Return the determinant of (..., 3, 3) matrices, which TensorFlow's XLA does not have."""
    return xp.sum(xp.cross(axes[..., 0, :], axes[..., 1, :]) * axes[..., 2, :], axis=-1)


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
