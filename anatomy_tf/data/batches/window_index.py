"""The index of windows or chunks, and their order in an epoch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.batches.batch_options import BatchOptions
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.batches.target_frames import TargetFrames
from anatomy_tf.errors import AnatomyError


class WindowIndex:
    """A list of a store's windows or chunks, whose order in each epoch is split into batches.

    The order is a pure function of the seed and the epoch. Windows without a target frame that
    counts are left out.

    Args:
        store: the sequences.
        options: of the batches.
        target_frames: of the same store and options.

    Attributes:
        sequence: (W,) the sequence of each window.
        frame: (W,) the window's frame, or the chunk's first frame, among all frames of the store.
        batch_count: batches of an epoch.

    Raises:
        AnatomyError: when there is no full batch.
    """

    def __init__(
        self, store: SequenceStore, options: BatchOptions, target_frames: TargetFrames
    ) -> None:
        self._shuffle, self._seed = options.shuffle, options.seed
        self._batch_size = options.batch_size
        step = options.frame_step * (options.chunk_frames or 1)
        local = np.concatenate([np.arange(0, length, step) for length in store.lengths])
        self.sequence = np.repeat(np.arange(len(store)), -(-store.lengths // step))
        self.frame = local + store.offsets[self.sequence]
        if store.valid is not None:
            kept = target_frames.counted(self.sequence, self.frame).any(axis=1)
            self.sequence, self.frame = self.sequence[kept], self.frame[kept]
        whole, left = divmod(len(self), options.batch_size)
        self.batch_count = whole + bool(left and not options.drop_remainder)
        if self.batch_count == 0:
            raise AnatomyError(
                f"batches: {len(self)} windows do not fill a batch of {options.batch_size}"
            )
        self._order: tuple[int, NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        """Return W, the number of windows or chunks."""
        return len(self.frame)

    def batch(self, epoch: int, index: int) -> NDArray[np.int64]:
        """Return the indices of a batch's windows: (B,), or fewer in the last batch."""
        first = index * self._batch_size
        return self._epoch_order(epoch)[first : first + self._batch_size]

    def _epoch_order(self, epoch: int) -> NDArray[np.int64]:
        # Threads may do this twice, with the same result; the tuple keeps the pair together.
        order = self._order
        if order is None or (order[0] != epoch and self._shuffle):
            windows = np.arange(len(self))
            if self._shuffle:
                seeds = np.random.SeedSequence(self._seed, spawn_key=(epoch,))
                np.random.default_rng(seeds).shuffle(windows)
            self._order = order = (epoch, windows)
        return order[1]
