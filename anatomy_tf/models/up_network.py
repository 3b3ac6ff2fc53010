"""The network that estimates the up direction from single frames of the whole video."""

from __future__ import annotations

import keras
from keras import ops

from anatomy_tf.cameras.canonical_view import UP_CHANNELS
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.frame_network import frame_network
from anatomy_tf.skeletons import get_skeleton


def up_network(config: AnatomyLifterConfig) -> keras.Model:
    """Return a fully connected residual network that estimates up from each frame alone.

    It sees the person from a virtual camera that is not level, and outputs the up direction in
    that camera's axes as a von Mises-Fisher distribution: its mean and concentration. Over a video
    the means are pooled by their concentrations, which is the attention of Eq. 6 with the
    logarithms of the concentrations as logits.

    Returns:
        A model from a list of (B, l, J, 2) keypoints and (B, l, J) visibility to (B, l, 4): a
        vector of any length, and the logarithm of the concentration.
    """
    joints = get_skeleton(config.skeleton).joint_count
    frames = keras.Input((None, joints, 2), name="frames")
    visibility = keras.Input((None, joints), name="visibility")
    flat = keras.layers.Reshape((-1, 2 * joints), name="flat_keypoints")(frames)
    values = ops.concatenate([flat, visibility], axis=-1)
    found = frame_network(config, values, "up", "up_vectors", UP_CHANNELS)
    return keras.Model([frames, visibility], found, name="up_network")
