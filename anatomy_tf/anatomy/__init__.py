"""Bones, directions, angles, lengths, shifts, forward kinematics, flips, length augmentation."""

from anatomy_tf.anatomy.angles import angle_between
from anatomy_tf.anatomy.augmentation import lengthen_bones, random_bone_changes
from anatomy_tf.anatomy.bones import (
    bone_directions,
    bone_lengths,
    bone_vectors,
    forward_kinematics,
    joint_shifts,
    norm,
    perpendicular,
    unit,
)
from anatomy_tf.anatomy.constant_lengths import with_bone_lengths
from anatomy_tf.anatomy.flip import flip_points, flip_visibility, symmetric

__all__ = [
    "angle_between",
    "bone_directions",
    "bone_lengths",
    "bone_vectors",
    "flip_points",
    "flip_visibility",
    "forward_kinematics",
    "joint_shifts",
    "lengthen_bones",
    "norm",
    "perpendicular",
    "random_bone_changes",
    "symmetric",
    "unit",
    "with_bone_lengths",
]
