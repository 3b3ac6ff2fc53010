"""The bone length prediction network (section 3.3, Figure 4)."""

from __future__ import annotations

import keras

from anatomy_tf.layers import TemporalBlock, TemporalConvolution, dense
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.precision import output_dtype
from anatomy_tf.models.recipe import get_recipe
from anatomy_tf.skeletons import get_skeleton


def bone_length_network(config: AnatomyLifterConfig) -> keras.Model:
    """A fully connected residual network on each frame alone.

    It has the layers of the bottom direction sub-network with each convolution made a fully
    connected layer, and never sees visibility.

    Returns:
        A model from (B, l, J, 2) keypoints of any number l of frames to (B, l, J, 3) joint
        positions of each frame, or to (B, l, b) bone lengths with ``length_output="lengths"``.
    """
    skeleton = get_skeleton(config.skeleton)
    scheduled = get_recipe(config.recipe).scheduled == "all"
    frames = keras.Input((None, skeleton.joint_count, 2), name="frames")
    features = keras.layers.Reshape((-1, 2 * skeleton.joint_count), name="flat_keypoints")(frames)
    features = TemporalConvolution(
        config.channels,
        1,
        use_bias=True,
        dropout=config.dropout,
        scheduled=scheduled,
        name="length_stem",
    )(features)
    for i in range(1, len(config.filter_widths)):
        features = TemporalBlock(
            config.channels,
            1,
            use_bias=True,
            dropout=config.dropout,
            scheduled=scheduled,
            name=f"length_block_{i}",
        )(features)
    shape = (
        (skeleton.joint_count, 3) if config.length_output == "positions" else (skeleton.bone_count,)
    )
    units = shape[0] * (3 if len(shape) == 2 else 1)
    values = dense(units, config.channels, f"frame_{config.length_output}", output_dtype())(
        features
    )
    values = keras.layers.Reshape((-1, *shape), name="frames_out", dtype=output_dtype())(values)
    return keras.Model(frames, values, name="bone_length_network")
