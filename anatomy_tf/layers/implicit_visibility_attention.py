"""Implicit attention: keypoint features that weigh visibility features."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.layers.temporal_convolution import TemporalConvolution


@keras.saving.register_keras_serializable(package="anatomy_tf")
class ImplicitVisibilityAttention(keras.layers.Layer):
    """Keypoint features joined with the visibility features that they weigh.

    A convolutional block maps the visibility scores to features of the keypoint features' size; the
    product of both is the weighted visibility, which follows the keypoint features on the channel
    axis. The keypoint features thus act as implicit attention weights.

    Args:
        filters: channels C of the keypoint features.
        width: width and stride of the convolution, the same as for the keypoints.
        dropout: share of the visibility features dropped while training.
        scheduled: see ``BatchNormalization``.

    Input: keypoint features (B, T / width, C) and visibility (B, T, J).
    Output: (B, T / width, 2 C): plain features first, weighted visibility second.

    Raises:
        ValueError: for inputs of other channels, or visibility of another number of frames.

    Example:
        >>> layer = ImplicitVisibilityAttention(filters=8, width=3)
        >>> layer([np.ones((2, 9, 8), "float32"), np.ones((2, 27, 17), "float32")]).shape
        (2, 9, 16)

    References:
        Section 3.5 and Figure 5 of the paper.
    """

    def __init__(
        self,
        filters: int,
        width: int,
        dropout: float = 0.25,
        scheduled: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.width = width
        self.dropout = dropout
        self.scheduled = scheduled
        self.visibility = TemporalConvolution(
            filters,
            width,
            dropout=dropout,
            scheduled=scheduled,
            name="visibility",
            dtype=self.dtype_policy,
            trainable=self.trainable,
        )
        self.input_spec = [
            keras.layers.InputSpec(ndim=3, axes={-1: filters}, name="features"),
            keras.layers.InputSpec(ndim=3, name="visibility"),
        ]

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        self.compute_output_shape(input_shape)
        self.visibility.build(input_shape[1])

    def call(self, inputs: list[Any], training: bool = False) -> Any:
        features, visibility = inputs
        # One group of visibility would go with any number of groups.
        self.compute_output_shape([features.shape, visibility.shape])
        weighted = features * self.visibility(visibility, training=training)
        return ops.concatenate([features, weighted], axis=-1)

    def compute_output_shape(
        self, input_shape: list[tuple[int | None, ...]]
    ) -> tuple[int | None, ...]:
        (batch, groups, _), visibility = input_shape
        of_visibility = self.visibility.compute_output_shape(visibility)[1]
        if groups is not None and of_visibility not in (None, groups):
            raise ValueError(
                f"{self.name}: expected visibility of {groups * self.width} frames for {groups} "
                f"groups of keypoint features, got {visibility[1]}"
            )
        return batch, groups, 2 * self.filters

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "width": self.width,
            "dropout": self.dropout,
            "scheduled": self.scheduled,
        }
