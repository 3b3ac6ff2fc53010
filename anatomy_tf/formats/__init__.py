"""Readers and writers of keypoints and poses, one module for each format.

``load_keypoints`` recognises a format by its content. Reading and writing need NumPy and SciPy
only, never TensorFlow.
"""

from anatomy_tf.formats.angles import ANGLE_FORMATS, save_angles
from anatomy_tf.formats.keypoints.registry import (
    KEYPOINT_FORMATS,
    KeypointFormat,
    load_keypoints,
    save_keypoints,
)
from anatomy_tf.formats.keypoints.sample import sample_keypoints
from anatomy_tf.formats.motion.camera_file import load_camera
from anatomy_tf.formats.poses.registry import (
    POSE_FORMATS,
    PoseFormat,
    WrittenPoses,
    load_poses,
    save_poses,
)

__all__ = [
    "ANGLE_FORMATS",
    "KEYPOINT_FORMATS",
    "POSE_FORMATS",
    "KeypointFormat",
    "PoseFormat",
    "WrittenPoses",
    "load_camera",
    "load_keypoints",
    "load_poses",
    "sample_keypoints",
    "save_angles",
    "save_keypoints",
    "save_poses",
]
