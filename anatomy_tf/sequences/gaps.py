"""Gaps in a clip: frames in which a joint, or a person, was not detected."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.sequences.array_modules import cast

NOT_FOUND = 0.05
"""Score below which a keypoint's place means nothing: detectors put joints that they do not see
anywhere."""


def fill_gaps(points: Any, found: Any, valid: Any = None, xp: Any = np) -> Any:
    """Close gaps by linear interpolation in time.

    Before a joint's first and after its last detection its nearest position is held. A joint that
    was never detected takes the mean of the frame's other joints.

    Args:
        points: (N, T, J, D) coordinates; those that were not found may be anything but NaN.
        found: (N, T, J) whether a joint was detected; each clip needs at least one detection.
        valid: (N, T) frames that belong to the clip; ``None``: all.
        xp: NumPy or ``keras.ops``.

    Returns:
        (N, T, J, D); detected joints are unchanged to the last digit.
    """
    frames = xp.shape(points)[1]
    known = found if valid is None else xp.logical_and(found, valid[..., None])
    times = xp.arange(frames, dtype="int32")[None, :, None]
    # The frames in which a joint is known, in order; entries after them are not read.
    in_order = xp.sort(xp.where(known, times, frames), axis=1)
    counted = cast(known, "int32", xp)
    number = xp.cumsum(counted, axis=1)
    last = number[:, -1:] - 1
    ever = last >= 0
    before = xp.take_along_axis(in_order, xp.maximum(number - 1, 0), axis=1)
    after = xp.take_along_axis(in_order, xp.maximum(xp.minimum(number - counted, last), 0), axis=1)
    before, after = xp.minimum(before, frames - 1), xp.minimum(after, frames - 1)
    gap = xp.maximum(after - before, 1)
    share = cast(xp.clip(times - before, 0, gap), "float64", xp) / cast(gap, "float64", xp)
    low, high = (cast(_of_frames(points, at, xp), "float64", xp) for at in (before, after))
    closed = cast(low + share[..., None] * (high - low), "float32", xp)
    closed = xp.where(ever[..., None], closed, xp.zeros_like(closed))
    others = cast(xp.sum(cast(ever, "int32", xp), axis=-1), "float32", xp)[..., None]
    mean = (xp.sum(closed, axis=2) / others)[:, :, None]
    return xp.where(ever[..., None], closed, mean)


def fill_frames(values: NDArray[np.floating], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return values with the unknown frames interpolated linearly between the known ones.

    Before the first and after the last known frame the nearest is held.

    Args:
        values: (T, ...); unknown frames may hold anything.
        known: (T,), at least one of them true.
    """
    if known.all():
        return values.astype(np.float32, copy=False)
    flat = np.where(known[:, None], values.reshape(len(values), -1), 0)
    filled = fill_gaps(flat[None, :, None], known[None, :, None])
    return np.asarray(filled, np.float32).reshape(values.shape)


def hold_ends(values: NDArray[Any], first: int, frames: int) -> NDArray[Any]:
    """Return values of a part of a clip for the whole clip, with those at its ends held.

    Args:
        values: (n, ...) of the part's frames.
        first: the part's first frame.
        frames: T of the clip.

    Returns:
        (T, ...)
    """
    return np.asarray(values)[np.clip(np.arange(frames) - first, 0, len(values) - 1)]


def _of_frames(points: Any, frames: Any, xp: Any) -> Any:
    """Return points (N, T, J, D) with each joint taken at its own frames (N, T, J)."""
    return xp.take_along_axis(points, xp.repeat(frames[..., None], points.shape[3], 3), axis=1)
