"""Resampling of time series from one frame rate to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.limits import FRAME_RATE
from anatomy_tf.sequences.array_modules import cast


def resampled_times(
    frames: int, fps: float, new_fps: float, count: int | None = None
) -> NDArray[np.float64]:
    """Return the times of the new rate's frames, in frames of the old rate.

    Args:
        frames: length of the clip.
        fps: its frame rate.
        new_fps: the wanted rate.
        count: how many times to return; ``None`` returns those within the clip.

    Raises:
        AnatomyError: when the wanted rate is outside ``files.limits``.
    """
    FRAME_RATE.check(new_fps, "resampling")
    if count is None:
        count = int(frames_within(np.float64(frames), fps, new_fps))
    return times_at(np.arange(count), fps, new_fps)


def frames_within(frames: Any, fps: Any, new_fps: Any, xp: Any = np) -> Any:
    """Return how many frames of a new rate lie within clips.

    Args:
        frames: the clips' lengths, float64.
        fps: the clips' rates, float64.
        new_fps: the new rate, float64.
        xp: NumPy or ``keras.ops``.
    """
    return cast(xp.floor((frames - 1) / fps * new_fps + 1e-6), "int32", xp) + 1


def times_at(numbers: Any, fps: Any, new_fps: Any) -> Any:
    """Return the times of frames of a new rate, in frames of the old rate.

    The product comes first, so that a time that is a whole frame comes out without rounding.
    """
    return numbers * fps / new_fps


def shares_due(number: int, newest: int, fps: float, new_fps: float) -> Iterator[np.float32]:
    """Yield where each frame of a new rate that is due lies between a stream's last two frames.

    Args:
        number: the number of the first frame of the new rate that was not taken yet.
        newest: the number of the stream's newest frame.
        fps: the stream's frame rate.
        new_fps: the new rate.

    Yields:
        0 at the time of the frame before the newest one, 1 at that of the newest.
    """
    while (time := times_at(number, fps, new_fps)) <= newest + 1e-6:
        yield np.float32(min(time - (newest - 1), 1))
        number += 1


def interpolate_frames(
    values: NDArray[np.floating], times: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return values (T, ...) at the given times, in frames, by linear interpolation.

    Times beyond the clip take the edge frame. NaN next to a time gives NaN.
    """
    last = np.array([[len(values) - 1]])
    found = interpolate_clips(np.asarray(values)[None], times[None], last)[0]
    return found.astype(np.float32, copy=False)


def interpolate_clips(values: Any, times: Any, last: Any, xp: Any = np) -> Any:
    """Return the values (N, T', ...) of several clips at given times, by linear interpolation.

    Args:
        values: (N, T, ...).
        times: (N, T') float64, in frames; times beyond the clip take the edge frame.
        last: (N, 1) the last valid frame of each clip.
        xp: NumPy or ``keras.ops``.
    """
    at = xp.clip(times, 0, cast(last, "float64", xp))
    before = xp.minimum(cast(xp.floor(at), "int32", xp), xp.maximum(last - 1, 0))
    after = xp.minimum(before + 1, last)
    share = cast(at - cast(before, "float64", xp), "float32", xp)
    share = xp.reshape(share, (*xp.shape(share)[:2], *[1] * (len(values.shape) - 2)))
    low, high = (frames_of(values, frames, xp) for frames in (before, after))
    return _at_whole_frames(share, low, high, (1 - share) * low + share * high, xp)


def frames_of(values: Any, frames: Any, xp: Any = np) -> Any:
    """Return the values (N, ..., *sizes) at frames (N, ...) of clips (N, T, *sizes)."""
    rows, count = xp.shape(values)[:2]
    first = count * xp.arange(rows, dtype="int32")
    first = xp.reshape(first, (-1, *[1] * (len(frames.shape) - 1)))
    flat = xp.reshape(values, (rows * count, *values.shape[2:]))
    return xp.take(flat, cast(frames, "int32", xp) + first, axis=0)


def resample_frames(values: NDArray[Any], times: NDArray[np.floating]) -> NDArray[Any]:
    """Return values (T, ...) at the given times, in frames.

    Numbers are interpolated linearly (``interpolate_frames``). A truth value between two frames is
    true when it is true in both.
    """
    if values.dtype != np.bool_:
        return interpolate_frames(values, times)
    return interpolate_frames((~values).astype(np.float32), times) == 0


def smooth_frames(values: NDArray[np.floating], times: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return values (T, ...) at the given times, in frames, by cubic interpolation.

    Times beyond the clip take the edge frame. NaN at one of the two frames beside a time gives NaN;
    where the next but one is missing the curve continues straight.

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
    return _at_whole_frames(share, p[1], p[2], mixed).astype(np.float32)


def _at_whole_frames(share: Any, low: Any, high: Any, mixed: Any, xp: Any = np) -> Any:
    """Return the mixed values, but a whole frame's own value, since its neighbour may be a gap."""
    return xp.where(share <= 0, low, xp.where(share >= 1, high, mixed))
