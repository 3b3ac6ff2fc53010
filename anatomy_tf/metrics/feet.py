"""Feet that slide or float while the true feet stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.metrics.pose_pair import pose_pair


def foot_skating(feet: ArrayLike, standing: ArrayLike) -> NDArray[np.float64]:
    """Return how far each predicted foot moves in each step while the true foot stands.

    Root-relative estimates have no place in the world, so put them where the true root is first.

    Args:
        feet: (T, F, 3) consecutive frames of F predicted feet in the world.
        standing: (T, F) where the true foot stands (``poses.standing_feet``).

    Returns:
        (T - 1, F) in the unit of the feet, per frame; NaN where the foot does not stand in both
        frames.

    Raises:
        AnatomyError: when the shapes do not fit, a number is not finite or T < 2.
    """
    moving, _ = pose_pair(feet, feet, least_frames=2)
    stands = _standing(standing, moving)
    step = np.linalg.norm(np.diff(moving, axis=0), axis=-1)
    return np.where(stands[1:] & stands[:-1], step, np.nan)


def foot_height_error(
    predicted: ArrayLike, target: ArrayLike, standing: ArrayLike, up: ArrayLike
) -> NDArray[np.float64]:
    """Return each foot's height above the true foot while the true foot stands.

    Args:
        predicted: (T, F, 3) F feet in the world, the root where the true root is.
        target: (T, F, 3) the true feet.
        standing: (T, F) where the true foot stands.
        up: (3,) against gravity, of any length.

    Returns:
        (T, F) in the unit of the feet: positive where the foot floats above its place, negative
        where it is sunk into the floor, NaN where the true foot does not stand.

    Raises:
        AnatomyError: when the shapes differ, a number is not finite or ``up`` is no direction.
    """
    ours, theirs = pose_pair(predicted, target)
    direction = number_array(up, np.float64, "up")
    length = np.linalg.norm(direction)
    if direction.shape != (3,) or not (np.isfinite(length) and length > 0):
        raise AnatomyError(f"expected up as a direction (x, y, z), got {direction.tolist()}")
    return np.where(_standing(standing, ours), (ours - theirs) @ (direction / length), np.nan)


def _standing(standing: ArrayLike, feet: NDArray[np.float64]) -> NDArray[np.bool_]:
    stands: NDArray[np.bool_] = number_array(standing, np.float64, "standing").astype(bool)
    if stands.shape != feet.shape[:-1]:
        raise AnatomyError(
            f"expected standing of shape {feet.shape[:-1]}, a flag a foot and frame, "
            f"got {stands.shape}"
        )
    return stands
