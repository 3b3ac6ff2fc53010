"""New motions: the arms or legs of one recording on the body of another."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_directions, bone_lengths, forward_kinematics, unit
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton


def limb_pairs(skeleton: Skeleton) -> tuple[tuple[int, int], ...]:
    """Return the (left, right) bones that begin limbs at the spine, such as shoulders and hips."""
    return tuple(
        (left, right)
        for left, right in skeleton.left_right_bones
        if _spine_bone(skeleton, skeleton.bones[left][0]) is not None
    )


def exchange_limbs(clip: MotionClip, donor: MotionClip, pair: tuple[int, int]) -> MotionClip:
    """Return a clip in which a pair of limbs moves as in another clip.

    The limbs' bones keep their lengths and take the donor's directions relative to the part of the
    body that they are attached to. Its axes in each frame are the line between the pair's first
    joints and the spine's bone beside it. A shorter donor is played back and forth.

    Args:
        clip: the clip whose body, and other joints' motion, are kept.
        donor: a clip of the same skeleton and frame rate.
        pair: one of ``limb_pairs``.

    Raises:
        AnatomyError: for a donor of another skeleton or frame rate, naming it.
    """
    skeleton = clip.skeleton
    where = f"clip {donor.subject}/{donor.name}"
    if donor.skeleton != skeleton:
        raise AnatomyError(
            f"{where}: expected a donor on {skeleton.name!r}, got {donor.skeleton.name!r}"
        )
    if donor.fps != clip.fps:
        raise AnatomyError(f"{where}: expected a donor at {clip.fps:g} fps, got {donor.fps:g}")
    donated = np.pad(
        donor.positions[: len(clip)],
        ((0, max(len(clip) - len(donor), 0)), (0, 0), (0, 0)),
        "reflect" if len(donor) > 1 else "edge",
    )
    own, other = (bone_directions(p, skeleton) for p in (clip.positions, donated))
    axes = [_axes(p, skeleton, pair) for p in (clip.positions, donated)]
    turn = axes[0] @ axes[1].swapaxes(-1, -2)
    limbs = [b for b, (_, child) in enumerate(skeleton.bones) if {*pair} & {*skeleton.paths[child]}]
    turned = other[:, limbs] @ turn.swapaxes(-1, -2)
    # Where joints fall together there are no axes, or no direction: the limb keeps its own.
    known = np.linalg.norm(turned, axis=-1, keepdims=True) > 0.5
    directions = own.copy()
    directions[:, limbs] = np.where(known, turned, own[:, limbs])
    positions = forward_kinematics(directions, bone_lengths(clip.positions, skeleton), skeleton)
    positions += clip.positions[:, skeleton.root, None]
    return dataclasses.replace(clip, positions=positions)


def _axes(
    positions: NDArray[np.float32], skeleton: Skeleton, pair: tuple[int, int]
) -> NDArray[np.float32]:
    """Return the axes (T, 3, 3), as columns, of the body part that a pair of limbs is on."""
    parent = skeleton.bones[pair[0]][0]
    left, right = (skeleton.bones[bone][1] for bone in pair)
    spine = _spine_bone(skeleton, parent)
    across = unit(positions[:, left] - positions[:, right])
    along = bone_directions(positions, skeleton)[:, spine]
    forward = unit(np.cross(across, along))
    return np.stack([across, np.cross(forward, across), forward], axis=-1)


def _spine_bone(skeleton: Skeleton, joint: int) -> int | None:
    """Return a bone at a joint with both ends on the body's middle line; ``None`` without one."""
    return next(
        (
            bone
            for bone, ends in enumerate(skeleton.bones)
            if joint in ends and all(skeleton.sides[end] == "middle" for end in ends)
        ),
        None,
    )
