"""Unbroken runs of frames in which something holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def frame_runs(holds: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and one past the last frame of each unbroken run of true, in order.

    Args:
        holds: (T,)
    """
    edges = np.flatnonzero(np.diff(holds.astype(np.int8), prepend=0, append=0))
    return [(start, end) for start, end in edges.reshape(-1, 2).tolist()]
