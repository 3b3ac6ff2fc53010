"""Bone directions from features."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import unit
from anatomy_tf.layers.initializers import dense


@keras.saving.register_keras_serializable(package="anatomy_tf")
class UnitDirections(keras.layers.Layer):
    """A fully connected layer to one unit 3D vector for each bone.

    Args:
        bones: b.

    Input: (B, C). Output: (B, b, 3), unit vectors; a vector of zero length gives zeros, not NaN.
    """

    def __init__(self, bones: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bones = bones
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = input_shape[-1]
        assert channels is not None
        self.vectors = dense(3 * self.bones, channels, "vectors", self.dtype_policy, self.trainable)
        self.vectors.build(input_shape)

    def call(self, inputs: Any) -> Any:
        return unit(ops.reshape(self.vectors(inputs), (-1, self.bones, 3)), xp=ops)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape[0], self.bones, 3

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "bones": self.bones}
