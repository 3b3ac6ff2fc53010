"""The sampled frames of a batch with new bone lengths, seen by the same camera (section 3.3)."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import lengthen_bones, random_bone_changes
from anatomy_tf.cameras import project
from anatomy_tf.skeletons import Skeleton

TRAJECTORY_MEAN = (0.0, -0.3, 5.0)
TRAJECTORY_DEVIATION = 0.5
"""Metres in the camera's frame: where the reference implementation puts the augmented body."""


@dataclasses.dataclass(frozen=True)
class AugmentedFrames:
    """Frames of a batch of videos whose bones have new lengths.

    Args:
        keypoints: (B, l, J, 2) normalised screen coordinates, without noise.
        positions: (B, l, J, 3) metres, root-relative.
        bone_lengths: (B, b) metres: each video's mean length plus its change.
    """

    keypoints: NDArray[np.float32]
    positions: NDArray[np.float32]
    bone_lengths: NDArray[np.float32]


def random_trajectory(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Root positions (*shape, 3) in the camera's frame, metres, each frame its own draw."""
    draws = rng.standard_normal((*shape, 3), dtype=np.float32)
    draws *= np.float32(TRAJECTORY_DEVIATION)
    draws += np.array(TRAJECTORY_MEAN, np.float32)
    return draws


def augment_frames(
    positions: NDArray[np.float32],
    uniform: NDArray[np.floating],
    trajectory: NDArray[np.float32],
    intrinsics: NDArray[np.float32],
    skeleton: Skeleton,
    degree: float = 0.6,
) -> AugmentedFrames:
    """Changes the bone lengths of each video, in all its frames alike, and projects them again.

    Args:
        positions: (B, l, J, 3) metres, root-relative.
        uniform: (B, b) draws from [0, 1), one for each video and bone.
        trajectory: (B, l, 3) where the root stands in the camera's frame, metres.
        intrinsics: (B, 9) of each video's camera, for normalised screen coordinates.
        skeleton: the positions' skeleton.
        degree: width of the change as a share of the batch's mean length; 0.6 is +-30 %.
    """
    change, bone_lengths = random_bone_changes(positions, uniform, skeleton, degree)
    longer = lengthen_bones(positions, change[:, None], skeleton)
    keypoints = project(longer + trajectory[:, :, None], intrinsics[:, None, None])
    return AugmentedFrames(keypoints.astype(np.float32, copy=False), longer, bone_lengths)
