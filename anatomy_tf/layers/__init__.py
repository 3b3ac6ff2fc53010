"""The Keras layers of the network, for any backend of Keras."""

from anatomy_tf.layers.batch_normalization import BatchNormalization
from anatomy_tf.layers.bone_length_attention import BoneLengthAttention
from anatomy_tf.layers.bone_regressor import Regression
from anatomy_tf.layers.implicit_visibility_attention import ImplicitVisibilityAttention
from anatomy_tf.layers.initializers import dense
from anatomy_tf.layers.joint_positions import JointPositions
from anatomy_tf.layers.joint_shift import JointShift
from anatomy_tf.layers.temporal_block import TemporalBlock
from anatomy_tf.layers.temporal_convolution import TemporalConvolution
from anatomy_tf.layers.unit_directions import UnitDirections

__all__ = [
    "BatchNormalization",
    "BoneLengthAttention",
    "ImplicitVisibilityAttention",
    "JointPositions",
    "JointShift",
    "Regression",
    "TemporalBlock",
    "TemporalConvolution",
    "UnitDirections",
    "dense",
]
