"""A stretch of one epoch's batches."""

from __future__ import annotations

from typing import Any

import keras

from anatomy_tf.data.window_batches import Batches


class EpochBatches(keras.utils.PyDataset):
    """Batches ``start`` to ``stop`` of one epoch.

    ``fit`` asks a data set for its length once, and calls ``on_epoch_end`` before the first epoch
    too, so every epoch of a run that may begin in the middle gets a data set of its own.

    Args:
        batches: the data of all epochs.
        epoch: which of them.
        start: its first batch.
        stop: the batch to end before.
    """

    def __init__(self, batches: Batches, epoch: int, start: int, stop: int) -> None:
        super().__init__()
        self.batches, self.epoch, self.start, self.stop = batches, epoch, start, stop

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.batches.batch(self.epoch, self.start + index)
