"""The callback that stops a training whose loss is not finite or explodes."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from anatomy_tf.training.checkpoint import NotFiniteError, Position

EXPLOSION_FACTOR = 100.0
"""Least ratio of a batch's loss to the median of those before it that stops a run."""

_REMEMBERED = 100


class LossWatch(keras.callbacks.Callback):
    """A callback that stops at a batch whose loss is not finite or explodes.

    A loss explodes when it is more than ``explosion_factor`` times the median of the 100 batches
    before it (fewer at the beginning, and after a run was resumed). Keras gives the mean over the
    epoch so far, from which a batch's own loss is taken.

    Args:
        explosion_factor: such as 100; infinity for none.
        start_step: batches of the first epoch that are done already.
    """

    def __init__(self, explosion_factor: float = EXPLOSION_FACTOR, start_step: int = 0) -> None:
        super().__init__()
        self.explosion_factor = explosion_factor
        self.position = Position(0, start_step)
        self._start_step = start_step
        self._sum: float | None = None
        self._losses: deque[float] = deque(maxlen=_REMEMBERED)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin a new mean, or continue that of an interrupted run."""
        self.position = Position(epoch, self._start_step)
        self._sum = 0.0 if self._start_step == 0 else None
        self._start_step = 0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Check the batch's losses.

        Raises:
            NotFiniteError: naming the loss and saying what is wrong with it.
        """
        self.position = Position(self.position.epoch, self.position.step + 1)
        means = {name: float(value) for name, value in (logs or {}).items()}
        bad = [name for name, mean in means.items() if not np.isfinite(mean)]
        if bad:
            raise NotFiniteError(f"{', '.join(bad)} is not finite")
        before, self._sum = self._sum, means["loss"] * self.position.step
        if before is None:
            return
        loss = self._sum - before
        if self._losses:
            usual = statistics.median(self._losses)
            if loss > self.explosion_factor * usual > 0:
                raise NotFiniteError(
                    f"the loss {loss:.3g} is {loss / usual:.3g} times the median of the "
                    f"{len(self._losses)} batches before (limit: {self.explosion_factor:g})"
                )
        self._losses.append(loss)
