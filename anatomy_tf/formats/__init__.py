"""Keypoints and poses on disk: one file a format.

``load_keypoints`` recognises a format by its content. Reading and writing need NumPy and SciPy
only, never TensorFlow.
"""

from anatomy_tf.formats.keypoints.registry import (
    KEYPOINT_FORMATS,
    KeypointFormat,
    load_keypoints,
    save_keypoints,
)
from anatomy_tf.formats.keypoints.sample import sample_keypoints
from anatomy_tf.formats.motion.camera_file import load_camera
from anatomy_tf.formats.poses.registry import POSE_FORMATS, PoseFormat, load_poses, save_poses

__all__ = [
    "KEYPOINT_FORMATS",
    "POSE_FORMATS",
    "KeypointFormat",
    "PoseFormat",
    "load_camera",
    "load_keypoints",
    "load_poses",
    "sample_keypoints",
    "save_keypoints",
    "save_poses",
]
