"""New motions: the limbs of a recording turned at their joints, steadily and slowly.

Poses that nobody took in the recordings come about, as in PoseAug (Gong et al., CVPR 2021), without
a network that is trained to make them.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_directions, bone_lengths, forward_kinematics, unit
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.exchanged_limbs import body_axes, limb_pairs

_SECONDS = (2.0, 8.0)
_MOST_BEND = np.radians(150.0)


def turn_limbs(
    clip: MotionClip, rng: np.random.Generator, degrees: float = 20.0, bending: float = 0.25
) -> MotionClip:
    """Return a clip whose arms and legs, each on its own, point and bend in other ways.

    Each limb turns at hip or shoulder about an axis that is fixed to that part of the body, and
    each elbow and knee bends by another factor, in its own plane and by no more than 150 degrees.
    Half of each change is steady, the other half comes and goes within 2 to 8 seconds. Bones keep
    their lengths.

    Args:
        clip: the motion.
        rng: the source of randomness.
        degrees: standard deviation of a limb's steady turn.
        bending: standard deviation of the steady change of an elbow's or knee's bend, as a share of
            the bend.
    """
    skeleton = clip.skeleton
    before = bone_directions(clip.positions, skeleton)
    directions = before.copy()
    for pair in limb_pairs(skeleton):
        axes = body_axes(clip.positions, skeleton, pair)
        for beginning in pair:
            joints = skeleton.subtrees[beginning]
            limb = [b for b, ends in enumerate(skeleton.bones) if set(ends) <= set(joints)]
            axis = axes @ unit(rng.standard_normal(3)).astype(np.float32)
            angle = np.radians(degrees) * _swing(len(clip), clip.fps, rng)
            directions[:, limb] = _turned(before[:, limb], axis[:, None], angle[:, None])
            for above, below in itertools.pairwise(limb):
                across = np.cross(directions[:, above], directions[:, below])
                bend = np.arctan2(
                    np.linalg.norm(across, axis=-1),
                    (directions[:, above] * directions[:, below]).sum(axis=-1),
                )
                wanted = bend * (1 + bending * _swing(len(clip), clip.fps, rng))
                change = np.clip(wanted, 0, np.maximum(bend, _MOST_BEND)) - bend
                beyond = limb[limb.index(below) :]
                directions[:, beyond] = _turned(
                    directions[:, beyond], unit(across)[:, None], change[:, None]
                )
    positions = forward_kinematics(directions, bone_lengths(clip.positions, skeleton), skeleton)
    positions += clip.positions[:, skeleton.root, None]
    return dataclasses.replace(clip, positions=positions.astype(np.float32))


def _swing(frames: int, fps: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a number for each frame: a steady part and a slow wave, each of deviation 1."""
    steady, height = rng.standard_normal(2)
    period, phase = rng.uniform(*_SECONDS), rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * np.arange(frames) / (fps * period) + phase)
    return (steady + height * wave).astype(np.float32)


def _turned(
    vectors: NDArray[np.float32], axis: NDArray[np.float32], angle: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return vectors (..., 3) turned about unit axes by angles in radians (Rodrigues)."""
    cos, sin = np.cos(angle)[..., None], np.sin(angle)[..., None]
    along = (vectors * axis).sum(axis=-1, keepdims=True) * axis
    return vectors * cos + np.cross(axis, vectors) * sin + along * (1 - cos)
