"""The bone length prediction network (section 3.3, Figure 4)."""

from __future__ import annotations

import math

import keras
from keras import ops

from anatomy_tf.cameras.canonical_view import VIEW_CHANNELS
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.frame_network import frame_network
from anatomy_tf.models.precision import output_dtype
from anatomy_tf.models.recipe import get_recipe
from anatomy_tf.skeletons import get_skeleton


def bone_length_network(config: AnatomyLifterConfig) -> keras.Model:
    """Return a fully connected residual network that sees each frame alone.

    It has the layers of the bottom direction sub-network with each convolution made a fully
    connected layer. In the paper it never sees visibility; in a canonical view it sees visibility
    and the view.

    Returns:
        A model from (B, l, J, 2) keypoints, for any number l of frames, to (B, l, J, 3) joint
        positions, or to (B, l, b) bone lengths with ``length_output="lengths"``. In a canonical
        view its input is a list of keypoints, (B, l, J) visibility and (B, l, 3) view.
    """
    skeleton = get_skeleton(config.skeleton)
    frames = keras.Input((None, skeleton.joint_count, 2), name="frames")
    flat = keras.layers.Reshape((-1, 2 * skeleton.joint_count), name="flat_keypoints")(frames)
    inputs, values = [frames], [flat]
    if get_recipe(config.recipe).view == "canonical":
        inputs.append(keras.Input((None, skeleton.joint_count), name="visibility"))
        inputs.append(keras.Input((None, VIEW_CHANNELS), name="view"))
        values += inputs[1:]
    features = ops.concatenate(values, axis=-1) if len(values) > 1 else values[0]
    shape = (
        (skeleton.joint_count, 3) if config.length_output == "positions" else (skeleton.bone_count,)
    )
    head = f"frame_{config.length_output}"
    found = frame_network(config, features, "length", head, math.prod(shape))
    found = keras.layers.Reshape((-1, *shape), name="frames_out", dtype=output_dtype())(found)
    return keras.Model(inputs if len(inputs) > 1 else frames, found, name="bone_length_network")
