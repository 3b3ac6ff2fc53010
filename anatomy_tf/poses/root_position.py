"""The position of a person in the camera's frame."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.cameras.undistortion import undistort
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.poses.smooth_path import change_penalty, frame_blocks
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.sequences.person_checks import check_person

WORST_CONDITION = 1e8
"""Condition of a frame's normal equations above which its joints do not determine the distance."""

JOINT_ERROR = 0.1
"""Metres that a joint may lie beside its ray, weighed against ``ACCELERATION``: twice the error of
a lifted joint, since errors of neighbouring frames are alike."""

ACCELERATION = 5.0
"""Usual acceleration of the root along an axis, m/s2. On 48 views of motion capture by virtual
cameras, lifted, the root's speed in depth is off by 1.07 m/s in the mean when each frame is placed
for itself, by 0.14 on this path (``benchmarks/room.py``). Half this value makes depth a little
better and the rest worse; twice this value does the reverse."""

GAP_SPEED = 2.0
"""Usual speed of the root along an axis, m/s, in a gap: without it the path would cross a gap at
the speed at which it entered it, and run away at the clip's end."""

LEAST_SCALE = 0.02
"""Metres; joints that lie this near to their rays are no outliers, however exact the others are."""

OUTLIER = 2.0
"""Multiple of the usual distance from the ray at which a joint counts half."""

NEAREST = 0.1
"""Least depth of a joint before the camera, metres."""

ROUNDS = 20
"""Most rounds of re-weighting; ten are usual."""


