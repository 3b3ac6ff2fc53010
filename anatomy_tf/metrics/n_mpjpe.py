"""Protocol 3: the joint error after the best scale, of each frame or of a whole clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.metrics.mpjpe import mpjpe
from anatomy_tf.metrics.pose_pair import pose_pair


def n_mpjpe(
    predicted: ArrayLike, target: ArrayLike, *, whole_clip: bool = False
) -> NDArray[np.float64]:
    """Return the MPJPE of each frame after its least-squares scale (protocol 3).

    The scale is sum<target, predicted> / sum<predicted, predicted> about the origin, which is
    the root of root-relative poses; nothing is moved or turned. A prediction of zeros stays zeros.

    Args:
        predicted: (..., J, 3) relative to the root.
        target: (..., J, 3) relative to the root.
        whole_clip: one scale for all frames (``clip_scale``) instead of one for each. A person
            does not grow and shrink, so use this where a recording's unit is not known.

    Returns:
        (...) in the unit of the target.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    ours, theirs = pose_pair(predicted, target)
    scale = clip_scale(ours, theirs) if whole_clip else _scale(ours, theirs, (-2, -1))
    return mpjpe(ours * scale, theirs)


def clip_scale(predicted: ArrayLike, target: ArrayLike) -> float:
    """Return the least-squares scale, about the origin, of all poses in a clip.

    Args:
        predicted: (..., J, 3) relative to the root; all leading axes are one clip.
        target: (..., J, 3) relative to the root.

    Returns:
        The factor for the prediction; 0 for a prediction of zeros.

    Raises:
        AnatomyError: when the shapes differ or a number is not finite.
    """
    return float(_scale(*pose_pair(predicted, target), None).item())


def _scale(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], axes: tuple[int, ...] | None
) -> NDArray[np.float64]:
    size = np.sum(ours * ours, axis=axes, keepdims=True)
    agreement = np.sum(ours * theirs, axis=axes, keepdims=True)
    return agreement / np.where(size > 0, size, 1.0)
