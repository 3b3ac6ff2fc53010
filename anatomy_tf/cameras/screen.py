"""Pixels and normalised screen coordinates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def normalize_screen(
    pixels: NDArray[np.floating], width: float, height: float
) -> NDArray[np.floating]:
    """Pixels (..., 2) to screen coordinates: x in [-1, 1], y in [-h/w, h/w], by the width."""
    return pixels * np.float32(2 / width) - np.array([1, height / width], np.float32)


def denormalize_screen(
    screen: NDArray[np.floating], width: float, height: float
) -> NDArray[np.floating]:
    """Screen coordinates (..., 2) back to pixels."""
    return (screen + np.array([1, height / width], np.float32)) * np.float32(width / 2)
