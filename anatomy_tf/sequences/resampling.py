"""Time series from one frame rate to another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.limits import FRAME_RATE


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
        AnatomyError: when the wanted rate is outside ``files.limits``.
    """
    FRAME_RATE.check(new_fps, "resampling")
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
