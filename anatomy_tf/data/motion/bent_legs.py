"""New motions: a recording whose person bends the knees, leans forward and swings the legs.

People in recordings of everyday motion mostly stand and walk upright. Dancers, players and skiers
keep their knees bent throughout, so that no frame shows how long their legs are.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import angle_between, bone_directions, bone_lengths, forward_kinematics
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.exchanged_limbs import body_axes

BEND, BEND_WAVE, DEEPEST_BEND = 25.0, 10.0, 60.0
"""Degrees by which thighs turn forward and shins backward: the standard deviation of the steady
part, that of the wave, and the most."""

SWING = 10.0
"""Degrees, standard deviation of each leg's turn at the hip: of its steady part and of its wave."""

LEAN, LEAN_OF_BEND = 8.0, 0.4
"""Degrees, standard deviation of the trunk's lean; and its mean, as a share of the bend."""

_SECONDS = (0.6, 5.0)
_MOST_KNEE_BEND = 150.0


def bend_legs(clip: MotionClip, rng: np.random.Generator) -> MotionClip:
    """Return a clip whose person has bent knees, leans forward and swings each leg.

    Thighs turn forward and shins backward by the same angle about the line between the hips, so
    that feet stay about below the hips and the body sinks. Knees bend by at most 150 degrees. Part
    of each change is steady, part comes and goes. Bones keep their lengths; the middle of the
    ankles keeps its path.

    Args:
        clip: the motion; its skeleton has hips, knees and ankles of both sides.
        rng: the source of randomness.

    Raises:
        AnatomyError: for a skeleton without ankles.
    """
    skeleton = clip.skeleton
    legs = [skeleton.paths[skeleton.index(f"{side}_ankle")][-3:] for side in ("left", "right")]
    directions = bone_directions(clip.positions, skeleton)
    axes = body_axes(clip.positions, skeleton, (legs[0][0], legs[1][0]))
    across = axes[..., 0]
    frames, fps = len(clip), clip.fps
    steady = BEND * abs(rng.standard_normal())
    bend = np.clip(steady + BEND_WAVE * _wave(frames, fps, rng), 0, DEEPEST_BEND)
    lean = LEAN * rng.standard_normal() + LEAN_OF_BEND * bend
    joints = [set(skeleton.subtrees[hip]) for hip, *_ in legs]
    turned = directions.copy()
    upper = [b for b, (_, end) in enumerate(skeleton.bones) if end not in set.union(*joints)]
    turned[:, upper] = _turned(directions[:, upper], across, lean)
    for (_, thigh, shin), own_joints in zip(legs, joints, strict=True):
        swing = SWING * (rng.standard_normal() + _wave(frames, fps, rng))
        knee = np.nan_to_num(angle_between(directions[:, thigh], directions[:, shin]))
        own = np.minimum(bend, np.maximum(_MOST_KNEE_BEND - knee, 0) / 2)
        below = [
            b for b, ends in enumerate(skeleton.bones) if set(ends) <= own_joints and b != thigh
        ]
        turned[:, thigh] = _turned(directions[:, [thigh]], across, -own - swing)[:, 0]
        turned[:, below] = _turned(directions[:, below], across, own - swing)
    relative = forward_kinematics(turned, bone_lengths(clip.positions, skeleton), skeleton)
    ankles = [skeleton.bones[shin][1] for *_, shin in legs]
    place = (clip.positions - relative)[:, ankles].mean(axis=1, keepdims=True)
    return dataclasses.replace(clip, positions=(relative + place).astype(np.float32))


def _wave(frames: int, fps: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a slow wave (T,) of a random height of standard deviation 1."""
    period, phase = rng.uniform(*_SECONDS), rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * np.arange(frames) / (fps * period) + phase)
    return np.asarray(rng.standard_normal() * wave)


def _turned(
    vectors: NDArray[np.float32], axis: NDArray[np.float32], degrees: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return vectors (T, b, 3) turned about each frame's unit axis (T, 3), by (T,) degrees."""
    # Imported here, because it takes 0.2 s, which lifting alone need not wait for.
    from scipy.spatial.transform import Rotation

    turns = Rotation.from_rotvec(axis * np.radians(degrees)[:, None]).as_matrix()
    return np.einsum("tij,tbj->tbi", turns, vectors)
