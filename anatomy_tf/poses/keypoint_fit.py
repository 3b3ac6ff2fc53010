"""Poses moved to the keypoints that they were lifted from, with constant bone lengths.

``fit_to_rays`` does it for whole clips, ``fit_next`` for a stream's newest frame.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from anatomy_tf.anatomy import (
    bone_directions,
    bone_lengths,
    forward_kinematics,
    symmetric,
    with_bone_lengths,
)
from anatomy_tf.sequences.running import fading_sums, kept_share
from anatomy_tf.skeletons import Skeleton

MEMORY = 0.07
"""Time constant of the mean of the moves, seconds: a frame so far away counts 1 / e. Detectors'
errors change from frame to frame, a network's last longer."""

SMOOTHING = 0.028
"""Seconds, standard deviation of the weights of the frames around a moved pose in its mean."""

DEPTH_MOBILITY = 4.0
"""How much more easily joints move in depth than across the picture, to keep bone lengths. Across
the picture keypoints show where they are."""

PRIOR_WEIGHT = 0.2
"""Weight of the network's pose in the mean, where a keypoint of visibility 1 has the weight 1."""

OUTLIER = 0.25
"""Metres from its ray at which a joint's keypoint counts a quarter."""

NEAREST = 0.5
"""Least depth of a joint before the camera, metres."""

ROUNDS = 4
"""Rounds of re-weighting; more change a joint by less than a millimetre."""

FIT_MOVES, FIT_FRAMES, FIT_LENGTHS = "fit_moves", "fit_frames", "fit_lengths"
"""Names of the arrays that ``fit_next`` remembers of each person."""

_LEAST_WEIGHT = 1e-4
_LEAST_SPREAD = 1e-12


def fit_to_rays(
    positions: Any,
    rays: Any,
    visibility: Any,
    skeleton: Skeleton,
    fps: float,
    *,
    valid: Any = None,
    xp: Any = np,
) -> tuple[Any, Any]:
    """Move joints of clips towards their rays, and give all frames the same bone lengths.

    Across the picture a network's error is larger than a detector's, but a detector's changes from
    frame to frame. So the person is put before the camera in each frame, where the joints are
    nearest to their rays, and each joint is moved across the picture by the smoothed mean of the
    moves that put it onto its ray. Visible joints count more and outliers less. Depth stays the
    network's. The moved poses are smoothed over a few frames. The bone lengths are their means over
    the clip and both sides; joints are then moved to keep them, mostly in depth
    (``with_bone_lengths``).

    Args:
        positions: (N, T, J, 3) metres, camera axes.
        rays: (N, T, J, 2) x / z and y / z of the keypoints, without gaps.
        visibility: (N, T, J) in [0, 1].
        skeleton: of the positions.
        fps: frames a second.
        valid: (N, T) 1 in frames of the clip, 0 in padding; all are valid by default.
        xp: NumPy or ``keras.ops``.

    Returns:
        Positions (N, T, J, 3), the root at the origin, and bone lengths (N, b), metres.
    """
    if valid is None:
        valid = xp.ones_like(visibility[..., 0])
    counted = valid[..., None, None]
    weighted = weighted_moves(positions, rays, visibility, xp) * counted
    around, frames = (_around(values, fps, xp) for values in (weighted, counted))
    moved = _smoothed(_moved(positions, around, frames[..., 0], xp), counted, fps, xp)
    shares = valid / xp.sum(valid, axis=1, keepdims=True)
    lengths = xp.sum(bone_lengths(moved, skeleton, xp) * shares[..., None], axis=1)
    lengths = symmetric(lengths, skeleton, xp)
    fitted = with_bone_lengths(
        moved, lengths[:, None], skeleton, xp, mobility=(1, 1, DEPTH_MOBILITY)
    )
    return fitted - fitted[..., skeleton.root, None, :], lengths


