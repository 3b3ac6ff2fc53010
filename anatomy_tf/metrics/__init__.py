"""Pose metrics.

The functions compute in NumPy's float64 and return one value for each frame, so that
``mpjpe(...).mean()`` is the published number and an evaluation weighs frames as its protocol says.
``mpjve`` returns one frame less, ``acceleration_error`` two; ``bone_length_deviation`` returns one
value for each clip, and metrics of limbs and feet one for each limb or foot. Those for
``model.compile`` are in ``anatomy_tf.metrics.keras``.
"""

from anatomy_tf.metrics import keras as keras
from anatomy_tf.metrics.acceleration_error import acceleration_error
from anatomy_tf.metrics.bone_lengths import (
    bone_length_deviation,
    bone_length_error,
    symmetry_error,
)
from anatomy_tf.metrics.depth import DEEP_ANGLE, depth_error, depth_sign_errors
from anatomy_tf.metrics.feet import foot_height_error, foot_skating
from anatomy_tf.metrics.mpjpe import joint_errors, mpjpe
from anatomy_tf.metrics.mpjve import mpjve
from anatomy_tf.metrics.n_mpjpe import clip_scale, n_mpjpe
from anatomy_tf.metrics.orientation import clip_rotation, direction_error
from anatomy_tf.metrics.p_mpjpe import p_mpjpe, procrustes_align
from anatomy_tf.metrics.pck import AUC_THRESHOLDS, PCK_THRESHOLD, auc, pck

__all__ = [
    "AUC_THRESHOLDS",
    "DEEP_ANGLE",
    "PCK_THRESHOLD",
    "acceleration_error",
    "auc",
    "bone_length_deviation",
    "bone_length_error",
    "clip_rotation",
    "clip_scale",
    "depth_error",
    "depth_sign_errors",
    "direction_error",
    "foot_height_error",
    "foot_skating",
    "joint_errors",
    "mpjpe",
    "mpjve",
    "n_mpjpe",
    "p_mpjpe",
    "pck",
    "procrustes_align",
    "symmetry_error",
]
