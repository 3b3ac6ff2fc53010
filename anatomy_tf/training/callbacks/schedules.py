"""Schedules of the learning rate and the BatchNorm momentum.

Both are functions of the epoch alone, so a resumed run needs no state of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from anatomy_tf.layers import BatchNormalization


def learning_rate_at(epoch: int, start: float, decay: float) -> float:
    """Return the learning rate in an epoch counted from 0: start · decay^epoch."""
    return start * decay**epoch


def batch_share_at(epoch: int, epochs: int, start: float, end: float) -> float:
    """Return the new batch's share in BatchNorm's moving statistics in an epoch counted from 0.

    It falls exponentially, ``start · (end / start)^(epoch / epochs)``: 0.1 · exp(-(e/E) ln 100)
    for the reference's 0.1 and 0.001 (reference implementation, III.11).
    """
    return start * (end / start) ** (epoch / epochs)


class LearningRateSchedule(keras.callbacks.Callback):
    """A callback that multiplies the learning rate by a constant after every epoch.

    Args:
        start: learning rate in epoch 0.
        decay: factor after each epoch.
    """

    def __init__(self, start: float, decay: float) -> None:
        super().__init__()
        self.start, self.decay = start, decay

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the optimizer's learning rate."""
        self.model.optimizer.learning_rate = learning_rate_at(epoch, self.start, self.decay)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        """Add ``learning_rate`` to the epoch's numbers."""
        logs["learning_rate"] = learning_rate_at(epoch, self.start, self.decay)


class BatchShareSchedule(keras.callbacks.Callback):
    """A callback that lowers the BatchNorm momentum from start towards end over the epochs.

    It changes only ``BatchNormalization`` layers made with ``scheduled=True``: the reference
    implementation leaves some at 0.1 (III.11). Their weight ``batch_share`` is assigned, because a
    Python number would be baked into the traced graph.

    Args:
        epochs: length of the whole training, not of this call of ``fit``.
        start: share in epoch 0.
        end: share that the last epoch approaches.
    """

    def __init__(self, epochs: int, start: float = 0.1, end: float = 0.001) -> None:
        super().__init__()
        self.epochs, self.start, self.end = epochs, start, end

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Assign every scheduled layer's share."""
        for layer in scheduled_layers(self.model):
            layer.batch_share.assign(self._share(epoch))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        """Add ``batch_share`` to the epoch's numbers."""
        logs["batch_share"] = self._share(epoch)

    def _share(self, epoch: int) -> float:
        return batch_share_at(epoch, self.epochs, self.start, self.end)


def scheduled_layers(model: keras.Model) -> Iterator[BatchNormalization]:
    """Yield the BatchNormalization layers made with ``scheduled=True``, nested ones too."""
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, BatchNormalization) and layer.scheduled:
            yield layer
