"""The batches of a whole run."""

from __future__ import annotations

from anatomy_tf.data.batches.window_batches import Batches
from anatomy_tf.training.checkpoint import Position
from anatomy_tf.training.epoch_batches import EpochBatches


class RunBatches:
    """The batches of each epoch of a run, from the step where the run resumes.

    Args:
        batches: the data of all epochs.
        start: where the run resumes.
        epochs: length of the whole training.
        steps: batches of an epoch.

    Attributes:
        current: the batches of the latest epoch.
    """

    current: EpochBatches

    def __init__(self, batches: Batches, start: Position, epochs: int, steps: int) -> None:
        self.batches, self.start = batches, start
        self.epochs, self.steps = epochs, steps

    @property
    def epochs_left(self) -> range:
        """The epochs that are not finished."""
        return range(self.start.epoch, self.epochs)

    def of(self, epoch: int) -> EpochBatches:
        """Return the remaining batches of an epoch."""
        first = self.start.step if epoch == self.start.epoch else 0
        self.current = EpochBatches(self.batches, epoch, first, self.steps)
        return self.current

    def steps_left(self, epoch: EpochBatches) -> int:
        """Return the number of batches of the run that are left when an epoch begins."""
        return self.steps * (self.epochs - epoch.epoch) - epoch.start
