"""The direction and apparent size of a person, smoothed over the frames so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.sequences import running

MEMORY = 0.5
"""Seconds after which a frame's weight has fallen to 1 / e."""

UNSEEN = 1e-3
"""Weight of a joint that was not detected, so that some joint counts where none was."""

LEAST_SIZE = 1e-3
"""Apparent size of a person whose joints lie in one point."""

SUMS = 5
"""Count of the numbers kept for a person: weight (1), direction (3) and spread (1)."""


def kept_share(fps: float) -> float:
    """Return the share of its weight that a frame keeps when the next one comes."""
    return running.kept_share(MEMORY, fps)


def frame_sums(directions: Any, visibility: Any, xp: Any = np) -> Any:
    """Return the weighted sums (..., ``SUMS``) of single frames.

    Args:
        directions: (..., J, 3) unit rays to the joints.
        visibility: (..., J) in [0, 1], the joints' weights.
        xp: NumPy or ``keras.ops``.
    """
    weights = (visibility + UNSEEN)[..., None]
    total = xp.sum(weights, axis=-2)
    mean = xp.sum(weights * directions, axis=-2)
    # The mean squared distance of unit vectors from their mean is 1 minus its squared length.
    spread = total - xp.sum(xp.square(mean), axis=-1, keepdims=True) / total
    return xp.concatenate([total, mean, spread], axis=-1)


def centre_and_size(sums: Any, xp: Any = np) -> tuple[Any, Any]:
    """Return the unit vectors (..., 3) to the person and the apparent size (..., 1).

    The size is the root mean square angle of the joints from their middle, in radians as far as
    angles are small.
    """
    total, mean, spread = sums[..., :1], sums[..., 1:4], sums[..., 4:]
    length = xp.sqrt(xp.sum(xp.square(mean), axis=-1, keepdims=True))
    size = xp.sqrt(xp.maximum(spread / total, LEAST_SIZE**2))
    return mean / length, size
