from .bone_direction_loss import BoneDirectionLoss as BoneDirectionLoss
from .bone_length_loss import BoneLengthLoss as BoneLengthLoss
from .joint_position_loss import JointPositionLoss as JointPositionLoss
from .joint_shift_loss import JointShiftLoss as JointShiftLoss
from .model_losses import compile_arguments as compile_arguments
from .up_direction_loss import UpDirectionLoss as UpDirectionLoss
