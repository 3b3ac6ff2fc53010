"""Augmentation: sampled frames with new bone lengths, seen by the same camera (section 3.3)."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy.bones import SHORTEST_BONE
from anatomy_tf.cameras import project
from anatomy_tf.skeletons import Skeleton

TRAJECTORY_MEAN = (0.0, -0.3, 5.0)
TRAJECTORY_DEVIATION = 0.5
"""Mean and deviation of the augmented body's place in the reference implementation, metres in the
camera's frame."""

BLOCK = 64
"""Videos processed at a time, so that their arrays stay in a core's cache and in mapped memory."""


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
    """Return random root positions (*shape, 3) in the camera's frame, metres, one draw a frame."""
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
    """Change each video's bone lengths, the same way in all its frames, and project its frames.

    The result is that of ``anatomy.random_bone_changes``, ``anatomy.lengthen_bones`` and
    ``cameras.project``, several times as fast on a large batch: coordinates and joints come first
    in memory, so that NumPy works on long rows. It uses no matrix products, because BLAS would
    start threads that wait for the cores on which the model trains.

    Args:
        positions: (B, l, J, 3) metres, root-relative.
        uniform: (B, b) draws from [0, 1), one for each video and bone.
        trajectory: (B, l, 3) the root's place in the camera's frame, metres.
        intrinsics: (B, 9) of each video's camera, for normalised screen coordinates.
        skeleton: the positions' skeleton.
        degree: width of the change as a share of the batch's mean length; 0.6 is +-30 %.
    """
    videos, frames, joints, _ = positions.shape
    blocks = [slice(first, first + BLOCK) for first in range(0, videos, BLOCK)]
    mean_lengths = np.concatenate(
        [_Bodies(positions[block], skeleton).lengths.mean(axis=2).T for block in blocks]
    )
    change = (uniform - np.float32(0.5)) * np.float32(degree) * mean_lengths.mean(axis=0)

    keypoints = np.empty((videos, frames, joints, 2), np.float32)
    first_positions = np.empty((videos, joints, 3), np.float32)
    for block in blocks:
        # Built again: quicker than memory for all blocks, which the system would have to clear.
        body = _Bodies(positions[block], skeleton)
        body.lengthen(change[block])
        first_positions[block] = body.points[..., 0].transpose(2, 1, 0)
        body.points += trajectory[block].transpose(2, 0, 1)[:, None]
        cameras = np.repeat(intrinsics[block].T[:, :, None], frames, axis=2)
        projected = project(np.moveaxis(body.points, 0, -1), np.moveaxis(cameras, 0, -1))
        keypoints[block] = projected.transpose(1, 2, 0, 3)
    return AugmentedFrames(keypoints, first_positions, mean_lengths + change)


class _Bodies:
    """Poses with coordinates and joints first in memory.

    They are ``points`` (3, J, B, l) with the bones' ``vectors`` (3, b, B, l) and ``lengths``
    (b, B, l).
    """

    def __init__(self, positions: NDArray[np.float32], skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.points = np.ascontiguousarray(positions.transpose(3, 2, 0, 1))
        self.vectors = np.empty((3, skeleton.bone_count, *positions.shape[:2]), np.float32)
        for bone, (parent, child) in enumerate(skeleton.bones):
            np.subtract(self.points[:, child], self.points[:, parent], out=self.vectors[:, bone])
        self.lengths = np.sqrt(np.sum(self.vectors * self.vectors, axis=0))

    def lengthen(self, change: NDArray[np.float32]) -> None:
        """Move the joints so that each bone is longer by ``change`` (B, b), metres."""
        # A bone without length has no direction to grow in.
        lengths = np.where(self.lengths > SHORTEST_BONE, self.lengths, np.float32(np.inf))
        self.vectors *= 1 + change.T[:, :, None] / lengths
        # A bone after those that lead to it.
        for path in sorted(filter(None, self.skeleton.paths), key=len):
            parent, child = self.skeleton.bones[path[-1]]
            np.add(self.points[:, parent], self.vectors[:, path[-1]], out=self.points[:, child])
