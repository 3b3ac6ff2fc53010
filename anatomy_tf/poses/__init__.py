"""Poses after lifting: smoothing, the place in the room, joint angles, warnings."""

from anatomy_tf.poses.angles import JointAngles, joint_angles
from anatomy_tf.poses.floor import stand_on_floor
from anatomy_tf.poses.foot_contact import FootContacts, foot_contacts
from anatomy_tf.poses.levelling import estimate_up, level, up_of_camera
from anatomy_tf.poses.root_position import place_in_camera
from anatomy_tf.poses.smoothing import smooth
from anatomy_tf.poses.stature import scale_to_height, stature

__all__ = [
    "FootContacts",
    "JointAngles",
    "estimate_up",
    "foot_contacts",
    "joint_angles",
    "level",
    "place_in_camera",
    "scale_to_height",
    "smooth",
    "stand_on_floor",
    "stature",
    "up_of_camera",
]
