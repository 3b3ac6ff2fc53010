"""Conversion of poses to the axes and units of other programs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.sequences import PoseSequence

UNITS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3}
"""Unit to its length in metres."""


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
