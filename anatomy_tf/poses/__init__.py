"""Poses after lifting: smoothing, levelling, the place in the camera, standing feet, warnings."""

from anatomy_tf.poses.levelling import estimate_up, level, up_of_camera
from anatomy_tf.poses.root_position import place_in_camera
from anatomy_tf.poses.smoothing import smooth
from anatomy_tf.poses.standing_feet import floor_up, standing_feet, still_feet

__all__ = [
    "estimate_up",
    "floor_up",
    "level",
    "place_in_camera",
    "smooth",
    "standing_feet",
    "still_feet",
    "up_of_camera",
]
