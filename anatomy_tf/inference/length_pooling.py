"""Bone lengths of a clip from each frame's estimate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pool_lengths(
    lengths: NDArray[np.float32], logits: NDArray[np.float32], chosen: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Softmax-weighted lengths over chosen frames (Eq. 6).

    Args:
        lengths: (T, b) bone lengths of each frame, metres.
        logits: (T, b) attention before the softmax; zeros give the mean.
        chosen: (..., l) frames to pool over.

    Returns:
        (..., b) metres.
    """
    scores = logits[chosen].astype(np.float64)
    weights = np.exp(scores - scores.max(axis=-2, keepdims=True))
    weights /= weights.sum(axis=-2, keepdims=True)
    return (weights * lengths[chosen]).sum(axis=-2).astype(np.float32)


def pool_past_lengths(
    lengths: NDArray[np.float32], logits: NDArray[np.float32]
) -> NDArray[np.float32]:
    """For each frame t the lengths pooled over the frames 0..t: (T, b), metres.

    Running sums of ``exp(logit)`` are kept as logarithms, so that no frame's weight overflows.
    """
    scores = logits.astype(np.float64)
    # A network that predicts lengths themselves may predict less than 0, of which there is no
    # logarithm.
    lowest = min(float(lengths.min()), 0.0)
    with np.errstate(divide="ignore"):  # a bone of zero length adds nothing
        weighted = scores + np.log(lengths.astype(np.float64) - lowest)
    total = np.logaddexp.accumulate(scores, axis=0)
    pooled = np.exp(np.logaddexp.accumulate(weighted, axis=0) - total) + lowest
    return pooled.astype(np.float32)


def past_frames(frames: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """(T, l) frames drawn for each t from 0..t: all of them first, repeated, then l at random.

    Row t < l holds each past frame about equally often; a later row holds l different ones.
    """
    rows = np.arange(frames)[:, None]
    chosen = np.arange(count)[None] % (rows + 1)
    for row in range(count, frames):
        chosen[row] = rng.choice(row + 1, count, replace=False)
    return chosen
