"""Low-pass filters that smooth motion, by name and cut-off in Hz.

Each joint's coordinates are low-pass filtered in time. A clip's filters (``butterworth``,
``savitzky_golay``) look both ways and add no delay; ``one_euro`` sees the past only, so streams can
use it. Smoothing straightens curved paths, so bones change their lengths a little.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_number
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.sequences.person_checks import check_person

Array = NDArray[np.float32]

SPEED_SHARE = 5.0
"""Hz by which one-euro's cut-off rises for each m/s of a joint's speed: hands keep their motion at
walking speed and do not tremble at rest."""

SPEED_CUTOFF = 1.0
"""Cut-off, Hz, of the speed that one-euro measures; its authors' value."""

LOWEST = 1e-3
"""Hz, of a cut-off: a quarter of an hour. The Butterworth filter has no solution far below."""

POLYNOMIAL = 3
"""Degree of Savitzky-Golay's local polynomials."""


def smooth(poses: PoseSequence, name: str, cutoff: float) -> PoseSequence:
    """Return the same clip, smoothed.

    Args:
        poses: any axes; root-relative poses stay root-relative.
        name: ``"butterworth"``, ``"savitzky_golay"`` or ``"one_euro"``.
        cutoff: Hz. Motion at this frequency keeps 71 % of its size (-3 dB), faster motion less.
            ``savitzky_golay`` comes as near as a whole number of frames allows; for ``one_euro`` it
            is the cut-off of a joint at rest. Walking needs about 6, sports 10 and more.

    Raises:
        AnatomyError: for another name, or a cut-off that is not between ``LOWEST`` and half the
            frame rate.

    Example:
        >>> smoother = smooth(poses, "butterworth", cutoff=6.0)

    References:
        Winter, Biomechanics and Motor Control of Human Movement, section 3.4 (Butterworth, with the
        cut-off corrected for two passes); Savitzky and Golay, Analytical Chemistry 1964; Casiez et
        al., 1 € filter, CHI 2012.
    """
    check_person(poses, PoseSequence)
    check_smoother(name, cutoff, poses.fps)
    positions = SMOOTHERS[name](poses.positions, poses.fps, cutoff)
    return dataclasses.replace(poses, positions=positions.astype(np.float32))


def parse_smoother(text: str) -> tuple[str, float]:
    """Return the name and cut-off of ``NAME:HZ``, such as ``butterworth:6``.

    Raises:
        AnatomyError: when the text is something else.
    """
    name, _, number = text.partition(":")
    try:
        cutoff = float(number)
    except ValueError:
        cutoff = -1.0
    if name not in SMOOTHERS or not cutoff > 0:
        raise AnatomyError(
            f"smoothing (--smooth): expected NAME:HZ, such as butterworth:6, with a name of "
            f"{', '.join(SMOOTHERS)}, got {text!r}"
        )
    return name, cutoff


def check_smoother(name: str, cutoff: float, fps: float) -> None:
    """Raise ``AnatomyError`` for an unknown name, or a cut-off that is not between ``LOWEST`` and
    half the frame rate.
    """
    if name not in SMOOTHERS:
        raise AnatomyError(
            f"smoothing (--smooth): expected one of {', '.join(SMOOTHERS)}, got {name!r}"
        )
    if not is_number(cutoff) or not LOWEST <= cutoff < fps / 2:
        raise AnatomyError(
            f"smoothing (--smooth): expected a cut-off from {LOWEST:g} Hz to below "
            f"{fps / 2:g} Hz, half the frame rate, got {cutoff!r:.40}"
        )


