from .batch_normalization import BatchNormalization as BatchNormalization
from .bone_length_attention import BoneLengthAttention as BoneLengthAttention
from .bone_regressor import Regression as Regression
from .implicit_visibility_attention import (
    ImplicitVisibilityAttention as ImplicitVisibilityAttention,
)
from .initializers import dense as dense
from .joint_positions import JointPositions as JointPositions
from .joint_shift import JointShift as JointShift
from .temporal_block import TemporalBlock as TemporalBlock
from .temporal_convolution import TemporalConvolution as TemporalConvolution
from .unit_directions import UnitDirections as UnitDirections
