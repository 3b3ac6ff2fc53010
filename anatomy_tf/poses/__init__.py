"""Poses after lifting: smoothing, levelling, the place in the camera, warnings."""

from anatomy_tf.poses.levelling import estimate_up, level, up_of_camera
from anatomy_tf.poses.root_position import place_in_camera
from anatomy_tf.poses.smoothing import smooth

__all__ = ["estimate_up", "level", "place_in_camera", "smooth", "up_of_camera"]
