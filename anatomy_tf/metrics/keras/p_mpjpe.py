"""P-MPJPE (protocol 2) while a model trains."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import norm
from anatomy_tf.metrics.keras.frame_metric import MILLIMETRES, FrameMetric
from anatomy_tf.metrics.p_mpjpe import superimposed


@keras.saving.register_keras_serializable(package="anatomy_tf")
class PMPJPE(FrameMetric):
    """MPJPE in millimetres after the best rotation, translation and scale of each frame.

    Args:
        name: the metric's name in logs.
        dtype: dtype of the running sums.
    """

    def __init__(self, name: str = "p_mpjpe_mm", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return the error (...) of each frame in millimetres."""
        moved = superimposed(y_pred, y_true, xp=ops)
        return MILLIMETRES * ops.mean(norm(moved - y_true, xp=ops), axis=-1)
