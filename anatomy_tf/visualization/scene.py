"""The geometry of a drawing: upright coordinates, the floor, and the view from somewhere."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton

GRID_STEP = 0.5
"""Metres between two lines of the floor."""


def upright(poses: PoseSequence) -> NDArray[np.float32]:
    """Positions (T, J, 3) in metres with x right, y away from the viewer and z up.

    Camera axes (x right, y down, z forward) are turned; world axes are upright already.
    """
    if poses.axes == "world":
        return poses.positions
    x, y, z = np.moveaxis(poses.positions, -1, 0)
    return np.stack([x, z, -y], axis=-1)


def floor_height(points: NDArray[np.floating]) -> float:
    """Height of the floor under upright points (T, J, 3), metres.

    The lowest joint of the clip, but for the lowest hundredth of the frames: one wild frame must
    not lift the person off the ground.
    """
    return float(np.quantile(points[..., 2].min(axis=-1), 0.01))


def link_sides(skeleton: Skeleton) -> tuple[str, ...]:
    """``"left"``, ``"right"`` or ``"middle"`` for each of ``skeleton.links``."""
    sides = [{skeleton.sides[a], skeleton.sides[b]} - {"middle"} for a, b in skeleton.links]
    return tuple(side.pop() if len(side) == 1 else "middle" for side in sides)


def visibility_opacity(visibility: NDArray[np.floating]) -> NDArray[np.floating]:
    """Opacity of a keypoint from its score: a detector's usual 0.6 is nearly full, 0 nearly gone.

    Args:
        visibility: scores in [0, 1], any shape.
    """
    return 0.12 + 0.88 * np.sqrt(visibility)


@dataclasses.dataclass(frozen=True)
class Viewpoint:
    """A parallel projection, so that a metre has one length everywhere in the picture.

    Args:
        azimuth: degrees that the viewer has walked around the person, to the person's image right;
            0 looks along the camera's axis.
        elevation: degrees that the viewer looks down.
    """

    azimuth: float = 0.0
    elevation: float = 10.0

    def project(
        self, points: NDArray[np.floating]
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Upright points (..., 3) to the picture's right and up (..., 2) and depth (...), metres.

        Depth grows away from the viewer.
        """
        turn, tilt = np.radians([self.azimuth, self.elevation])
        x, y, z = np.moveaxis(np.asarray(points), -1, 0)
        right = x * np.cos(turn) + y * np.sin(turn)
        away = y * np.cos(turn) - x * np.sin(turn)
        up = z * np.cos(tilt) + away * np.sin(tilt)
        depth = away * np.cos(tilt) - z * np.sin(tilt)
        return np.stack([right, up], axis=-1), depth


def check_same_clip(keypoints: KeypointSequence, poses: PoseSequence) -> None:
    """Raises an ``AnatomyError`` unless frame i of both is the same instant."""
    if len(keypoints) != len(poses) or not np.isclose(keypoints.fps, poses.fps):
        raise AnatomyError(
            f"{poses.source or 'poses'}: expected the keypoints' {len(keypoints)} frames at "
            f"{keypoints.fps:g} fps, got {len(poses)} frames at {poses.fps:g} fps"
        )
