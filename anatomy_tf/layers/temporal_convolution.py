"""Convolution over time whose stride is its width, with normalisation, ReLU and dropout."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.layers.batch_normalization import BatchNormalization
from anatomy_tf.layers.initializers import fan_in_uniform
from anatomy_tf.layers.products import product, rounds_factors


@keras.saving.register_keras_serializable(package="anatomy_tf")
class TemporalConvolution(keras.layers.Layer):
    """Convolution -> batch normalisation -> ReLU -> dropout over non-overlapping groups of frames.

    A stride that equals the width makes the convolution a reshape and one matrix product. The
    kernel is stored as ``Conv1D`` stores it, (tap, in, out) with tap 0 the earliest frame, so that
    dilated and streaming forms can use it. Width 1 is a fully connected layer on each frame.

    Args:
        filters: output channels C.
        width: frames in a group, at least 1; the number of frames must be a multiple of it.
        use_bias: add a bias before the normalisation.
        dropout: share of activations dropped while training.
        scheduled: see ``BatchNormalization``.

    Input: (B, T, in). Output: (B, T / width, C).

    Raises:
        ValueError: for a width below 1, or when the number of frames is no multiple of the width.

    References:
        Section 3.2 of Anatomy-aware 3D Human Pose Estimation in Videos; the backbone is that of
        Pavllo et al., CVPR 2019.
    """

    def __init__(
        self,
        filters: int,
        width: int = 1,
        use_bias: bool = False,
        dropout: float = 0.25,
        scheduled: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if width < 1:
            raise ValueError(f"{self.name}: expected a width of at least 1, got {width}")
        self.filters = filters
        self.width = width
        self.use_bias = use_bias
        self.dropout = dropout
        self.scheduled = scheduled
        self._rounded = rounds_factors()
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.normalization = BatchNormalization(
            scheduled, name="normalization", dtype=self.dtype_policy, trainable=self.trainable
        )
        self.drop = keras.layers.Dropout(dropout, name="dropout", dtype=self.dtype_policy)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = input_shape[-1]
        assert channels is not None
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: channels})
        initializer = fan_in_uniform(self.width * channels)
        self.kernel = self.add_weight(
            name="kernel", shape=(self.width, channels, self.filters), initializer=initializer
        )
        self.bias = (
            self.add_weight(name="bias", shape=(self.filters,), initializer=initializer)
            if self.use_bias
            else None
        )
        output_shape = self.compute_output_shape(input_shape)
        self.normalization.build(output_shape)
        self.drop.build(output_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.activated(self.product(self._groups(inputs)), training)

    def product(self, taps: Any, first: int = 0, last: int | None = None) -> Any:
        """Return the convolution (..., C) before normalisation, ReLU and dropout.

        Args:
            taps: (..., width * in) values of all taps, the earliest first.
            first, last: range of the input channels to read.
        """
        kernel = self.kernel[:, first:last] if first or last else self.kernel
        features = product(taps, ops.reshape(kernel, (-1, self.filters)), self._rounded)
        return features if self.bias is None else features + self.bias

    def activated(self, features: Any, training: bool) -> Any:
        """Return features after normalisation, ReLU and dropout."""
        features = ops.relu(self.normalization(features, training=training))
        return self.drop(features, training=training)

    def _groups(self, inputs: Any) -> Any:
        if self.width == 1:
            return inputs
        # The layer may have been built for other frames.
        groups = self.compute_output_shape(inputs.shape)[1]
        return ops.reshape(inputs, (-1, groups, self.width * inputs.shape[2]))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, frames, _ = input_shape
        if frames is None and self.width > 1:
            raise ValueError(f"{self.name}: width {self.width} needs a fixed number of frames")
        if frames is not None and frames % self.width:
            raise ValueError(
                f"{self.name}: expected a multiple of {self.width} frames, got {frames}"
            )
        return batch, None if frames is None else frames // self.width, self.filters

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "width": self.width,
            "use_bias": self.use_bias,
            "dropout": self.dropout,
            "scheduled": self.scheduled,
        }
