"""Poses in the axes and units that other programs expect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.sequences import PoseSequence

UNITS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3}
"""Metres by a unit's name."""


def y_up(poses: PoseSequence) -> NDArray[np.float32]:
    """Positions (T, J, 3) in metres with y up: x right and z towards the viewer, for camera axes.

    World axes are turned about x, so that what was north of the person is behind it (-z).
    """
    x, y, z = np.moveaxis(poses.positions, -1, 0)
    return np.stack([x, -y, -z] if poses.axes == "camera" else [x, z, -y], axis=-1)


def z_up(poses: PoseSequence) -> NDArray[np.float32]:
    """Positions (T, J, 3) in metres with z up: x right and y away from the viewer."""
    if poses.axes == "world":
        return poses.positions
    x, y, z = np.moveaxis(poses.positions, -1, 0)
    return np.stack([x, z, -y], axis=-1)


def from_y_up(positions: NDArray[np.floating]) -> NDArray[np.floating]:
    """Positions (..., 3) with y up in world axes, z up."""
    x, y, z = np.moveaxis(positions, -1, 0)
    return np.stack([x, -z, y], axis=-1)
