"""Standing feet, and the floor that they stand on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STANDING_SPEED = 0.15
"""Metres a second; a foot on the floor seems to move more slowly, however it was measured."""

STANDING_HEIGHT = 0.15
"""Metres above the lowest still foot of a clip up to which a still foot stands on the floor."""

FLOOR_SPREAD = 0.02
"""Metres; a plane is no floor when half of the standing feet are farther from it."""

_FEWEST = 50
_FLATTEST = 0.05
_ROUNDS = 50


def still_feet(
    feet: NDArray[np.floating], fps: float, speed: float = STANDING_SPEED
) -> NDArray[np.bool_]:
    """Return where feet do not move.

    Args:
        feet: (T, F, 3) metres in the world; NaN where unknown.
        fps: frames a second.
        speed: metres a second below which a foot is still, measured from the frame before to the
            frame after; at the clip's ends over one step.

    Returns:
        (T, F); a foot that is unknown in a frame or beside it is not still.
    """
    if len(feet) < 2:
        return np.zeros(feet.shape[:2], bool)
    velocity = np.gradient(np.asarray(feet, np.float64), axis=0) * fps
    moving = np.linalg.norm(velocity, axis=-1)
    return (moving < speed) & ~np.isnan(feet).any(axis=-1)


def standing_feet(
    feet: NDArray[np.floating], fps: float, up: NDArray[np.floating] | None = None
) -> NDArray[np.bool_]:
    """Return where feet stand on the floor: they are still, and low if up is known.

    Args:
        feet: (T, F, 3) metres in the world; NaN where unknown.
        fps: frames a second.
        up: (3,) unit vector against gravity; ``None`` counts every still foot.

    Returns:
        (T, F)
    """
    still = still_feet(feet, fps)
    if up is None or not still.any():
        return still
    height = np.nan_to_num(np.asarray(feet, np.float64) @ up)
    return still & (height <= height[still].min() + STANDING_HEIGHT)


def floor_up(standing: NDArray[np.floating], above: NDArray[np.floating]) -> NDArray | None:
    """Return up as the normal of the plane through standing feet.

    The plane is fitted by least squares, reweighted with a Cauchy loss, so that feet which are
    still in the air have little weight.

    Args:
        standing: (N, 3) places in the world where feet were still, metres.
        above: (3,) a point above the floor, such as the mean place of the shoulders.

    Returns:
        (3,) unit vector; ``None`` where the feet are too few, in one line, or in no plane.
    """
    points = np.asarray(standing, np.float64)
    if len(points) < _FEWEST:
        return None
    weights = np.ones(len(points))
    for _ in range(_ROUNDS):
        middle = weights @ points / weights.sum()
        spread = (points - middle) * np.sqrt(weights / weights.sum())[:, None]
        _, widths, axes = np.linalg.svd(spread, full_matrices=False)
        distance = (points - middle) @ axes[2]
        weights = 1 / (1 + (distance / FLOOR_SPREAD) ** 2)
    if widths[1] < _FLATTEST or np.median(np.abs(distance)) > FLOOR_SPREAD:
        return None
    return axes[2] * np.sign((above - middle) @ axes[2])
