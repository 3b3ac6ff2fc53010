"""The target frames of windows and chunks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.batches.batch_options import BatchOptions
from anatomy_tf.data.batches.store import SequenceStore

Indices = NDArray[np.int64]


class TargetFrames:
    """The F target frames of each chunk, and whether each counts.

    A window is a chunk of one frame. A chunk that overruns the end of its sequence repeats the last
    frame, and the repeated frames do not count, as frames without a true pose do not either. A
    sequence that is shorter than a chunk always overruns.

    The methods take the index (B,) of each chunk's sequence, and the index (B,) of its first frame
    among all frames of the store.

    Args:
        store: the sequences.
        options: of the batches.
    """

    def __init__(self, store: SequenceStore, options: BatchOptions) -> None:
        self._first, self._last = store.offsets[:-1, None], store.offsets[1:, None] - 1
        self._valid = store.valid
        self._delay = options.delay
        self._steps = np.arange(options.chunk_frames or 1)

    def frames(self, sequence: Indices, first: Indices) -> Indices:
        """Return the (B, F) frames of the chunks."""
        return np.minimum(first[:, None] + self._steps, self._last[sequence])

    def targets(self, sequence: Indices, first: Indices) -> Indices:
        """Return the (B, F) frames whose poses are the targets of the chunks' frames."""
        return np.maximum(self.frames(sequence, first) - self._delay, self._first[sequence])

    def middle(self, sequence: Indices, first: Indices) -> Indices:
        """Return the (B,) middle frames of the chunks."""
        return self.frames(sequence, first)[:, len(self._steps) // 2]

    def counted(self, sequence: Indices, first: Indices) -> NDArray[np.bool_]:
        """Return whether each of the (B, F) frames is in the sequence and has a true target."""
        counted = first[:, None] + self._steps <= self._last[sequence]
        if self._valid is not None:
            counted &= self._valid[self.frames(sequence, first)]
            counted &= self._valid[self.targets(sequence, first)]
        return counted
