"""Batch normalisation whose momentum can change while training."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="anatomy_tf")
class BatchNormalization(keras.layers.Layer):
    """Batch normalisation of the last axis over all others.

    Three things differ from ``keras.layers.BatchNormalization``: the share of a new batch in the
    running statistics is a weight (``batch_share``), because a traced training step would bake a
    Python number in; the running variance takes the unbiased batch variance, n / (n - 1) times
    the one that normalises; and statistics are synchronised over replicas by default, so that
    ``MirroredStrategy`` computes what one device computes. A layer that is not trainable
    normalises by its running statistics and leaves them as they are, as Keras's does.

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
        training = training and self.trainable
        if training and self._fusible(inputs):
            normalized, mean, unbiased = _fused(inputs, self.gamma, self.beta, self.epsilon)
            self._follow(mean, unbiased)
            return normalized
        if training:
            values = ops.cast(inputs, "float32")
            axes = tuple(range(len(inputs.shape) - 1))
            mean, variance = ops.moments(values, axes)
            count = ops.cast(ops.size(values), "float32") / values.shape[-1]
            # Other backends refuse to synchronize; JAX's statistics span a sharded batch anyway.
            if self.synchronized and keras.config.backend() == "tensorflow":
                mean, variance, count = _over_replicas(mean, variance, count)
            self._follow(mean, variance * (count / ops.maximum(count - 1, 1)))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        scale = ops.cast(self.gamma, "float32") * ops.rsqrt(variance + self.epsilon)
        shift = ops.cast(self.beta, "float32") - mean * scale
        return inputs * ops.cast(scale, inputs.dtype) + ops.cast(shift, inputs.dtype)

    def _fusible(self, inputs: Any) -> bool:
        """Return whether a batch fits TensorFlow's fused operation, which knows one replica."""
        if keras.config.backend() != "tensorflow" or inputs.dtype != "float32":
            return False
        return not self.synchronized or _replicas() == 1

    def _follow(self, mean: Any, unbiased_variance: Any) -> None:
        """Update the running statistics with a batch's, (C,) each."""
        pairs = ((self.moving_mean, mean), (self.moving_variance, unbiased_variance))
        for moving, batch in pairs:
            moving.assign(moving + self.batch_share * (batch - moving))

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


def _fused(inputs: Any, gamma: Any, beta: Any, epsilon: float) -> tuple[Any, Any, Any]:
    """Return a normalised batch, its mean and its unbiased variance.

    TensorFlow's fused operation makes few passes over the batch, forward and backward; single
    operations make a training step 11 to 21 % longer (docs/performance.md).
    """
    import tensorflow as tf

    normalized, mean, unbiased, *_ = tf.raw_ops.FusedBatchNormV3(
        x=ops.reshape(inputs, (1, -1, 1, inputs.shape[-1])),
        scale=ops.convert_to_tensor(gamma),
        offset=ops.convert_to_tensor(beta),
        mean=tf.constant([]),
        variance=tf.constant([]),
        epsilon=epsilon,
    )
    return ops.reshape(normalized, ops.shape(inputs)), mean, unbiased


def _over_replicas(mean: Any, variance: Any, count: Any) -> tuple[Any, Any, Any]:
    """Return the mean and variance, (C,) each, and the number of all replicas' rows.

    Squared distances from the mean of all are added up, because Keras's own synchronized variance,
    E[x²] - E[x]², is lost to rounding where the mean is large.
    """
    whole = _mean_over_replicas(mean)
    variance = _mean_over_replicas(variance + ops.square(mean - whole))
    return whole, variance, count * _replicas()


def _mean_over_replicas(values: Any) -> Any:
    return ops.moments(values[None], [0], synchronized=True)[0]


def _replicas() -> int:
    """Return how many replicas train together, those of other machines included."""
    import tensorflow as tf

    replicas: int = tf.distribute.get_strategy().num_replicas_in_sync
    return replicas
