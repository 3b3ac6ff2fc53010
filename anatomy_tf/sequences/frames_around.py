"""Indices of the frames around a frame."""

from __future__ import annotations

from typing import Any

import numpy as np


def frames_around(frames: Any, total: Any, count: int, causal: bool, xp: Any = np) -> Any:
    """Return the frames around each frame ("AF(conse)" of Table 4), ascending.

    Near an end of the video the block moves inwards. Where there are fewer than ``count`` frames,
    they repeat.

    Args:
        frames: (...,) target frames.
        total: (...,) frame counts of the targets' videos, or one number.
        count: l, the number of frames to return.
        causal: whether the block ends at the target frame.
        xp: NumPy or ``keras.ops``.

    Returns:
        (..., l) frames.
    """
    if causal:
        available, start = frames + 1, xp.maximum(frames + 1 - count, 0)
    else:
        available = total + xp.zeros_like(frames)
        start = xp.clip(frames - count // 2, 0, xp.maximum(available - count, 0))
    block = xp.arange(count) % xp.minimum(available, count)[..., None]
    return start[..., None] + block
