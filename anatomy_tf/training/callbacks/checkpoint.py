"""The callback that saves the state of a run while it trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from anatomy_tf.training.checkpoint import Position, save_state
from anatomy_tf.training.run_folder import RunFolder
from anatomy_tf.training.stop_request import TrainingInterrupted


class Checkpoint(keras.callbacks.Callback):
    """A callback that saves a run's state at intervals and after epochs, and stops on request.

    It must be the last callback, so that an epoch's numbers are written before its state.

    Args:
        folder: of the run.
        every_steps: batches between two states.
        start_step: batches of the first epoch that are done already.
        restore_metrics: called once when the first epoch has begun.
        stop_requested: called after every batch and epoch; when it returns true, the state is saved
            and training ends.
        epochs: length of the whole training; after the last one there is nothing to stop.

    Raises:
        NotFiniteError: instead of saving a state that is not finite.
        TrainingInterrupted: when asked to stop; the state is saved.
    """

    def __init__(
        self,
        folder: RunFolder,
        every_steps: int,
        epochs: int,
        start_step: int = 0,
        restore_metrics: Callable[[], None] | None = None,
        stop_requested: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self.folder = folder
        self.every_steps, self.epochs = every_steps, epochs
        self.stop_requested = stop_requested
        self._start_step = start_step
        self._restore_metrics = restore_metrics
        self._position = Position(0, 0)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin to count, after the batches that were done before the run was cut off."""
        self._position = Position(epoch, self._start_step)
        self._start_step = 0
        # A state between two epochs holds the means of the one that is over.
        if self._restore_metrics is not None and self._position.step > 0:
            self._restore_metrics()
        self._restore_metrics = None

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Save the state when the interval is over or on request; not after the last batch."""
        self._position = Position(self._position.epoch, self._position.step + 1)
        if batch + 1 == self.params["steps"]:
            return
        stop = self.stop_requested()
        if stop or self._position.step % self.every_steps == 0:
            self._save(self._position)
        if stop:
            raise TrainingInterrupted(self._message)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save the state after an epoch."""
        self._save(Position(epoch + 1, 0))
        if self.stop_requested() and epoch + 1 < self.epochs:
            raise TrainingInterrupted(self._message)

    @property
    def _message(self) -> str:
        return f"Stopped; the state is in {self.folder.path}: the same command goes on from it."

    def _save(self, position: Position) -> None:
        save_state(self.folder.state_path(position.epoch, position.step), self.model, position)
        self.folder.forget_old_states()