def fit_memory(skeleton: Skeleton) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what ``fit_next`` remembers of each person, by name.

    Args:
        skeleton: of the positions.
    """
    return {
        FIT_MOVES: (skeleton.joint_count, 3),
        FIT_FRAMES: (2,),
        FIT_LENGTHS: (skeleton.bone_count,),
    }


def fit_next(
    positions: Any,
    rays: Any,
    visibility: Any,
    past: Mapping[str, Any],
    skeleton: Skeleton,
    fps: float,
    *,
    xp: Any = np,
) -> tuple[Any, Any, dict[str, Any]]:
    """Fit the newest pose of each person of a stream to its keypoints, as ``fit_to_rays`` does.

    Moves and bone lengths are means of the frames so far; poses are not smoothed, which would delay
    them. Bones keep their directions while they take their lengths, which costs less than
    ``with_bone_lengths`` and is about as accurate.

    Args:
        positions: (P, J, 3) metres, camera axes.
        rays: (P, J, 2) x / z and y / z of the keypoints, without gaps.
        visibility: (P, J) in [0, 1].
        past: arrays of the shapes of ``fit_memory`` behind an axis of people; zeros begin.
        skeleton: of the positions.
        fps: frames a second.
        xp: NumPy or ``keras.ops``.

    Returns:
        Positions (P, J, 3), the root at the origin; bone lengths (P, b), metres; and the memory.
    """
    kept = kept_share(MEMORY, fps)
    moves = kept * past[FIT_MOVES] + weighted_moves(positions, rays, visibility, xp)
    frames = past[FIT_FRAMES] * np.array([kept, 1], np.float32) + 1
    moved = _moved(positions, moves, frames[:, :1], xp)
    lengths = symmetric(bone_lengths(moved, skeleton, xp), skeleton, xp)
    lengths = past[FIT_LENGTHS] + (lengths - past[FIT_LENGTHS]) / frames[:, 1:]
    fitted = forward_kinematics(bone_directions(moved, skeleton, xp), lengths, skeleton, xp)
    return fitted, lengths, {FIT_MOVES: moves, FIT_FRAMES: frames, FIT_LENGTHS: lengths}


def _moved(positions: Any, weighted: Any, frames: Any, xp: Any) -> Any:
    """Return positions (..., J, 3) moved across the picture by means of moves.

    Args:
        positions: (..., J, 3).
        weighted: (..., J, 3) sums over frames of ``weighted_moves``.
        frames: (..., 1) how many frames they stand for.
        xp: NumPy or ``keras.ops``.
    """
    weights = weighted[..., 2:] + PRIOR_WEIGHT * frames[..., None]
    # Far behind a short clip's end the sums of its padding are zero.
    mean = weighted[..., :2] / xp.maximum(weights, PRIOR_WEIGHT)
    return xp.concatenate([positions[..., :2] + mean, positions[..., 2:]], axis=-1)


def _around(values: Any, fps: float, xp: Any) -> Any:
    """Return the sums (N, T, ...) over all frames, which count less the farther away they are."""
    kept = kept_share(MEMORY, fps)
    past = fading_sums(values, kept, xp)
    future = xp.flip(fading_sums(xp.flip(values, axis=1), kept, xp), axis=1)
    return past + future - values


def _smoothed(values: Any, valid: Any, fps: float, xp: Any) -> Any:
    """Return values (N, T, J, 3) smoothed by passes of a symmetric filter of three frames.

    The first and last valid frame stay; so no motion lags.

    Args:
        values: (N, T, J, 3).
        valid: (N, T, 1, 1).
        fps: frames a second.
        xp: NumPy or ``keras.ops``.
    """
    variance = (SMOOTHING * fps) ** 2
    passes = math.ceil(2 * variance)

    def beside(values: Any, first: Any, last: Any) -> tuple[Any, Any]:
        return (
            xp.concatenate([first, values[:, :-1]], axis=1),
            xp.concatenate([values[:, 1:], last], axis=1),
        )

    outside = xp.zeros_like(valid[:, :1])
    before, after = beside(valid, outside, outside)
    share = variance / (2 * passes) * before * after
    for _ in range(passes):
        before, after = beside(values, values[:, :1], values[:, -1:])
        values = values + share * (before - 2 * values + after)
    return values


def weighted_moves(positions: Any, rays: Any, visibility: Any, xp: Any) -> Any:
    """Return the moves in x and y that put joints onto their rays, times weights; and the weights.

    The person's place r in a frame is the least-squares solution of ``p_x + r_x = u (p_z + r_z)``
    and the same in y for all joints, as in ``root_path``, weighted by visibility and, by
    repetition, the weights of Geman and McClure, which leave outliers out.

    Args:
        positions: (..., J, 3).
        rays: (..., J, 2).
        visibility: (..., J).
        xp: NumPy or ``keras.ops``.

    Returns:
        (..., J, 3).
    """
    visible = visibility + _LEAST_WEIGHT
    sides = rays * positions[..., 2:] - positions[..., :2]
    nearest = NEAREST - xp.min(positions[..., 2], axis=-1)
    weights = visible
    for _ in range(ROUNDS):
        shares = (weights / xp.sum(weights, axis=-1, keepdims=True))[..., None]
        around_ray, around_side = (
            values - xp.sum(shares * values, axis=-2, keepdims=True) for values in (rays, sides)
        )
        spread = xp.sum(shares * around_ray**2, axis=(-2, -1))
        slope = xp.sum(shares * around_ray * around_side, axis=(-2, -1))
        depth = xp.maximum(-slope / xp.maximum(spread, _LEAST_SPREAD), nearest)
        moves = around_side + around_ray * depth[..., None, None]
        weights = visible / (1 + xp.sum(moves**2, axis=-1) / OUTLIER**2) ** 2
    return xp.concatenate([weights[..., None] * moves, weights[..., None]], axis=-1)
