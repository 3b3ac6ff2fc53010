"""The Keras layers of the network, for any backend of Keras.

Keras is imported when a name is first used.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
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
else:
    __getattr__ = late_names(
        __name__,
        {
            "BatchNormalization": "batch_normalization",
            "BoneLengthAttention": "bone_length_attention",
            "ImplicitVisibilityAttention": "implicit_visibility_attention",
            "JointPositions": "joint_positions",
            "JointShift": "joint_shift",
            "Regression": "bone_regressor",
            "TemporalBlock": "temporal_block",
            "TemporalConvolution": "temporal_convolution",
            "UnitDirections": "unit_directions",
            "dense": "initializers",
        },
    )

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
