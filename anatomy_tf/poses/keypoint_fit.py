"""Poses moved to the keypoints that they were lifted from, with constant bone lengths."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.anatomy import bone_lengths, symmetric, with_bone_lengths
from anatomy_tf.sequences.running import fading_sums, kept_share
from anatomy_tf.skeletons import Skeleton

MEMORY = 0.07
"""Seconds from a frame after which another one counts 1 / e in its moves. Detectors' errors change
from frame to frame, a network's last longer."""

PRIOR_WEIGHT = 0.2
"""How much the pose counts against keypoints of visibility 1 that its joints are moved towards."""

OUTLIER = 0.25
"""Metres from its ray at which a joint's keypoint counts a quarter."""

NEAREST = 0.5
"""Least depth of a joint before the camera, metres."""

ROUNDS = 4
"""Rounds of re-weighting; more change a joint by less than a millimetre."""

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
    network's. The bone lengths are the means over the moved poses and both sides; joints are then
    moved to keep them (``with_bone_lengths``).

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
    weights, moves = ray_moves(positions, rays, visibility, xp)
    weights = weights * valid[..., None]
    weights = weights[..., None]
    sums = _around(xp.concatenate([weights * moves, weights], axis=-1), fps, xp)
    frames = _around(valid[..., None, None], fps, xp)
    mean = sums[..., :2] / (sums[..., 2:] + PRIOR_WEIGHT * frames)
    moved = xp.concatenate([positions[..., :2] + mean, positions[..., 2:]], axis=-1)
    shares = valid / xp.sum(valid, axis=1, keepdims=True)
    lengths = xp.sum(bone_lengths(moved, skeleton, xp) * shares[..., None], axis=1)
    lengths = symmetric(lengths, skeleton, xp)
    fitted = with_bone_lengths(moved, lengths[:, None], skeleton, xp)
    return fitted - fitted[..., skeleton.root, None, :], lengths


def _around(values: Any, fps: float, xp: Any) -> Any:
    """Return the sums (N, T, ...) over all frames, which count less the farther away they are."""
    kept = kept_share(MEMORY, fps)
    past = fading_sums(values, kept, xp)
    future = xp.flip(fading_sums(xp.flip(values, axis=1), kept, xp), axis=1)
    return past + future - values


def ray_moves(positions: Any, rays: Any, visibility: Any, xp: Any) -> tuple[Any, Any]:
    """Return weights (..., J) and the moves (..., J, 2) in x and y that put joints onto their rays.

    The person's place r in a frame is the least-squares solution of ``p_x + r_x = u (p_z + r_z)``
    and the same in y for all joints, as in ``root_path``, weighted by visibility and, by
    repetition, the weights of Geman and McClure, which leave outliers out.

    Args:
        positions: (..., J, 3).
        rays: (..., J, 2).
        visibility: (..., J).
        xp: NumPy or ``keras.ops``.
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
    return weights, moves
