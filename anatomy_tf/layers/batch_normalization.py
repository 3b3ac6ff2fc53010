"""Batch normalisation whose momentum can change while training."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="anatomy_tf")
class BatchNormalization(keras.layers.Layer):
    """Normalises the last axis over all others.

    Three things differ from ``keras.layers.BatchNormalization``: the share of a new batch in the
    running statistics is a weight (``batch_share``), because a traced training step would bake a
    Python number in; the running variance takes the unbiased batch variance, n / (n - 1) of the
    one that normalises; and statistics are synchronised over replicas by default, so that
    ``MirroredStrategy`` computes what one device computes.

    Args:
        scheduled: whether ``anatomy_tf.training`` lowers ``batch_share`` from epoch to epoch.
        batch_share: the new batch's share of the running statistics; 1 - Keras's momentum.
        epsilon: added to the variance.
        synchronized: take the batch statistics over all replicas (TensorFlow), each of which must
            have as many rows as the others.

    Input and output: (..., C).

    Example:
        >>> layer = BatchNormalization()
        >>> layer(np.ones((2, 5, 8), "float32"), training=True).shape
        (2, 5, 8)
    """

    def __init__(
        self,
        scheduled: bool = False,
        batch_share: float = 0.1,
        epsilon: float = 1e-5,
        synchronized: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.scheduled = scheduled
        self.initial_batch_share = batch_share
        self.epsilon = epsilon
        self.synchronized = synchronized

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = (input_shape[-1],)
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=shape, initializer="zeros")
        # Statistics stay in float32 under mixed precision.
        running: dict[str, Any] = {"trainable": False, "autocast": False, "dtype": "float32"}
        self.moving_mean = self.add_weight(
            name="moving_mean", shape=shape, initializer="zeros", **running
        )
        self.moving_variance = self.add_weight(
            name="moving_variance", shape=shape, initializer="ones", **running
        )
        self.batch_share = self.add_weight(
            name="batch_share",
            shape=(),
            initializer=keras.initializers.Constant(self.initial_batch_share),
            **running,
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            values = ops.cast(inputs, "float32")
            axes = tuple(range(len(inputs.shape) - 1))
            mean, variance = ops.moments(values, axes)
            count = ops.cast(ops.size(values), "float32") / values.shape[-1]
            # Other backends refuse to synchronize; JAX's statistics span a sharded batch anyway.
            if self.synchronized and keras.config.backend() == "tensorflow":
                mean, variance, count = _over_replicas(mean, variance, count)
            unbiased = variance * (count / ops.maximum(count - 1, 1))
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, unbiased)):
                moving.assign(moving + self.batch_share * (batch - moving))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        scale = ops.cast(self.gamma, "float32") * ops.rsqrt(variance + self.epsilon)
        shift = ops.cast(self.beta, "float32") - mean * scale
        return inputs * ops.cast(scale, inputs.dtype) + ops.cast(shift, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scheduled": self.scheduled,
            "batch_share": self.initial_batch_share,
            "epsilon": self.epsilon,
            "synchronized": self.synchronized,
        }


def _over_replicas(mean: Any, variance: Any, count: Any) -> tuple[Any, Any, Any]:
    """Statistics of all replicas' rows from one replica's, (C,) each and a number.

    Squared distances from the mean of all are added up, because Keras's own synchronized variance,
    E[x²] - E[x]², loses it to rounding where the mean is large.
    """
    whole = _mean_over_replicas(mean)
    variance = _mean_over_replicas(variance + ops.square(mean - whole))
    return whole, variance, count * _replicas()


def _mean_over_replicas(values: Any) -> Any:
    return ops.moments(values[None], [0], synchronized=True)[0]


def _replicas() -> Any:
    """How many replicas train together.

    Keras tells it by its losses only: a mean is divided by it there, so that the replicas' summed
    gradients are those of the whole batch.
    """
    return 1 / keras.losses.MeanAbsoluteError()(ops.ones((1, 1)), ops.zeros((1, 1)))
