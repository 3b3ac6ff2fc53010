"""Sampling of the frames from which a batch's bone lengths are predicted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.batches.batch_options import BatchOptions
from anatomy_tf.data.batches.sampled_frames import (
    consecutive_frames,
    sample_without_replacement,
)
from anatomy_tf.data.batches.store import SequenceStore


class FrameSampler:
    """A sampler of l frames with a true pose from each window's video.

    Args:
        store: the sequences.
        options: the batches' options, of which ``sampling``, ``sampled_frames`` and ``causal`` are
            used.
    """

    def __init__(self, store: SequenceStore, options: BatchOptions) -> None:
        self._sampling, self._causal = options.sampling, options.causal
        self._count = options.sampled_frames
        self._offsets = store.offsets
        self._valid = None if store.valid is None else np.flatnonzero(store.valid)
        if self._valid is not None:
            self._offsets = np.searchsorted(self._valid, store.offsets)

    def draw(
        self, rng: np.random.Generator, sequence: NDArray[np.int64], frame: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return (B, l) frames of the store, each row in random order.

        Args:
            rng: the source of randomness.
            sequence: (B,) index of the sequence to draw from.
            frame: (B,) index of the frame around which or up to which to draw.
        """
        # Places among the frames that may be drawn, which are all frames or the valid ones.
        start = self._offsets[sequence]
        length = self._offsets[sequence + 1] - start
        if self._valid is None:
            local = frame - start
        else:
            # The middle frame of a chunk need not be valid, nor any frame before it.
            place = np.searchsorted(self._valid, frame, side="right") - 1
            local = np.clip(place - start, 0, length - 1)
        if self._sampling == "consecutive":
            drawn = consecutive_frames(rng, local, length, self._count, self._causal)
        else:
            past = self._sampling == "past"
            drawn = sample_without_replacement(rng, local + 1 if past else length, self._count)
        drawn += start[:, None]
        return drawn if self._valid is None else self._valid[drawn]
