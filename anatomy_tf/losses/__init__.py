"""The losses of Eq. 2 to 7.

Keras is imported when a name is first used.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.losses.bone_direction_loss import BoneDirectionLoss
    from anatomy_tf.losses.bone_length_loss import BoneLengthLoss
    from anatomy_tf.losses.joint_position_loss import JointPositionLoss
    from anatomy_tf.losses.joint_shift_loss import JointShiftLoss
    from anatomy_tf.losses.model_losses import compile_arguments
    from anatomy_tf.losses.up_direction_loss import UpDirectionLoss
else:
    __getattr__ = late_names(
        __name__,
        {
            "BoneDirectionLoss": "bone_direction_loss",
            "BoneLengthLoss": "bone_length_loss",
            "JointPositionLoss": "joint_position_loss",
            "JointShiftLoss": "joint_shift_loss",
            "UpDirectionLoss": "up_direction_loss",
            "compile_arguments": "model_losses",
        },
    )

__all__ = [
    "BoneDirectionLoss",
    "BoneLengthLoss",
    "JointPositionLoss",
    "JointShiftLoss",
    "UpDirectionLoss",
    "compile_arguments",
]
