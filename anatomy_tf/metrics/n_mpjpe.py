"""Protocol 3: the joint error after the best scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.metrics.mpjpe import mpjpe
from anatomy_tf.metrics.pose_pair import pose_pair


def n_mpjpe(predicted: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """MPJPE after the least-squares scale of every frame (protocol 3), one value a frame.

    The scale is sum<target, predicted> / sum<predicted, predicted> about the origin, that is the
    root of root-relative poses; nothing is moved or turned. A prediction of zeros stays zeros.

    Args:
        predicted: (..., J, 3) relative to the root.
        target: (..., J, 3) relative to the root.

    Returns:
        (...) in the unit of the target.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    ours, theirs = pose_pair(predicted, target)
    size = np.sum(ours * ours, axis=(-2, -1), keepdims=True)
    agreement = np.sum(ours * theirs, axis=(-2, -1), keepdims=True)
    return mpjpe(ours * (agreement / np.where(size > 0, size, 1.0)), theirs)
