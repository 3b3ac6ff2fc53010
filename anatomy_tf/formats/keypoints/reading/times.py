"""Frame numbers of entries that state their time instead."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_in, shown
from anatomy_tf.files.limits import FRAME_NUMBER, FRAMES

_UNITS: Mapping[str, float] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "usec", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nsec", "nanoseconds"), 1e-9),
}
"""Seconds of each unit that a time or its title may name."""

_WORDS = (
    *("timestamp", "timestamps", "time_stamp", "time", "times", "t", "ts", "elapsed"),
    *("elapsed_time", "frame_time", "frame_timestamp", "video_time", "media_time", "current_time"),
    *("pts_time", "time_in"),
)

TIME_KEYS = (
    *_WORDS,
    *(f"{word}_{unit}" for word in _WORDS for unit in _UNITS),
    *(unit for unit in _UNITS if unit != "s"),
    *("datetime", "date_time", "clock", "timecode", "time_code"),
)
"""Names by which entries state their time, in any unit."""

DAY = 86_400.0
"""Seconds."""

_QUANTITY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,18})?)\s?([a-z]+)")
_CLOCK = re.compile(r"(?:([0-9]{1,6}):)?([0-9]{1,2}):([0-9]{1,2}(?:[.,][0-9]{1,9})?)")

_UNEVEN = 0.25
"""Share of a step by which steps may differ from a whole number of them; times that are farther
apart are not those of a video's frames, such as a browser's that skips frames as it likes."""

_UNEVEN_SHARE = 0.1
"""Largest share of such steps."""

_EXACT = 0.1
"""The same for a column of which only the numbers suggest that it counts frames; there no step may
differ by more."""

_ENOUGH = 10
"""Fewer numbers may be evenly spaced by chance."""

_RATES = (5.0, 250.0)
"""Frames a second that tell the unit of times, as only one unit gives a rate between them."""


def numbers_of_times(times: Sequence[float], where: object) -> list[int]:
    """Return the frame number of each time, counted from the first.

    Where two successive times are twice as far apart as successive frames, a frame is missing.
    Times that are not evenly spaced are numbered in their order.

    Args:
        times: the time of each entry in any unit; entries of one frame have the same.
        where: the file, for messages.

    Raises:
        AnatomyError: when a time is no number, or frames are too many.

    Example:
        >>> numbers_of_times([0.0, 33.3, 33.3, 66.7, 133.3], "clip.json")
        [0, 1, 1, 2, 4]
    """
    values, places = np.unique(np.asarray(times, np.float64), return_inverse=True)
    if not np.isfinite(values).all():
        raise AnatomyError(f"{where}: expected a number as time of each entry")
    if len(values) == 1:
        return [0] * len(times)
    if not are_even(values.tolist()):
        return [int(place) for place in places]
    numbers = np.concatenate([[0], np.cumsum(_steps(values).round())])
    FRAME_NUMBER.check(float(numbers[-1]), where)
    return [int(numbers[place]) for place in places]


def rate_of_times(times: Sequence[float]) -> float | None:
    """Return the frames a second of entries with these times.

    Args:
        times: the time of each entry in seconds, milli-, micro- or nanoseconds.

    Returns:
        ``None`` where times are few or not evenly spaced, or no unit gives a usual rate.
    """
    values = np.unique(np.asarray(times, np.float64))
    if len(values) < _ENOUGH or not np.isfinite(values).all() or not are_even(values.tolist()):
        return None
    step = _usual_step(np.diff(values))
    rates = (1 / (unit * step) for unit in set(_UNITS.values()))
    return next((float(rate) for rate in rates if _RATES[0] <= rate <= _RATES[1]), None)


def frame_times(values: Sequence[Any], where: object, *, apart: bool) -> list[float] | None:
    """Return the time of each entry; ``None`` where it is not that of the video's frames.

    Times of frames ascend or are evenly spaced: programs that work at several frames at once write
    them as they finish. Others are those that a detector took, or whole seconds.

    Args:
        values: numbers, or texts such as a clock shows them.
        where: the file, for messages.
        apart: whether each entry is a frame of its own.

    Raises:
        AnatomyError: for a text that is no time.
    """
    times = times_of(values, where)
    if not times or not np.isfinite(times).all():
        return None
    pairs = itertools.pairwise(times)
    ascending = all(a < b or (a == b and not apart) for a, b in pairs) and times[0] < times[-1]
    mixed = len(set(times)) == len(times) >= _ENOUGH and are_even(times)
    return times if ascending or mixed else None


def times_of(values: Sequence[Any], where: object) -> list[float]:
    """Return times in numbers.

    Args:
        values: numbers in any unit, or texts: numbers, numbers with a unit, or what a clock shows,
            which become seconds.
        where: the file, for messages.

    Raises:
        AnatomyError: for a text that is no time.
    """
    times: list[float] = []
    for value in values:
        time = _seconds(value) if isinstance(value, str) else value
        if time is None:
            raise AnatomyError(
                f"{where}: expected a time such as 1.25 or 00:00:01.25 of each frame, got "
                f"{shown(value)}"
            )
        times.append(float(time))
    clocks = any(isinstance(value, str) and ":" in value for value in values)
    return across_midnight(times) if clocks else times


def is_time(text: str) -> bool:
    """Return whether a text is a time: a number, a number with a unit, or what a clock shows."""
    return _seconds(text) is not None


def _seconds(text: str) -> float | None:
    """Return a time in seconds, or the number in a text; ``None`` for other text."""
    quantity = _QUANTITY.fullmatch(text.strip().lower())
    if quantity is not None and quantity[2] in _UNITS:
        return float(quantity[1]) * _UNITS[quantity[2]]
    number = number_in(text)
    return seconds_of_clock(text) if number is None else number


def counted(columns: Iterable[Sequence[Any]]) -> list[int] | None:
    """Return the frame numbers in the first column that counts entries; ``None`` without one.

    So frames that are missing are found where the title says neither frame nor time. Such a column
    ascends, and all steps are whole multiples of the usual one. Where that is 1, whole numbers are
    the frames', others are taken as times.

    Args:
        columns: a value for each entry in each; of no interest where they are no numbers.
    """
    for values in columns:
        if len(values) < _ENOUGH or not set(map(type, values)) <= {int, float}:
            continue
        steps = np.diff(np.asarray(values, np.float64))
        if not np.isfinite(steps).all() or steps.min() <= 0:
            continue
        counts = steps / np.median(steps)
        if counts.min() < 1 - _EXACT or (np.abs(counts - counts.round()) > _EXACT).any():
            continue
        whole = np.median(steps) == 1 and float(values[0]).is_integer()
        if whole and values[0] >= 0 and values[-1] < FRAMES.most:
            return [int(value) for value in values]
        return numbers_of_times(values, "")
    return None


def are_milliseconds(texts: Iterable[str]) -> bool:
    """Return whether texts are whole numbers that count milliseconds rather than frames.

    Frames that were left out make steps of whole multiples of the least; the milliseconds of a
    video's frames, such as 33 and 34, do not.
    """
    named = list(texts)
    if len(named) < _ENOUGH or not all(t.isascii() and t.isdigit() and len(t) < 16 for t in named):
        return False
    values = sorted({int(text) for text in named})
    steps = np.diff(values)
    return bool(len(steps) and (steps % steps.min()).any() and are_even(values))


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
    """Return the steps between ascending times, in steps from one frame to the next; 1 at least."""
    steps = np.diff(times)
    return np.maximum(steps / _usual_step(steps), 1)


def _usual_step(steps: NDArray[np.float64]) -> float:
    """Return the step from one frame to the next, of steps between ascending times."""
    usual = np.median(steps)
    # The median is a longer step where many frames are missing, such as every third.
    while (shorter := steps < (1 - _UNEVEN) * usual).mean() > _UNEVEN_SHARE:
        usual = np.median(steps[shorter])
    # Rounded times differ from each other, such as 33 and 34 ms; their mean does not.
    return float(steps[np.abs(steps / usual - 1) <= _UNEVEN].mean())
