"""What training on more than one device does differently."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.epoch_batches import EpochBatches
from anatomy_tf.training.state import Position


class Distribution:
    """Trains on one device; its subclasses train on more.

    The same batches go in, and the weights that come out differ by rounding only; dropout masks
    are the exception, which each device draws for its own rows. A run may therefore go on on other
    hardware than it began on.

    Attributes:
        replicas: copies of the model, each of which takes an equal part of every batch.
        chief: whether this process keeps the run's files; the others write nothing that stays.
    """

    replicas = 1
    chief = True

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Return the context in which model and optimizer are to be made."""
        return contextlib.nullcontext()

    def one_device(self) -> contextlib.AbstractContextManager[Any]:
        """Return the context in which a callback may use another model on one device."""
        return contextlib.nullcontext()

    def fit(
        self,
        model: keras.Model,
        batches: EpochBatches,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> None:
        """Train a compiled and built model on a stretch of an epoch."""
        model.fit(
            batches.for_fit(),
            initial_epoch=batches.epoch,
            epochs=batches.epoch + 1,
            shuffle=False,
            verbose=0,
            callbacks=list(callbacks),
        )

    def begin(
        self, model: keras.Model, position: Position, restore_metrics: Callable[[], None]
    ) -> tuple[Position, Callable[[], None]]:
        """Bring all copies of a model that was made or restored to where the chief's stands.

        Returns:
            Where to go on, and how to restore the means of an epoch that is not over there.
        """
        return position, restore_metrics

    def from_chief(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Return what the chief gave here; every process must give arrays of the same shapes."""
        return list(arrays)

    def any_process(self, said: bool) -> bool:
        """Return whether one of the processes says so; all must ask at the same time."""
        return said

    def check_agreement(self, facts: str) -> None:
        """Make sure that this process's facts are those of the chief.

        Raises:
            AnatomyError: when they are not.
        """
        ours = np.frombuffer(hashlib.sha256(facts.encode()).digest(), np.uint16)
        if not np.array_equal(self.from_chief([ours])[0], ours):
            raise AnatomyError("this worker's config or data are not those of the chief")
