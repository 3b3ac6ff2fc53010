"""Time series from one frame rate to another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError


def resampled_times(
    frames: int, fps: float, new_fps: float, count: int | None = None
) -> NDArray[np.float64]:
    """Times, in frames of the old rate, of the new rate's frames.

    Args:
        frames: length of the clip.
        fps: its frame rate.
        new_fps: the wanted rate.
        count: how many times to give; ``None`` gives those within the clip.

    Raises:
        AnatomyError: when the wanted rate is not positive.
    """
    if not (np.isfinite(new_fps) and new_fps > 0):
        raise AnatomyError(f"expected a positive frame rate to resample to, got {new_fps}")
    if count is None:
        count = int(np.floor((frames - 1) / fps * new_fps + 1e-6)) + 1
    # Multiplied first, so that where both rates meet the time is a whole frame without rounding.
    return np.arange(count, dtype=np.float64) * fps / new_fps


def interpolate_frames(
    values: NDArray[np.floating], times: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Values (T, ...) at the given times, in frames, by linear interpolation.

    Times beyond the clip take the edge frame. NaN next to a time gives NaN.
    """
    last = len(values) - 1
    at = np.clip(times, 0, last)
    before = np.minimum(np.floor(at).astype(np.int64), max(last - 1, 0))
    after = np.minimum(before + 1, last)
    share = (at - before).reshape(-1, *[1] * (values.ndim - 1)).astype(np.float32)
    low, high = values[before], values[after]
    mixed = (1 - share) * low + share * high
    # A whole frame does not depend on its neighbour, which may be a gap.
    mixed = np.where(share <= 0, low, mixed)
    return np.where(share >= 1, high, mixed).astype(np.float32)


def smooth_frames(values: NDArray[np.floating], times: NDArray[np.floating]) -> NDArray[np.float32]:
    """Values (T, ...) at the given times, in frames, by cubic interpolation (Catmull and Rom).

    Times beyond the clip take the edge frame. NaN at one of the two frames beside a time gives NaN;
    where the next but one is missing the curve goes straight on.

    References:
        Catmull and Rom, A class of local interpolating splines, 1974.
    """
    last = len(values) - 1
    at = np.clip(times, 0, last)
    start = np.minimum(np.floor(at).astype(np.int64), max(last - 1, 0))
    share = (at - start).reshape(-1, *[1] * (values.ndim - 1))
    p = [values[np.clip(start + step, 0, last)].astype(np.float64) for step in (-1, 0, 1, 2)]
    p[0] = np.where(np.isnan(p[0]) | (start == 0).reshape(share.shape), 2 * p[1] - p[2], p[0])
    beyond = (start + 2 > last).reshape(share.shape)
    p[3] = np.where(np.isnan(p[3]) | beyond, 2 * p[2] - p[1], p[3])
    speeds = (p[2] - p[0]) / 2, (p[3] - p[1]) / 2
    change = p[2] - p[1]
    bend = 3 * change - 2 * speeds[0] - speeds[1]
    mixed = p[1] + share * (speeds[0] + share * (bend + share * (sum(speeds) - 2 * change)))
    # A whole frame does not depend on its neighbour, which may be a gap.
    mixed = np.where(share <= 0, p[1], mixed)
    return np.where(share >= 1, p[2], mixed).astype(np.float32)


def bridge_frames(values: NDArray[np.floating], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Values (T, ...) whose unknown frames are interpolated linearly between the known ones.

    Before the first and after the last known frame the nearest is held.

    Args:
        values: of any content where they are not known.
        known: (T,), at least one of them true.
    """
    frames = np.flatnonzero(known)
    places = np.interp(np.arange(len(known)), frames, np.arange(len(frames)))
    return interpolate_frames(values[frames], places)
