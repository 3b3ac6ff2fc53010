"""MPJPE as a Keras metric, shown while a model trains."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

MILLIMETRES = 1000.0


@keras.saving.register_keras_serializable(package="anatomy_tf")
class MeanPerJointPositionError(keras.metrics.Metric):
    """Mean per-joint position error in millimetres, over all frames since the last reset.

    Every frame counts alike, whatever its batch, so that frames of a short last batch do not weigh
    more.

    Args:
        name: the metric's name in logs.
        dtype: dtype of the running sums.

    Example:
        >>> metric = MeanPerJointPositionError()
        >>> metric.update_state([[[0.0, 0.0, 0.0]]], [[[0.003, 0.004, 0.0]]])
        >>> round(float(metric.result()), 3)
        5.0
    """

    def __init__(self, name: str = "mpjpe_mm", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_weight(shape=(), initializer="zeros", name="total")
        self.count = self.add_weight(shape=(), initializer="zeros", name="count")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: (..., J, 3) metres.
            y_pred: (..., J, 3) metres.
            sample_weight: weight of each frame, broadcast to (...); ``None`` weighs all alike.
        """
        y_true = ops.cast(ops.convert_to_tensor(y_true), self.dtype)
        y_pred = ops.cast(ops.convert_to_tensor(y_pred), self.dtype)
        distances = ops.sqrt(ops.sum(ops.square(y_pred - y_true), axis=-1))
        errors = ops.mean(distances, axis=-1)
        weights = ops.ones_like(errors)
        if sample_weight is not None:
            weights = weights * ops.cast(ops.convert_to_tensor(sample_weight), self.dtype)
        self.total.assign_add(ops.sum(errors * weights))
        self.count.assign_add(ops.sum(weights))

    def result(self) -> Any:
        """Return the mean in millimetres; 0 before the first batch."""
        return ops.divide_no_nan(self.total, self.count) * MILLIMETRES
