"""Positions moved so that bones have given lengths."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.anatomy.bones import SHORTEST_BONE
from anatomy_tf.skeletons import Skeleton

SWEEPS = 10
"""Sweeps over the bones; more move joints of lifted poses by a thousandth of a millimetre."""


def with_bone_lengths(positions: Any, lengths: Any, skeleton: Skeleton, xp: Any = np) -> Any:
    """Return positions near the given ones whose bones have these lengths.

    Each sweep over the bones moves both ends of a bone by half its error. A last pass from the root
    outwards moves only the child joints, so that all lengths are exact.

    Args:
        positions: (..., J, 3).
        lengths: (b,) or (..., b), in the same unit.
        skeleton: the positions' skeleton.
        xp: NumPy or ``keras.ops``.

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

    def excess(bone: int) -> Any:
        """Return the part of the bone's vector that is beyond its length; none of none."""
        parent, child = skeleton.bones[bone]
        span = joints[child] - joints[parent]
        found = xp.sqrt(xp.sum(span * span, axis=-1, keepdims=True))
        return span * (1 - lengths[..., bone, None] / xp.maximum(found, SHORTEST_BONE))

    for _ in range(SWEEPS):
        for bone in bones:
            parent, child = skeleton.bones[bone]
            half = excess(bone) / 2
            joints[child] = joints[child] - half
            joints[parent] = joints[parent] + half
    for bone in bones:
        joint = skeleton.bones[bone][1]
        joints[joint] = joints[joint] - excess(bone)
    return xp.stack(joints, axis=-2)
