"""The geometry of a drawing: upright coordinates, the floor, and the viewpoint."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses.levelling import level
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton

GRID_STEP = 0.5
"""Metres between two lines of the floor."""
GUESS_OPACITY = 0.35
"""Opacity of the pose of a frame in which the person was not seen."""
FAINTEST = 0.12
"""Opacity of a keypoint of score 0."""


def upright(poses: PoseSequence) -> NDArray[np.float32]:
    """Return positions (T, J, 3), metres, with x right, y away from the viewer and z up.

    Camera axes (x right, y down, z forward) are levelled by the poses' up direction, where it is
    known, else as if the camera stood level; world axes are upright already.
    """
    if poses.axes == "world":
        return poses.positions
    if poses.up is not None:
        return level(poses).positions
    x, y, z = np.moveaxis(poses.positions, -1, 0)
    return np.stack([x, z, -y], axis=-1)


def floor_height(points: NDArray[np.floating]) -> float:
    """Return the height of the floor under upright points (T, J, 3), metres.

    It is the height of the clip's lowest joint without the lowest hundredth of the frames, so that
    one wild frame does not lift the person off the ground.
    """
    return float(np.quantile(points[..., 2].min(axis=-1), 0.01))


def link_sides(skeleton: Skeleton) -> tuple[str, ...]:
    """Return ``"left"``, ``"right"`` or ``"middle"`` for each of ``skeleton.links``."""
    sides = [{skeleton.sides[a], skeleton.sides[b]} - {"middle"} for a, b in skeleton.links]
    return tuple(side.pop() if len(side) == 1 else "middle" for side in sides)


def visibility_opacity(visibility: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the opacity of keypoints for their scores.

    A detector's usual 0.6 is nearly opaque, 0 nearly transparent.

    Args:
        visibility: scores in [0, 1], any shape.
    """
    return FAINTEST + (1 - FAINTEST) * np.sqrt(visibility)


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
        """Project upright points (..., 3) to the picture's right and up (..., 2), and depth (...).

        All are in metres; depth grows away from the viewer.
        """
        turn, tilt = np.radians([self.azimuth, self.elevation])
        x, y, z = np.moveaxis(np.asarray(points), -1, 0)
        right = x * np.cos(turn) + y * np.sin(turn)
        away = y * np.cos(turn) - x * np.sin(turn)
        up = z * np.cos(tilt) + away * np.sin(tilt)
        depth = away * np.cos(tilt) - z * np.sin(tilt)
        return np.stack([right, up], axis=-1), depth


def check_same_clip(keypoints: KeypointSequence, poses: PoseSequence) -> None:
    """Raise ``AnatomyError`` unless frame i of both is the same instant."""
    same = len(keypoints) == len(poses) and keypoints.first_frame == poses.first_frame
    if not (same and np.isclose(keypoints.fps, poses.fps)):
        expected, came = (
            f"{len(clip)} frames from frame {clip.first_frame} on at {clip.fps:g} fps"
            for clip in (keypoints, poses)
        )
        raise AnatomyError(
            f"{poses.source or 'poses'}: expected the keypoints' {expected}, got {came}"
        )
