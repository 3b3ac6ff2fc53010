"""A person's bone lengths pooled over many frames."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import bone_lengths, symmetric
from anatomy_tf.layers.initializers import fan_in_uniform
from anatomy_tf.layers.skeleton_config import skeleton_from_config
from anatomy_tf.skeletons import Skeleton


@keras.saving.register_keras_serializable(package="anatomy_tf")
class BoneLengthAttention(keras.layers.Layer):
    """Attention that weighs each frame's bone lengths by the frame's pose (Eq. 6).

    ``A_i = softmax over frames of gamma * W X_iJ`` and ``X_L = sum_i A_i * X_iL``, where ``X_iJ``
    are frame i's joint positions and ``X_iL`` the bone lengths derived from them, separately for
    each bone. No gradient passes to the positions: the attention and the network that predicts
    them are trained independently (section 3.3).

    Args:
        skeleton: names the joints and bones.
        temperature: gamma, 10 in the paper.
        absolute: also feed the absolute values of the coordinates, as the published
            implementation does; Eq. 6 does not.
        use_bias: add a bias to the logits; it cancels in the softmax and is kept for the published
            implementation's weights.
        symmetric: average each frame's lengths and logits of a bone with those of the other side's
            bone, so that both are equally long; in the recipe ``canonical``.

    Input: positions (B, l, J, 3) of l frames, metres.
    Output: bone lengths (B, b), metres. ``weigh`` returns the attention weights too.

    Example:
        >>> layer = BoneLengthAttention(HUMAN36M_17)
        >>> layer(np.random.rand(2, 50, 17, 3)).shape
        (2, 16)
    """

    def __init__(
        self,
        skeleton: Skeleton | dict[str, Any],
        temperature: float = 10.0,
        absolute: bool = False,
        use_bias: bool = False,
        symmetric: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.skeleton = skeleton_from_config(skeleton)
        self.temperature = temperature
        self.absolute = absolute
        self.use_bias = use_bias
        self.symmetric = symmetric
        joints = self.skeleton.joint_count
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-2: joints, -1: 3})

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        inputs = 3 * self.skeleton.joint_count * (2 if self.absolute else 1)
        initializer = fan_in_uniform(inputs)
        bones = self.skeleton.bone_count
        self.kernel = self.add_weight(name="kernel", shape=(inputs, bones), initializer=initializer)
        self.bias = (
            self.add_weight(name="bias", shape=(bones,), initializer=initializer)
            if self.use_bias
            else None
        )

    def call(self, inputs: Any) -> Any:
        return self.weigh(inputs)[0]

    def weigh(self, positions: Any) -> tuple[Any, Any]:
        """Return bone lengths (B, b) and their attention weights A (B, l, b)."""
        positions = ops.stop_gradient(positions)
        attention = ops.softmax(self.logits(positions), axis=1)
        lengths = bone_lengths(positions, self.skeleton, xp=ops)
        if self.symmetric:
            lengths = symmetric(lengths, self.skeleton, xp=ops)
        return ops.sum(attention * lengths, axis=1), attention

    def logits(self, positions: Any) -> Any:
        """Return gamma * W X_iJ of each frame, (B, l, b): the attention before its softmax."""
        frames = ops.shape(positions)[1]
        features = ops.reshape(positions, (-1, frames, 3 * self.skeleton.joint_count))
        if self.absolute:
            features = ops.concatenate([features, ops.abs(features)], axis=-1)
        logits = ops.matmul(features, self.kernel)
        if self.bias is not None:
            logits = logits + self.bias
        if self.symmetric:
            logits = symmetric(logits, self.skeleton, xp=ops)
        return self.temperature * logits

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape[0], self.skeleton.bone_count

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "skeleton": self.skeleton.to_dict(),
            "temperature": self.temperature,
            "absolute": self.absolute,
            "use_bias": self.use_bias,
            "symmetric": self.symmetric,
        }
