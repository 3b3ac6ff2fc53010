"""Positions moved so that bones have given lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy.bones import unit
from anatomy_tf.skeletons import Skeleton

SWEEPS = 10
"""Sweeps over the bones; more move joints of lifted poses by a thousandth of a millimetre."""


def with_bone_lengths(
    positions: NDArray[np.floating], lengths: NDArray[np.floating], skeleton: Skeleton
) -> NDArray[np.float64]:
    """Return positions near the given ones whose bones have these lengths.

    Each sweep over the bones moves both ends of a bone by half its error. A last pass from the root
    outwards moves only the child joints, so that all lengths are exact.

    Args:
        positions: (..., J, 3).
        lengths: (b,) in the same unit.
        skeleton: the positions' skeleton.

    Returns:
        (..., J, 3). A bone without a direction keeps its length of zero.

    References:
        Müller et al., Position Based Dynamics, 2007 (distance constraints).
    """
    fitted = np.array(positions, np.float64)
    bones = sorted(
        range(skeleton.bone_count), key=lambda b: len(skeleton.paths[skeleton.bones[b][1]])
    )
    for _ in range(SWEEPS):
        for bone in bones:
            parent, child = skeleton.bones[bone]
            span = fitted[..., child, :] - fitted[..., parent, :]
            half = (span - lengths[bone] * unit(span)) / 2
            fitted[..., child, :] -= half
            fitted[..., parent, :] += half
    for bone in bones:
        parent, child = skeleton.bones[bone]
        span = fitted[..., child, :] - fitted[..., parent, :]
        fitted[..., child, :] = fitted[..., parent, :] + lengths[bone] * unit(span)
    return fitted
