"""Which windows of some target frames differ, level by level of a network.

Windows of neighbouring frames share most of what they see, and windows that lie outside the clip,
where its first and last frame are repeated, are all equal. A level computes each different one
once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Level:
    """The different windows of one span, each made of some windows of the level below.

    Attributes:
        taps: (N, width) of each window its parts: places among those of the level below.
        looked_up: (positions, t) of each target frame the windows that its own is made of: places
            among these N.
    """

    taps: Places
    looked_up: Places


def distinct_windows(
    clip_lengths: Sequence[int], targets: range, widths: Sequence[int], before: int
) -> tuple[Places, list[Level]]:
    """What a network must compute for the windows of some frames.

    Args:
        clip_lengths: frames of each clip. They follow each other; no window reaches into another
            clip.
        targets: of all their frames those whose windows are wanted.
        widths: of the network; their product R is the receptive field.
        before: frames of a window before its target: R - 1 if causal, else R // 2.

    Returns:
        The frames that are seen, and the levels, the stem's first: its taps are places among the
        frames seen.
    """
    spans = np.cumprod([1, *widths])
    wanted = np.arange(targets.start, targets.stop)
    ends = np.cumsum(clip_lengths)
    clips = np.searchsorted(ends, wanted, side="right")
    # A window is told by its first frame; clips are set apart so that these never coincide.
    apart = spans[-1] * np.arange(1, len(ends) + 1)
    first, last = ends - clip_lengths + apart, ends - 1 + apart
    windows = wanted + apart[clips] - before
    looked_up = np.arange(len(wanted))[None]
    levels = []
    for width, span in zip(reversed(widths), reversed(spans[:-1]), strict=True):
        parts = windows[:, None] + span * np.arange(width)
        # Of all windows before the first frame one remains, and of those after the last.
        parts = np.clip(parts, first[clips, None] - (span - 1), last[clips, None])
        windows, chosen, taps = np.unique(parts, return_index=True, return_inverse=True)
        clips = clips[chosen // width]
        taps = taps.reshape(parts.shape)
        levels.append(Level(taps, looked_up))
        looked_up = taps[looked_up].transpose(0, 2, 1).reshape(-1, len(wanted))
    return windows - apart[clips], levels[::-1]
