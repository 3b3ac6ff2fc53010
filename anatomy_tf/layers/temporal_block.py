"""The residual block of the temporal networks."""

from __future__ import annotations

from typing import Any

import keras

from anatomy_tf.layers.temporal_convolution import TemporalConvolution


@keras.saving.register_keras_serializable(package="anatomy_tf")
class TemporalBlock(keras.layers.Layer):
    """Temporal convolution, pointwise convolution and the residual of one frame of each group.

    The residual is the input's first ``filters`` channels (a long skip's channels come after them)
    at the middle frame of each group, or at its newest frame in a causal network.

    Args:
        filters: output channels C.
        width: frames in a group, odd.
        causal: take the residual from the newest frame.
        use_bias, dropout, scheduled: see ``TemporalConvolution``.

    Input: (B, T, in) with in >= C. Output: (B, T / width, C).

    Raises:
        ValueError: for an even width, or fewer input channels than ``filters``.

    References:
        Section 3.2 and Figure 3 of the paper. With width 1 and a bias it is the residual block of
        the bone length network (section 3.3).
    """

    def __init__(
        self,
        filters: int,
        width: int,
        causal: bool = False,
        use_bias: bool = False,
        dropout: float = 0.25,
        scheduled: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if width % 2 == 0:
            raise ValueError(f"{self.name}: expected an odd width, got {width}")
        self.filters = filters
        self.width = width
        self.causal = causal
        self.use_bias = use_bias
        self.dropout = dropout
        self.scheduled = scheduled
        shared: dict[str, Any] = {
            "use_bias": use_bias,
            "dropout": dropout,
            "scheduled": scheduled,
            "dtype": self.dtype_policy,
            "trainable": self.trainable,
        }
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.temporal = TemporalConvolution(filters, width, name="temporal", **shared)
        self.pointwise = TemporalConvolution(filters, 1, name="pointwise", **shared)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = input_shape[-1]
        if channels is None or channels < self.filters:
            raise ValueError(
                f"{self.name}: expected at least {self.filters} input channels, got {channels}"
            )
        self.temporal.build(input_shape)
        self.pointwise.build(self.compute_output_shape(input_shape))

    def call(self, inputs: Any, training: bool = False) -> Any:
        place = self.width - 1 if self.causal else self.width // 2
        residual = inputs[:, place :: self.width, : self.filters]
        features = self.temporal(inputs, training=training)
        return residual + self.pointwise(features, training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return self.temporal.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "width": self.width,
            "causal": self.causal,
            "use_bias": self.use_bias,
            "dropout": self.dropout,
            "scheduled": self.scheduled,
        }
