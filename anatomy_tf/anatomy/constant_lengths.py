"""Positions moved so that bones have given lengths."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.anatomy.bones import SHORTEST_BONE
from anatomy_tf.skeletons import Skeleton

SWEEPS = 10
"""Sweeps over the bones; more move joints of lifted poses by a thousandth of a millimetre."""


def with_bone_lengths(
    positions: Any,
    lengths: Any,
    skeleton: Skeleton,
    xp: Any = np,
    *,
    mobility: tuple[float, float, float] = (1, 1, 1),
) -> Any:
    """Return positions near the given ones whose bones have these lengths.

    Each sweep over the bones moves both ends of a bone by half its error. A last pass from the root
    outwards moves only the child joints, along the bones, so that all lengths are exact.

    Args:
        positions: (..., J, 3).
        lengths: (b,) or (..., b), in the same unit.
        skeleton: the positions' skeleton.
        xp: NumPy or ``keras.ops``.
        mobility: how easily joints move along each axis in the sweeps: the inverse masses of the
            reference.

    Returns:
        (..., J, 3), with NumPy in float64. A bone without a direction keeps its length of zero.

    References:
        Müller et al., Position Based Dynamics, 2007 (distance constraints).
    """
    if xp is np:
        positions = np.asarray(positions, np.float64)
    joints = [positions[..., joint, :] for joint in range(skeleton.joint_count)]
    bones = sorted(
        range(skeleton.bone_count), key=lambda b: len(skeleton.paths[skeleton.bones[b][1]])
    )

    moving = np.array(mobility, np.float32)

    def excess(bone: int, moving: Any = moving) -> Any:
        """Return the move that takes off what the bone is too long, to first order."""
        parent, child = skeleton.bones[bone]
        span = joints[child] - joints[parent]
        squared = xp.maximum(xp.sum(span * span, axis=-1, keepdims=True), SHORTEST_BONE**2)
        share = 1 - lengths[..., bone, None] / xp.sqrt(squared)
        along = xp.maximum(xp.sum(moving * span * span, axis=-1, keepdims=True), SHORTEST_BONE**2)
        return moving * span * (share * squared / along)

    for _ in range(SWEEPS):
        for bone in bones:
            parent, child = skeleton.bones[bone]
            half = excess(bone) / 2
            joints[child] = joints[child] - half
            joints[parent] = joints[parent] + half
    for bone in bones:
        joint = skeleton.bones[bone][1]
        joints[joint] = joints[joint] - excess(bone, np.ones(3, np.float32))
    return xp.stack(joints, axis=-2)
