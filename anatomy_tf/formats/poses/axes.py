"""Conversion of poses to the axes and units of other programs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import PoseSequence

UNITS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3}
"""Unit to its length in metres."""

_SPELLINGS = {
    "m": ("meter", "metre"),
    "cm": ("centimeter", "centimetre"),
    "mm": ("millimeter", "millimetre"),
}
"""Unit to its words in other programs' files, which may have an s at the end."""


def metres_of_unit(stated: str, where: str) -> float:
    """Return the length in metres of a unit as a file states it.

    Args:
        stated: one of ``UNITS`` or its words, in small letters or capitals.
        where: the file and the place in it, for the message.

    Raises:
        AnatomyError: for another unit, or none.
    """
    word = stated.strip().lower()
    for unit, words in _SPELLINGS.items():
        if word == unit or word.removesuffix("s") in words:
            return UNITS[unit]
    raise AnatomyError(f"{where} m, cm or mm, got {stated.strip()!r:.40}")


def y_up(poses: PoseSequence) -> NDArray[np.float32]:
    """Return positions (T, J, 3) with y up, metres.

    Camera axes become x right and z towards the viewer. World axes are turned about x, so that
    their y becomes -z.
    """
    x, y, z = np.moveaxis(poses.positions, -1, 0)
    return np.stack([x, -y, -z] if poses.axes == "camera" else [x, z, -y], axis=-1)


def z_up(poses: PoseSequence) -> NDArray[np.float32]:
    """Return positions (T, J, 3) with z up, metres; camera axes become x right, y away."""
    if poses.axes == "world":
        return poses.positions
    x, y, z = np.moveaxis(poses.positions, -1, 0)
    return np.stack([x, z, -y], axis=-1)


def from_y_up(positions: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return positions (..., 3) with y up in world axes, which have z up."""
    x, y, z = np.moveaxis(positions, -1, 0)
    return np.stack([x, -z, y], axis=-1)
