"""Joint positions as bone directions and bone lengths, and back (section 3.1, Eq. 1 and 2).

Every function works on NumPy arrays and, with ``xp=keras.ops``, on tensors of any Keras backend:
the data room needs them without TensorFlow, the losses need their gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.skeletons import Skeleton

SHORTEST_BONE = 1e-8
"""Metres; a bone shorter than this has a zero direction rather than NaN."""


def bone_vectors(positions: Any, skeleton: Skeleton, xp: Any = np) -> Any:
    """Return the bone vectors (..., b, 3), each from the parent to the child joint.

    Args:
        positions: (..., J, 3) in any unit.
        skeleton: of the J joints; b bones.
        xp: NumPy, or ``keras.ops`` for tensors.
    """
    parents = [parent for parent, _ in skeleton.bones]
    children = [child for _, child in skeleton.bones]
    return xp.take(positions, children, axis=-2) - xp.take(positions, parents, axis=-2)


def bone_lengths(positions: Any, skeleton: Skeleton, xp: Any = np) -> Any:
    """Return the bone lengths (..., b), in the positions' unit.

    Args:
        positions: (..., J, 3) in any unit.
        skeleton: of the J joints; b bones.
        xp: NumPy, or ``keras.ops`` for tensors.
    """
    return norm(bone_vectors(positions, skeleton, xp), xp)


def bone_directions(positions: Any, skeleton: Skeleton, xp: Any = np) -> Any:
    """Return the bone directions (..., b, 3), of length one; a bone without length gets zeros.

    Args:
        positions: (..., J, 3) in any unit.
        skeleton: of the J joints; b bones.
        xp: NumPy, or ``keras.ops`` for tensors.
    """
    return unit(bone_vectors(positions, skeleton, xp), xp)


def joint_shifts(positions: Any, skeleton: Skeleton, self_pairs: bool = False, xp: Any = np) -> Any:
    """Return the shifts (..., p, 3) from joint k1 to joint k2 of each pair in Eq. 2.

    Args:
        positions: (..., J, 3).
        skeleton: the positions' skeleton.
        self_pairs: as in ``Skeleton.joint_pairs``.
        xp: NumPy or ``keras.ops``.
    """
    pairs = skeleton.joint_pairs(self_pairs)
    first, second = [i for i, _ in pairs], [j for _, j in pairs]
    return xp.take(positions, second, axis=-2) - xp.take(positions, first, axis=-2)


def forward_kinematics(directions: Any, lengths: Any, skeleton: Skeleton, xp: Any = np) -> Any:
    """Return root-relative positions (..., J, 3) by Eq. 1.

    All joints are computed at once, as a product with the (J, b) kinematics matrix.

    Args:
        directions: (..., b, 3) unit bone vectors.
        lengths: (..., b).
        skeleton: defines the bones.
        xp: NumPy or ``keras.ops``.
    """
    matrix = skeleton.kinematics_matrix
    if xp is not np:
        matrix = xp.cast(matrix, directions.dtype)
    return xp.matmul(matrix, directions * xp.expand_dims(lengths, -1))


def norm(vectors: Any, xp: Any = np) -> Any:
    """Return the Euclidean norm over the last axis.

    The gradient at the zero vector is zero; NaN stays NaN.
    """
    squared = xp.sum(xp.square(vectors), axis=-1)
    zero = squared == 0
    # The inner `where` keeps the square root's infinite slope at 0 out of the gradient.
    return xp.where(zero, 0.0, xp.sqrt(xp.where(zero, 1.0, squared)))


def unit(vectors: Any, xp: Any = np) -> Any:
    """Return the vectors divided by their length over the last axis.

    A vector of length up to ``SHORTEST_BONE`` gives zeros; NaN stays NaN.
    """
    length = xp.expand_dims(norm(vectors, xp), -1)
    too_short = length <= SHORTEST_BONE
    return xp.where(too_short, 0.0, vectors / xp.where(too_short, 1.0, length))


def perpendicular(vectors: Any, axes: Any, xp: Any = np) -> Any:
    """Return unit vectors (..., 3): ``vectors`` made perpendicular to the unit vectors ``axes``.

    A vector along its axis gives zeros; NaN stays NaN.
    """
    return unit(vectors - xp.sum(vectors * axes, axis=-1, keepdims=True) * axes, xp)
