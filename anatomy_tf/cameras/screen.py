"""Pixels and normalised screen coordinates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def normalize_screen(
    pixels: NDArray[np.floating], width: float, height: float
) -> NDArray[np.floating]:
    """Return pixels as screen coordinates: x in [-1, 1], y in [-h/w, h/w].

    Args:
        pixels: (..., 2) from the upper left corner, x right, y down.
        width: of the image, pixels.
        height: of the image, pixels.

    Returns:
        (..., 2) coordinates from the image's middle, in units of half its width.
    """
    pixels = np.asarray(pixels)
    return pixels * float(2 / width) - _centre(pixels, width, height)


def denormalize_screen(
    screen: NDArray[np.floating], width: float, height: float
) -> NDArray[np.floating]:
    """Return screen coordinates as pixels; the reverse of ``normalize_screen``.

    Args:
        screen: (..., 2) from the image's middle, in units of half its width.
        width: of the image, pixels.
        height: of the image, pixels.

    Returns:
        (..., 2) pixels from the upper left corner, x right, y down.
    """
    screen = np.asarray(screen)
    return (screen + _centre(screen, width, height)) * float(width / 2)


def _centre(points: NDArray[np.floating], width: float, height: float) -> NDArray[np.floating]:
    """Return the image's middle in units of half its width, in the points' precision."""
    return np.array([1, height / width], np.result_type(points, np.float32))
