"""Where a person is in the picture, and how large, smoothed over the time so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.sequences.running import running

MEMORY = 0.5
"""Seconds after which a frame counts 1 / e of the newest one."""

UNSEEN = 1e-3
"""Weight of a joint that was not detected: it counts where no other does."""

LEAST_SIZE = 1e-3
"""Of a person whose joints lie in one point."""

SUMS = 5
"""Numbers that are remembered of a person: weight, direction and spread."""


def kept_share(fps: float) -> float:
    """Return what a frame keeps of its weight after the next one."""
    return float(np.exp(-1 / (MEMORY * fps)))


def frame_sums(directions: Any, visibility: Any, xp: Any = np) -> Any:
    """Return the weighted sums of single frames: (..., ``SUMS``).

    Args:
        directions: (..., J, 3) unit rays to the joints.
        visibility: (..., J) in [0, 1], by which joints weigh.
        xp: NumPy or ``keras.ops``.
    """
    weights = (visibility + UNSEEN)[..., None]
    total = xp.sum(weights, axis=-2)
    mean = xp.sum(weights * directions, axis=-2)
    # Unit vectors whose mean is shorter than 1 differ by so much: the mean squared distance.
    spread = total - xp.sum(xp.square(mean), axis=-1, keepdims=True) / total
    return xp.concatenate([total, mean, spread], axis=-1)


def sums_so_far(sums: Any, kept: float, xp: Any = np) -> Any:
    """Return the sums of each frame and all before it, which fade: (N, T, ``SUMS``).

    Args:
        sums: (N, T, ``SUMS``) of single frames.
        kept: what is left of a frame after the next one.
        xp: NumPy or ``keras.ops``.
    """
    shares = xp.full_like(sums[..., :1], kept)

    def joined(earlier: tuple[Any, ...], later: tuple[Any, ...]) -> tuple[Any, ...]:
        return earlier[0] * later[0], earlier[1] * later[0] + later[1]

    return running((shares, sums), joined, (1.0, 0.0), xp)[1]


def centre_and_size(sums: Any, xp: Any = np) -> tuple[Any, Any]:
    """Return unit vectors (..., 3) to the person and the apparent size (..., 1).

    The size is the root mean square angle, in radians for small ones, of the joints from their
    middle.
    """
    total, mean, spread = sums[..., :1], sums[..., 1:4], sums[..., 4:]
    length = xp.sqrt(xp.sum(xp.square(mean), axis=-1, keepdims=True))
    size = xp.sqrt(xp.maximum(spread / total, LEAST_SIZE**2))
    return mean / length, size
