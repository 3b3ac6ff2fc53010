"""Batches of an epoch, made ahead by threads."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras

from anatomy_tf.data.batches.window_batches import Batch, Batches

THREADS = max(1, min(4, (os.cpu_count() or 2) // 2))
"""Threads that make batches; most of the work is NumPy's, which lets threads run in parallel."""


class EpochBatches(keras.utils.PyDataset):
    """Batches ``start`` to ``stop`` of an epoch, and the time that training waited for them.

    ``fit`` asks a data set for its length once, and calls ``on_epoch_end`` before the first epoch
    too, so every epoch of a run that may begin in the middle gets a data set of its own. A batch
    depends on its number alone, not on the thread that makes it.

    Attributes:
        waited: seconds that training has waited for batches since ``for_fit``.
        began: when the object was made, by ``time.monotonic``.

    Args:
        batches: the data of all epochs.
        epoch: which of them.
        start: its first batch.
        stop: the batch to end before.
        threads: batches made at the same time; each has its own batch and the next one ready.

    Example:
        >>> with EpochBatches(batches, epoch=3, start=0, stop=100) as epoch_batches:
        ...     model.fit(epoch_batches.for_fit(), initial_epoch=3, epochs=4)
        ...     epoch_batches.waited
    """

    def __init__(
        self, batches: Batches, epoch: int, start: int, stop: int, threads: int = THREADS
    ) -> None:
        super().__init__()
        self.batches, self.epoch, self.start, self.stop = batches, epoch, start, stop
        self._ahead = 2 * threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="batches")
        self._made: dict[int, Future[Batch]] = {}
        self._lock = threading.Lock()
        self.waited = 0.0
        self.began = time.monotonic()
        self._in_dataset = False

    def __enter__(self) -> EpochBatches:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, index: int) -> Batch:
        began = time.monotonic()
        with self._lock:
            for wanted in range(index, min(index + 1 + self._ahead, len(self))):
                if wanted not in self._made:
                    self._made[wanted] = self._pool.submit(
                        self.batches.batch, self.epoch, self.start + wanted
                    )
            future = self._made.pop(index)
        batch = future.result()
        if not self._in_dataset:
            self.waited += time.monotonic() - began
        return batch

    def for_fit(self) -> Any:
        """Return the argument for ``fit``: a ``tf.data.Dataset`` on TensorFlow, else this object.

        Keras would make such a data set too, but the time that a step waits can only be measured at
        the data set's end, behind the buffer of batches that are tensors already.
        """
        if keras.backend.backend() != "tensorflow":
            return self
        import tensorflow as tf

        self._in_dataset = True
        signature = tf.nest.map_structure(
            lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), self[0]
        )
        batches = tf.data.Dataset.from_generator(self.in_order, output_signature=signature)

        # Not tf.timestamp, which runs of fixed results refuse.
        def now() -> Any:
            return tf.numpy_function(time.monotonic, [], tf.float64)

        def note(asked: Any, batch: Any) -> Any:
            tf.numpy_function(self._note, [asked], ())
            return batch

        # zip asks for the time first and for the batch then.
        asked = tf.data.Dataset.counter().map(lambda _: now())
        timed = tf.data.Dataset.zip((asked, batches.prefetch(2))).map(note)
        options = tf.data.Options()
        # A buffer behind the clock would hide the wait from it.
        options.experimental_optimization.inject_prefetch = False
        return timed.apply(tf.data.experimental.assert_cardinality(len(self))).with_options(options)

    def in_order(self) -> Iterator[Batch]:
        """Yield every batch, for a buffer; the buffer's reader counts ``waited``."""
        self._in_dataset = True
        for index in range(len(self)):
            yield self[index]

    def _note(self, asked: float) -> None:
        self.waited += time.monotonic() - float(asked)
