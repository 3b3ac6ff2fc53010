"""The callback that writes an epoch's numbers into the run's folder."""

from __future__ import annotations

import time
from typing import Any

import keras

from anatomy_tf.training.run_batches import RunBatches
from anatomy_tf.training.run_folder import RunFolder
from anatomy_tf.training.tensorboard_log import TensorBoardLog, curves


class EpochLog(keras.callbacks.Callback):
    """A callback that writes an epoch to ``metrics.jsonl`` and to TensorBoard's curves.

    It adds ``seconds`` to the epoch's numbers, and must follow all callbacks that add others.

    Args:
        folder: of the run.
        batches: of the run.
        tensorboard: where to write the curves.
        metrics: the lines of the epochs so far, to which the new ones are appended.
    """

    def __init__(
        self,
        folder: RunFolder,
        batches: RunBatches,
        tensorboard: TensorBoardLog,
        metrics: list[dict[str, Any]],
    ) -> None:
        super().__init__()
        self._folder, self._batches = folder, batches
        self._tensorboard, self._metrics = tensorboard, metrics

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        """Write the epoch's numbers."""
        logs["seconds"] = round(time.monotonic() - self._batches.current.began, 3)
        line = {"epoch": epoch, "step": (epoch + 1) * self._batches.steps, **logs}
        self._folder.add_metrics(line)
        self._metrics.append(line)
        self._tensorboard.scalars(epoch, curves(line))