def root_path(
    positions: NDArray[np.floating],
    keypoints: NDArray[np.floating],
    intrinsics: NDArray[np.floating],
    fps: float,
    weights: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """Return the smooth path of the root that puts a clip's joints onto their rays.

    A joint at ``p + r`` on the ray (u, v) has ``p_x + r_x = u (p_z + r_z)`` and the same for y and
    v: two equations, linear in the root r, whose error is in metres. All frames are solved together
    by least squares with a penalty on the path's acceleration, so that each frame's distance draws
    on many frames. Joints far from their rays count less (Cauchy's weights, found by
    repetition).

    Args:
        positions: (T, J, 3) root-relative metres, camera axes.
        keypoints: (T, J, 2) pixels; NaN and pixels that this lens cannot reach are ignored.
        intrinsics: (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2, pixels.
        fps: frames a second.
        weights: (T, J) of the joints' squared distances, such as their visibility; equal by
            default.

    Returns:
        (T, 3) metres. Every joint is before the camera. A frame whose joints do not determine the
        place, or would put the person behind the camera, takes it from the frames around it.

    Raises:
        AnatomyError: when no frame determines the place.
    """
    positions = np.asarray(positions, np.float64)
    rays = undistort(keypoints, intrinsics)
    known = ~np.isnan(rays[..., 0])
    rays = np.where(known[..., None], rays, 0)
    squares = known * (1.0 if weights is None else np.asarray(weights, np.float64))
    # Rows (1, 0, -u) and (0, 1, -v) for each joint.
    rows = np.zeros((*rays.shape, 3))
    rows[..., 0, 0] = rows[..., 1, 1] = 1
    rows[..., 2] = -rays
    sides = rays * positions[..., 2:] - positions[..., :2]
    nearest = NEAREST - positions[..., 2].min(axis=1)
    placeable = _placeable(rows, sides, squares, nearest)
    squares *= placeable[:, None]
    if not squares.any():
        raise AnatomyError(
            "no frame has enough visible joints to place the person; do the intrinsics belong to "
            "this video?"
        )
    frames, gap = len(rays), ~placeable[1:] | ~placeable[:-1]
    smooth = change_penalty(frames, 2, (fps**2 / ACCELERATION) ** 2)
    smooth += change_penalty(frames, 1, gap * (fps / GAP_SPEED) ** 2)
    prior = scipy.sparse.kron(smooth, np.eye(3))
    counted = squares
    for _ in range(ROUNDS):
        roots = _solved(rows, sides, counted / JOINT_ERROR**2, prior, nearest)
        off = np.linalg.norm(np.einsum("tjai,ti->tja", rows, roots) - sides, axis=-1)
        usual = max(LEAST_SCALE, 1.4826 * float(np.median(off[squares > 0])))
        before, counted = counted, squares / (1 + (off / (OUTLIER * usual)) ** 2)
        if np.abs(counted - before).max() < 1e-3:
            break
    return roots


def _placeable(
    rows: NDArray[np.float64],
    sides: NDArray[np.float64],
    squares: NDArray[np.float64],
    nearest: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return (T,) whether each frame alone determines a place before the camera."""
    matrix, side = _normal_equations(rows, sides, squares)
    placeable = ((squares > 0).sum(axis=1) >= 2) & (np.linalg.cond(matrix) < WORST_CONDITION)
    matrix[~placeable] = np.eye(3)
    return placeable & (np.linalg.solve(matrix, side[..., None])[:, 2, 0] > nearest)


def _normal_equations(
    rows: NDArray[np.float64], sides: NDArray[np.float64], squares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the matrices (T, 3, 3) and right sides (T, 3) of each frame's normal equations."""
    weighted = rows * squares[..., None, None]
    return np.einsum("tjai,tjak->tik", weighted, rows), np.einsum("tjai,tja->ti", weighted, sides)


def _solved(
    rows: NDArray[np.float64],
    sides: NDArray[np.float64],
    squares: NDArray[np.float64],
    prior: scipy.sparse.sparray,
    nearest: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the best path (T, 3); frames that would come too near are held at ``nearest``."""
    matrix, side = _normal_equations(rows, sides, squares)
    hold = 1e6 * (1 + np.trace(matrix, axis1=1, axis2=2).max())
    held = np.zeros(len(rows), bool)
    while True:
        data = frame_blocks(matrix)
        # The matrix is banded, so it fills least in its natural order.
        roots = scipy.sparse.linalg.spsolve(
            (data + prior).tocsc(), side.reshape(-1), permc_spec="NATURAL"
        ).reshape(-1, 3)
        too_near = (roots[:, 2] < nearest) & ~held
        if not too_near.any():
            roots[:, 2] = np.maximum(roots[:, 2], nearest)
            return roots
        held |= too_near
        matrix[too_near, 2, 2] += hold
        side[too_near, 2] += hold * nearest[too_near]


def place_in_camera(
    poses: PoseSequence, keypoints: KeypointSequence, camera: Camera | NDArray[np.floating]
) -> PoseSequence:
    """Place poses in the camera's frame by the keypoints that they were lifted from.

    Joints are weighted by their visibility; the path is smooth and no joint comes behind the camera
    (``root_path``). Errors in the pose's size go into the distance: a person estimated 5 % too
    small stands 5 % too near (``scale_to_height`` mends both).

    Args:
        poses: root-relative, camera axes.
        keypoints: those of the same frames; another layout is mapped by joint names.
        camera: the camera that took the video, or its (9,) intrinsics in pixels: fx, fy, cx, cy,
            k1, k2, k3, p1, p2. A camera with a rotation in the world defines ``up``, too. A camera
            with a larger or smaller image of the same shape is scaled.

    Returns:
        The poses with ``root_relative=False``, metres, and ``camera``.

    Raises:
        AnatomyError: when poses and keypoints do not belong together, the poses are not
            root-relative in camera axes, the camera's image has another shape than the video, the
            intrinsics are impossible, or no frame can be placed.

    Example:
        >>> camera = Camera.from_field_of_view(60, keypoints.width, keypoints.height)
        >>> placed = place_in_camera(lifter.lift(keypoints), keypoints, camera)
    """
    check_person(poses, PoseSequence)
    check_person(keypoints, KeypointSequence)
    where = f"{poses.source or 'poses'}: person {poses.person}"
    if poses.axes != "camera" or not poses.root_relative:
        raise AnatomyError(f"{where}: expected root-relative poses in camera axes")
    if len(poses) != len(keypoints) or poses.fps != keypoints.fps:
        raise AnatomyError(
            f"{where}: expected keypoints of the same frames, got {len(keypoints)} at "
            f"{keypoints.fps:g} fps for {len(poses)} poses at {poses.fps:g} fps"
        )
    taken_by = _camera(camera, keypoints)
    seen = keypoints.mapped(poses.skeleton)
    try:
        roots = root_path(
            poses.positions, seen.keypoints, taken_by.intrinsics, poses.fps, seen.visibility
        )
    except AnatomyError as error:
        raise AnatomyError(f"{where}: {error}") from None
    return dataclasses.replace(
        poses,
        positions=poses.positions + roots[:, None].astype(np.float32),
        root_relative=False,
        up=taken_by.up if taken_by.has_world else poses.up,
        camera=dataclasses.replace(taken_by, rotation=np.eye(3), position=np.zeros(3)),
    )


def _camera(camera: Camera | NDArray[np.floating], keypoints: KeypointSequence) -> Camera:
    if isinstance(camera, Camera):
        return camera.resized(keypoints.width, keypoints.height)
    values = number_array(camera, np.float64, "camera")
    if values.shape != (9,) or not np.isfinite(values).all() or (values[:2] <= 0).any():
        raise AnatomyError(
            "expected intrinsics fx, fy, cx, cy, k1, k2, k3, p1, p2 with positive focal lengths, "
            f"got {values.tolist()}"
        )
    return Camera.from_intrinsics(values, keypoints.width, keypoints.height)
