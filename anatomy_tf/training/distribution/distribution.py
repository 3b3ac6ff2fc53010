"""Training on one device, with the steps that several devices do differently."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.checkpoint import Position
from anatomy_tf.training.epoch_batches import EpochBatches


class Distribution:
    """Training on one device; subclasses train on more.

    All train on the same batches, and their weights differ by rounding only, except that each
    device draws dropout masks for its own rows. A run may therefore be resumed on other hardware
    than it began with.

    Attributes:
        replicas: copies of the model, each of which takes an equal part of every batch.
        chief: whether this process keeps the run's files; the others write nothing that stays.
    """

    replicas = 1
    chief = True

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Return the context in which model and optimizer must be made."""
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
        """Train a compiled and built model on batches of an epoch."""
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
        """Bring all copies of a new or restored model to the state of the chief's.

        Returns:
            The position where training resumes, and a function that restores the means of an epoch
            that is not over.
        """
        return position, restore_metrics

    def from_chief(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Return the chief's arrays; every process must give arrays of the same shapes."""
        return list(arrays)

    def any_process(self, value: bool) -> bool:
        """Return whether ``value`` is true in any process; all must call this at the same time."""
        return value

    def check_agreement(self, facts: str) -> None:
        """Raise AnatomyError where this process's facts differ from the chief's.

        Raises:
            AnatomyError: when they differ.
        """
        ours = np.frombuffer(hashlib.sha256(facts.encode()).digest(), np.uint16)
        if not np.array_equal(self.from_chief([ours])[0], ours):
            raise AnatomyError("this worker's config or data are not those of the chief")
