"""MPJPE (protocol 1) while a model trains."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import norm
from anatomy_tf.metrics.keras.frame_metric import MILLIMETRES, FrameMetric


@keras.saving.register_keras_serializable(package="anatomy_tf")
class MPJPE(FrameMetric):
    """Mean per-joint position error in millimetres (protocol 1).

    Args:
        name: the metric's name in logs.
        dtype: dtype of the running sums.

    Example:
        >>> metric = MPJPE()
        >>> metric.update_state([[[0.0, 0.0, 0.0]]], [[[0.003, 0.004, 0.0]]])
        >>> round(float(metric.result()), 3)
        5.0
    """

    def __init__(self, name: str = "mpjpe_mm", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return the error (...) of each frame in millimetres."""
        return MILLIMETRES * ops.mean(norm(y_pred - y_true, xp=ops), axis=-1)
