"""Typed containers of keypoints and poses that carry skeleton, frame rate, unit and axes."""

from anatomy_tf.sequences.frame_arrays import POSE_ARRAYS, FrameArray
from anatomy_tf.sequences.keypoint_sequence import KeypointSequence
from anatomy_tf.sequences.pose_sequence import PoseSequence
from anatomy_tf.sequences.resampling import interpolate_frames, resampled_times

__all__ = [
    "POSE_ARRAYS",
    "FrameArray",
    "KeypointSequence",
    "PoseSequence",
    "interpolate_frames",
    "resampled_times",
]
