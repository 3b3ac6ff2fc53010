"""Pose metrics.

The functions are NumPy, in float64, and give one value a frame, so that ``mpjpe(...).mean()`` is
the published number and an evaluation weighs frames as its protocol says. ``mpjve`` has a frame
less, ``acceleration_error`` two; ``bone_length_deviation`` gives one value a clip. The Keras metric
``MeanPerJointPositionError`` loads Keras when it is first named.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names
from anatomy_tf.metrics.acceleration_error import acceleration_error
from anatomy_tf.metrics.bone_lengths import (
    bone_length_deviation,
    bone_length_error,
    symmetry_error,
)
from anatomy_tf.metrics.mpjpe import joint_errors, mpjpe
from anatomy_tf.metrics.mpjve import mpjve
from anatomy_tf.metrics.n_mpjpe import n_mpjpe
from anatomy_tf.metrics.p_mpjpe import p_mpjpe, procrustes_align
from anatomy_tf.metrics.pck import AUC_THRESHOLDS, PCK_THRESHOLD, auc, pck

if TYPE_CHECKING:
    from anatomy_tf.metrics.mean_per_joint_position_error import MeanPerJointPositionError

__all__ = [
    "AUC_THRESHOLDS",
    "PCK_THRESHOLD",
    "MeanPerJointPositionError",
    "acceleration_error",
    "auc",
    "bone_length_deviation",
    "bone_length_error",
    "joint_errors",
    "mpjpe",
    "mpjve",
    "n_mpjpe",
    "p_mpjpe",
    "pck",
    "procrustes_align",
    "symmetry_error",
]


__getattr__ = late_names(__name__, {"MeanPerJointPositionError": "mean_per_joint_position_error"})
