"""New bone lengths for a real motion (section 3.3, "augment the training data")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy.bones import bone_lengths, bone_vectors, unit
from anatomy_tf.skeletons import Skeleton


def lengthen_bones(
    positions: NDArray[np.float32], change: NDArray[np.float32], skeleton: Skeleton
) -> NDArray[np.float32]:
    """Lengthen bones: move each bone's child and its descendants along the bone, in every frame.

    Args:
        positions: (..., J, 3).
        change: (..., b) metres added to each bone's length, broadcast over the frames.
        skeleton: the positions' skeleton.

    Returns:
        (..., J, 3); directions unchanged, the root where it was.
    """
    directions = unit(bone_vectors(positions, skeleton))
    shift = np.matmul(skeleton.kinematics_matrix, directions * change[..., None])
    return positions + shift


def random_bone_changes(
    positions: NDArray[np.float32],
    uniform: NDArray[np.floating],
    skeleton: Skeleton,
    degree: float = 0.6,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a random change of each bone's length for each video in a batch.

    Args:
        positions: (B, l, J, 3) frames of B videos.
        uniform: (B, b) draws from [0, 1).
        skeleton: the positions' skeleton.
        degree: width of the range of changes, as a share of the batch's mean length; 0.6 is
            +-30 %.

    Returns:
        (B, b) change in metres, the same for all frames of a video, and (B, b) new bone lengths:
        the video's mean length plus the change.
    """
    lengths = bone_lengths(positions, skeleton).mean(axis=1)
    change = ((uniform - 0.5) * degree * lengths.mean(axis=0)).astype(np.float32)
    return change, (lengths + change).astype(np.float32)
