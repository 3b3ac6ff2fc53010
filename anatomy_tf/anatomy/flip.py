"""Mirror images of keypoints and poses, and symmetry of bodies."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.skeletons import Skeleton


def flip_points(points: Any, skeleton: Skeleton, xp: Any = np) -> Any:
    """Mirror (..., J, D) coordinates: negate x, and exchange left and right joints.

    The coordinates must be centred: normalised image coordinates, or root-relative 3D.
    """
    return flip_vectors(xp.take(points, list(skeleton.flip_order), axis=-2))


def flip_vectors(vectors: Any) -> Any:
    """Mirror vectors (..., D) that have no side, such as the up direction: negate x."""
    sign = np.ones(vectors.shape[-1], np.float32)
    sign[0] = -1
    return vectors * sign


def symmetric(values: Any, skeleton: Skeleton, xp: Any = np) -> Any:
    """Return values (..., b) of bones averaged with those of the other side's bones."""
    return (values + xp.take(values, list(skeleton.bone_flip_order), axis=-1)) / 2


def flip_visibility(visibility: Any, skeleton: Skeleton, xp: Any = np) -> Any:
    """Mirror (..., J) visibility scores: exchange those of left and right joints."""
    return xp.take(visibility, list(skeleton.flip_order), axis=-1)
