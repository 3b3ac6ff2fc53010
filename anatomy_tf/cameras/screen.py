"""Pixels and normalised screen coordinates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def normalize_screen(
    pixels: NDArray[np.floating], width: float, height: float
) -> NDArray[np.floating]:
    """Return pixels (..., 2) as screen coordinates: x in [-1, 1], y in [-h/w, h/w]."""
    return pixels * float(2 / width) - _centre(pixels, width, height)


def denormalize_screen(
    screen: NDArray[np.floating], width: float, height: float
) -> NDArray[np.floating]:
    """Return screen coordinates (..., 2) as pixels."""
    return (screen + _centre(screen, width, height)) * float(width / 2)


def _centre(points: NDArray[np.floating], width: float, height: float) -> NDArray[np.floating]:
    """Return the image's middle in units of half its width, in the points' precision."""
    return np.array([1, height / width], np.result_type(points, np.float32))
