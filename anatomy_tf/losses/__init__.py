"""The losses of Eq. 2 to 7."""

from anatomy_tf.losses.bone_direction_loss import BoneDirectionLoss
from anatomy_tf.losses.bone_length_loss import BoneLengthLoss
from anatomy_tf.losses.compile_arguments import compile_arguments
from anatomy_tf.losses.joint_position_loss import JointPositionLoss
from anatomy_tf.losses.joint_shift_loss import JointShiftLoss

__all__ = [
    "BoneDirectionLoss",
    "BoneLengthLoss",
    "JointPositionLoss",
    "JointShiftLoss",
    "compile_arguments",
]
