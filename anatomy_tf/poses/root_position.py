"""Where in the camera's frame a person is."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.cameras.undistortion import undistort
from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence

WORST_CONDITION = 1e8
"""Of the normal equations; above it the joints leave the distance open."""


def root_positions(
    positions: NDArray[np.floating],
    keypoints: NDArray[np.floating],
    intrinsics: NDArray[np.floating],
    weights: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """The translation of each frame that puts the joints onto their rays, by least squares.

    A joint at ``p + r`` on the ray (u, v) has ``p_x + r_x = u (p_z + r_z)`` and the same for y and
    v: two equations, linear in the root r. All frames are solved at once, without iteration.

    Args:
        positions: (T, J, 3) root-relative metres, camera axes.
        keypoints: (T, J, 2) pixels; NaN counts for nothing, nor does a pixel that this lens cannot
            reach.
        intrinsics: (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2, pixels.
        weights: (T, J) of the joints, such as their visibility; equal by default.

    Returns:
        (T, 3) metres; NaN where fewer than two joints are seen, they leave the distance open, or
        the result would be behind the camera.
    """
    positions = np.asarray(positions, np.float64)
    rays = undistort(keypoints, intrinsics)
    known = ~np.isnan(rays[..., 0])
    rays = np.where(known[..., None], rays, 0)
    squares = known * (1.0 if weights is None else np.asarray(weights, np.float64)) ** 2
    # Rows (1, 0, -u) and (0, 1, -v) for each joint.
    rows = np.zeros((*rays.shape, 3))
    rows[..., 0, 0] = rows[..., 1, 1] = 1
    rows[..., 2] = -rays
    known_sides = rays * positions[..., 2:] - positions[..., :2]
    weighted = rows * squares[..., None, None]
    matrix = np.einsum("tjai,tjak->tik", weighted, rows)
    side = np.einsum("tjai,tja->ti", weighted, known_sides)
    usable = ((squares > 0).sum(axis=1) >= 2) & (np.linalg.cond(matrix) < WORST_CONDITION)
    matrix[~usable] = np.eye(3)
    roots = np.linalg.solve(matrix, side[..., None])[..., 0]
    usable &= (roots[:, None, 2] + positions[..., 2] > 0).all(axis=1)
    return np.where(usable[:, None], roots, np.nan)


def place_in_camera(
    poses: PoseSequence, keypoints: KeypointSequence, camera: Camera | NDArray[np.floating]
) -> PoseSequence:
    """Poses at their place in the camera's frame, from the keypoints that they were lifted from.

    Joints weigh by their visibility. A frame that leaves the place open takes it from its
    neighbours in time, by linear interpolation. Errors of the pose's size go into the distance: a
    person estimated 5 % too small stands 5 % too near.

    Args:
        poses: root-relative, camera axes.
        keypoints: of the same frames; another layout is mapped by joint names.
        camera: that took the video, or its (9,) intrinsics in pixels: fx, fy, cx, cy, k1, k2, k3,
            p1, p2.

    Returns:
        The poses with ``root_relative=False``, metres.

    Raises:
        AnatomyError: when poses and keypoints do not belong together, the poses are not
            root-relative in camera axes, the intrinsics cannot be, or no frame can be placed.

    Example:
        >>> placed = place_in_camera(lifter.lift(keypoints), keypoints, camera)
    """
    where = poses.source or "poses"
    if poses.axes != "camera" or not poses.root_relative:
        raise AnatomyError(f"{where}: expected root-relative poses in camera axes")
    if len(poses) != len(keypoints) or poses.fps != keypoints.fps:
        raise AnatomyError(
            f"{where}: expected keypoints of the same frames, got {len(keypoints)} at "
            f"{keypoints.fps:g} fps for {len(poses)} poses at {poses.fps:g} fps"
        )
    seen = keypoints.mapped(poses.skeleton)
    roots = root_positions(poses.positions, seen.keypoints, _intrinsics(camera), seen.visibility)
    found = np.flatnonzero(~np.isnan(roots[:, 0]))
    if not len(found):
        raise AnatomyError(
            f"{where}: no frame has enough visible joints to place the person; are the intrinsics "
            "of this video?"
        )
    frames = np.arange(len(roots))
    filled = np.stack([np.interp(frames, found, roots[found, axis]) for axis in range(3)], axis=-1)
    placed = poses.positions + filled[:, None].astype(np.float32)
    return dataclasses.replace(poses, positions=placed, root_relative=False)


def _intrinsics(camera: Any) -> NDArray[np.float64]:
    values = np.asarray(camera.intrinsics if isinstance(camera, Camera) else camera, np.float64)
    if values.shape != (9,) or not np.isfinite(values).all() or (values[:2] <= 0).any():
        raise AnatomyError(
            "expected intrinsics fx, fy, cx, cy, k1, k2, k3, p1, p2 with positive focal lengths, "
            f"got {values.tolist()}"
        )
    return values
