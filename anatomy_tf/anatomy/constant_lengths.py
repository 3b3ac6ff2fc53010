"""The nearest poses of a body whose bones keep their lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy.bones import unit
from anatomy_tf.skeletons import Skeleton

SWEEPS = 10
"""Over the bones; more bring joints of lifted poses nearer by a thousandth of a millimetre."""


def with_bone_lengths(
    positions: NDArray[np.floating], lengths: NDArray[np.floating], skeleton: Skeleton
) -> NDArray[np.float64]:
    """Positions near the given ones whose bones have these lengths.

    Both ends of each bone give way by half of what it is too long or short, again and again; what
    is left then goes to the joints away from the root.

    Args:
        positions: (..., J, 3).
        lengths: (b,) in the same unit.
        skeleton: names the J joints.

    Returns:
        (..., J, 3). A bone without a direction points nowhere and keeps its length of zero.

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
