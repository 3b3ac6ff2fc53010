"""The percentage of correct keypoints while a model trains."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import norm
from anatomy_tf.metrics.keras.frame_metric import FrameMetric
from anatomy_tf.metrics.pck import PCK_THRESHOLD


@keras.saving.register_keras_serializable(package="anatomy_tf")
class PCK(FrameMetric):
    """Share of correct keypoints, from 0 to 1.

    Args:
        threshold: metres; a joint is correct when its error is strictly below.
        name: the metric's name in logs.
        dtype: dtype of the running sums.
    """

    _direction = "up"

    def __init__(
        self, threshold: float = PCK_THRESHOLD, name: str = "pck", dtype: Any = None
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.threshold = threshold

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return the share (...) of each frame."""
        correct = norm(y_pred - y_true, xp=ops) < self.threshold
        return ops.mean(ops.cast(correct, self.dtype), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "threshold": self.threshold}