class OneEuroFilter:
    """Low-pass whose cut-off rises with speed, so that it neither trembles nor lags (1 € filter).

    Args:
        fps: values a second.
        cutoff: Hz, of a point at rest.
        speed_share: Hz that the cut-off rises for each unit a second of a point's speed.
    """

    def __init__(self, fps: float, cutoff: float, speed_share: float = SPEED_SHARE) -> None:
        self.fps, self.cutoff, self.speed_share = fps, cutoff, speed_share
        self._value: NDArray[np.floating] | None = None
        self._velocity: NDArray[np.floating] | float = 0.0

    def push(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return one more frame's points (..., 3), smoothed; the first frame's are unchanged."""
        if self._value is None:
            self._value = points
            return points
        velocity = (points - self._value) * self.fps
        self._velocity = self._velocity + self._share(SPEED_CUTOFF) * (velocity - self._velocity)
        speed = np.linalg.norm(self._velocity, axis=-1, keepdims=True)
        share = self._share(self.cutoff + self.speed_share * speed)
        self._value = self._value + share * (points - self._value)
        return self._value

    def _share(self, cutoff: NDArray[np.floating] | float) -> NDArray[np.floating] | float:
        """Return the weight of a new value, that of an RC filter with this cut-off."""
        return 1 / (1 + self.fps / (2 * np.pi * cutoff))


def one_euro_filters(cutoff: float | None, fps: float) -> Callable[[], OneEuroFilter] | None:
    """Return a function that makes the filter of one person in a stream.

    Args:
        cutoff: Hz, of a joint at rest; ``None`` asks for no smoothing.
        fps: poses a second.

    Returns:
        ``None`` for no smoothing.

    Raises:
        AnatomyError: see ``check_smoother``.
    """
    if cutoff is None:
        return None
    check_smoother("one_euro", cutoff, fps)
    return functools.partial(OneEuroFilter, fps, cutoff)


def one_euro(positions: Array, fps: float, cutoff: float) -> NDArray[np.floating]:
    """Apply ``OneEuroFilter`` over (T, J, 3)."""
    one = OneEuroFilter(fps, cutoff)
    return np.stack([one.push(points) for points in positions.astype(np.float64)])


def butterworth(positions: Array, fps: float, cutoff: float) -> NDArray[np.floating]:
    """Apply a second-order Butterworth filter forwards and backwards over (T, ...)."""
    # Imported here because it takes a second, which lifting without smoothing need not wait for.
    import scipy.signal

    # Each pass must keep the root of 71 % where both are to keep 71 %.
    single = np.arctan(np.tan(np.pi * cutoff / fps) / (np.sqrt(2) - 1) ** 0.25) / np.pi * fps
    sections = scipy.signal.butter(2, single, fs=fps, output="sos")
    padding = min(len(positions) - 1, int(np.ceil(3 * fps / cutoff)))
    return scipy.signal.sosfiltfilt(sections, positions.astype(np.float64), axis=0, padlen=padding)


def savitzky_golay(positions: Array, fps: float, cutoff: float) -> NDArray[np.floating]:
    """Fit local cubic polynomials over (T, ...), with a window that the cut-off determines."""
    import scipy.signal

    window = _window(fps, cutoff, len(positions) - 1 + len(positions) % 2)
    if window <= POLYNOMIAL:
        return positions  # A cubic passes through all of so few frames.
    return scipy.signal.savgol_filter(positions.astype(np.float64), window, POLYNOMIAL, axis=0)


def _window(fps: float, cutoff: float, most: int) -> int:
    """Return the odd window, up to ``most``, whose response at the cut-off is nearest -3 dB."""
    import scipy.signal

    def gain(window: int) -> float:
        if window <= POLYNOMIAL:
            return 1.0
        weights = scipy.signal.savgol_coeffs(window, POLYNOMIAL)
        times = np.arange(window) - window // 2
        return float(weights @ np.cos(2 * np.pi * cutoff / fps * times))

    wanted = np.sqrt(0.5)
    windows = range(POLYNOMIAL, most + 1, 2)
    place = bisect.bisect_left(windows, True, key=lambda window: gain(window) <= wanted)
    if place == len(windows):
        return most
    window = windows[place]
    return window if wanted - gain(window) < gain(window - 2) - wanted else window - 2


SMOOTHERS: dict[str, Callable[[Array, float, float], NDArray[np.floating]]] = {
    "butterworth": butterworth,
    "savitzky_golay": savitzky_golay,
    "one_euro": one_euro,
}
"""Filters by name."""
