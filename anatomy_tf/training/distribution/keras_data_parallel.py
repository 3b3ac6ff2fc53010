"""Replicas on several devices of one machine, by ``keras.distribution``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from anatomy_tf.training.distribution.distribution import Distribution
from anatomy_tf.training.epoch_batches import EpochBatches


class KerasDataParallel(Distribution):
    """Training on several devices of one machine by ``keras.distribution`` (JAX).

    Args:
        devices: names as ``keras.distribution.list_devices`` gives them.
    """

    def __init__(self, devices: Sequence[str]) -> None:
        self.replicas = len(devices)
        self._distribution = keras.distribution.DataParallel(devices=list(devices))

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Return the context that copies variables to each device and splits batches."""
        return self._distribution.scope()

    @contextlib.contextmanager
    def one_device(self) -> Iterator[None]:
        """See ``Distribution.one_device``."""
        around = keras.distribution.distribution()
        keras.distribution.set_distribution(None)
        try:
            yield
        finally:
            keras.distribution.set_distribution(around)

    def fit(
        self,
        model: keras.Model,
        batches: EpochBatches,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> None:
        """See ``Distribution.fit``."""
        with self.scope():
            super().fit(model, batches, callbacks)
