"""Frame numbers of entries that state their time instead."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FRAME_NUMBER

TIME_KEYS = (
    *("timestamp", "timestamp_ms", "timestamp_us", "timestamp_s", "timestamps", "time_stamp"),
    *("time", "time_ms", "time_s", "time_sec", "times", "seconds", "sec", "ms", "t"),
    *("datetime", "date_time", "clock"),
)
"""Names by which entries state their time, in any unit."""

DAY = 86_400.0
"""Seconds."""

_CLOCK = re.compile(r"(?:([0-9]{1,6}):)?([0-9]{1,2}):([0-9]{1,2}(?:[.,][0-9]{1,9})?)")

_UNEVEN = 0.25
"""Share of a step by which steps may differ from a whole number of them; times that are farther
apart are not those of a video's frames, such as a browser's that skips frames as it likes."""

_UNEVEN_SHARE = 0.1
"""Largest share of such steps."""


def numbers_of_times(times: Sequence[float], where: object) -> list[int]:
    """Return the frame number of each time, counted from the first.

    A step of twice the usual time is a frame that is missing. Times that are not evenly spaced are
    numbered in their order.

    Args:
        times: the time of each entry in any unit; entries of one frame have the same.
        where: the file, for messages.

    Raises:
        AnatomyError: when a time is no number, or frames are too many.

    Example:
        >>> numbers_of_times([0.0, 33.3, 33.3, 100.1], "clip.json")
        [0, 1, 1, 3]
    """
    values, places = np.unique(np.asarray(times, np.float64), return_inverse=True)
    if not np.isfinite(values).all():
        raise AnatomyError(f"{where}: expected a number as time of each entry")
    if len(values) == 1:
        return [0] * len(times)
    if not are_even(values.tolist()):
        return [int(place) for place in places]
    counts = _steps(values)
    numbers = np.concatenate([[0], np.cumsum(counts.round())])
    FRAME_NUMBER.check(float(numbers[-1]), where)
    return [int(numbers[place]) for place in places]


def seconds_of_clock(text: str) -> float | None:
    """Return a time with colons, or a date with a time as of ISO 8601, in seconds.

    Args:
        text: such as ``00:01:02.5``, ``1:02,5`` or ``2026-11-30T12:00:00.04Z``.

    Returns:
        Seconds since the clock's zero, or since 1970; ``None`` for other text.
    """
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = clock[1] or "0", clock[2], clock[3].replace(",", ".")
        return (int(hours) * 60 + int(minutes)) * 60 + float(seconds)
    try:
        date = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or datetime.UTC).timestamp()


def across_midnight(seconds: Sequence[float]) -> list[float]:
    """Return times of day, in the order of a recording, that go on where a day ends.

    Args:
        seconds: since midnight; times with a date, which are larger, stay as they are.
    """
    if max(seconds, default=0) > DAY:
        return list(seconds)
    return [float(time) for time in np.unwrap(np.asarray(seconds, np.float64), period=DAY)]


def are_even(times: Sequence[float]) -> bool:
    """Return whether times, in any order, are those of a video's frames, each or most of them.

    Args:
        times: at least two finite numbers that differ.
    """
    counts = _steps(np.unique(np.asarray(times, np.float64)))
    return bool((np.abs(counts - counts.round()) > _UNEVEN).mean() <= _UNEVEN_SHARE)


def _steps(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the steps between ascending times in the usual one, 1 at least."""
    steps = np.diff(times)
    return np.maximum(steps / np.median(steps), 1)
