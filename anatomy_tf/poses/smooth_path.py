"""Sparse matrices of a least-squares fit of a path."""

from __future__ import annotations

import numpy as np
import scipy.sparse
from numpy.typing import NDArray


def change_penalty(
    frames: int, order: int, weights: NDArray[np.floating] | float
) -> scipy.sparse.csc_array:
    """Return the (T, T) matrix P of the penalty ``x @ P @ x`` on a coordinate's changes.

    Args:
        frames: T.
        order: 1 penalises the squared steps from frame to frame, 2 the squared changes of the step.
        weights: (T - order,) or one for all; 1 over the square of a usual change.
    """
    if frames <= order:
        return scipy.sparse.csc_array((frames, frames))
    step = np.array({1: (-1, 1), 2: (1, -2, 1)}[order], np.float64)
    shape = (frames - order, frames)
    changes = scipy.sparse.diags_array(step, offsets=range(order + 1), shape=shape)
    return scipy.sparse.csc_array(
        changes.T @ changes.multiply(np.broadcast_to(weights, shape[:1])[:, None])
    )


def frame_blocks(blocks: NDArray[np.floating]) -> scipy.sparse.csc_array:
    """Return the (T n, T n) matrix with the frames' blocks (T, n, n) on its diagonal."""
    frames, size, _ = blocks.shape
    rows = scipy.sparse.bsr_array(
        (blocks, np.arange(frames), np.arange(frames + 1)), shape=(frames * size,) * 2
    )
    return rows.tocsc()
