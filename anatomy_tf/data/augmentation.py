"""The sampled frames of a batch with new bone lengths, seen by the same camera (section 3.3)."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy.bones import SHORTEST_BONE
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
        first_positions: (B, J, 3) metres, root-relative, of the first frame of each video.
        bone_lengths: (B, b) metres: each video's mean length plus its change.
    """

    keypoints: NDArray[np.float32]
    first_positions: NDArray[np.float32]
    bone_lengths: NDArray[np.float32]


def random_trajectory(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Root positions (*shape, 3) in the camera's frame, metres, each frame its own draw."""
    draws = rng.standard_normal((*shape, 3), dtype=np.float32)
    draws *= np.float32(TRAJECTORY_DEVIATION)
    draws += np.array(TRAJECTORY_MEAN, np.float32)
    return draws


def augment_frames(
    positions: NDArray[np.float32],
    uniform: NDArray[np.float32],
    trajectory: NDArray[np.float32],
    intrinsics: NDArray[np.float32],
    skeleton: Skeleton,
    degree: float = 0.6,
) -> AugmentedFrames:
    """Changes the bone lengths of each video, in all its frames alike, and projects them again.

    The numbers of ``anatomy.random_bone_changes``, ``anatomy.lengthen_bones`` and
    ``cameras.project``, several times as fast on a large batch: coordinates and joints come first
    in memory, so that NumPy works on long rows. No matrix products: BLAS would start threads that
    wait for the cores on which the model trains.

    Args:
        positions: (B, l, J, 3) metres, root-relative.
        uniform: (B, b) draws from [0, 1), one for each video and bone.
        trajectory: (B, l, 3) where the root stands in the camera's frame, metres.
        intrinsics: (B, 9) of each video's camera, for normalised screen coordinates.
        skeleton: the positions' skeleton.
        degree: width of the change as a share of the batch's mean length; 0.6 is +-30 %.
    """
    videos, frames, joints, _ = positions.shape
    # Joint positions (3, J, B * l) and bone vectors (3, b, B * l).
    points = np.ascontiguousarray(positions.reshape(-1, joints, 3).transpose(2, 1, 0))
    vectors = np.empty((3, skeleton.bone_count, videos * frames), np.float32)
    for bone, (parent, child) in enumerate(skeleton.bones):
        np.subtract(points[:, child], points[:, parent], out=vectors[:, bone])
    lengths = np.sqrt(np.sum(vectors * vectors, axis=0)).reshape(-1, videos, frames)

    mean_lengths = lengths.mean(axis=2).T
    change = (uniform - np.float32(0.5)) * np.float32(degree) * mean_lengths.mean(axis=0)
    # A bone without length has no direction to grow in.
    lengths[lengths <= SHORTEST_BONE] = np.inf
    vectors *= 1 + (change.T[:, :, None] / lengths).reshape(vectors.shape[1:])

    # A bone after those that lead to it.
    for path in sorted(filter(None, skeleton.paths), key=len):
        parent, child = skeleton.bones[path[-1]]
        np.add(points[:, parent], vectors[:, path[-1]], out=points[:, child])
    first_positions = points[:, :, ::frames].transpose(2, 1, 0).copy()
    points += trajectory.reshape(-1, 3).T[:, None]
    camera_of_frame = np.repeat(intrinsics.T, frames, axis=1).T
    keypoints = project(points.transpose(1, 2, 0), camera_of_frame)
    return AugmentedFrames(
        np.ascontiguousarray(keypoints.transpose(1, 0, 2)).reshape(videos, frames, joints, 2),
        first_positions,
        mean_lengths + change,
    )
