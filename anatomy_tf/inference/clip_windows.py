"""The windows of a clip, one a frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def clip_windows(
    values: NDArray[np.float32], receptive_field: int, causal: bool
) -> NDArray[np.float32]:
    """For each frame the ``receptive_field`` frames that its pose is estimated from.

    Args:
        values: (T, ...) of one clip.
        receptive_field: R, odd.
        causal: the window ends at its frame; otherwise the frame is in its middle.

    Returns:
        (T, R, ...), a view; the first and last frame are repeated outside the clip.
    """
    before = receptive_field - 1 if causal else receptive_field // 2
    after = receptive_field - 1 - before
    padding = [(before, after)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, padding, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, receptive_field, axis=0)
    return np.moveaxis(windows, -1, 1)
