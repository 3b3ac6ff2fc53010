"""The base of the Keras metrics."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

MILLIMETRES = 1000.0


class FrameMetric(keras.metrics.Mean):
    """Base of the metrics: the mean of one value a frame, over all frames since the last reset.

    Every frame counts alike, whatever its batch, so that frames of a short last batch do not weigh
    more.

    Args:
        name: the metric's name in logs.
        dtype: dtype of the running sums.
    """

    # Which way is better; EarlyStopping and ModelCheckpoint ask Keras's own metrics so.
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return the value (...) of each frame of poses (..., J, 3), in the unit of the result."""
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: (..., J, 3) metres.
            y_pred: (..., J, 3) metres.
            sample_weight: weight of each frame, (...) or (B,); ``None`` weighs all alike.
        """
        y_true = ops.cast(ops.convert_to_tensor(y_true), self.dtype)
        y_pred = ops.cast(ops.convert_to_tensor(y_pred), self.dtype)
        super().update_state(self.values(y_true, y_pred), sample_weight)
