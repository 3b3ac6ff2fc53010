"""Windows of R frames around a target frame, with the edge frames repeated."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray


def window_reach(receptive_field: int, causal: bool) -> tuple[int, int]:
    """Return how many frames before and after its frame t a window of R frames reaches.

    Centred (t - P .. t + P with P = (R - 1) / 2), or causal (t - 2P .. t).
    """
    half = (receptive_field - 1) // 2
    return (2 * half, 0) if causal else (half, half)


class EdgePaddedFrames:
    """The frames of many sequences, from which a batch of windows is one gather.

    Each sequence is stored with its first and last frame repeated, so that every window is an
    unbroken stretch of memory.

    Args:
        frames: (N, ...) values of all frames, sequence after sequence.
        offsets: (S + 1,) index of the first frame of each sequence, and N.
        receptive_field: R, odd.
        causal: whether windows end at their frame instead of having it in the middle.
        target_frames: F; each window is the joined windows of F neighbouring frames, R + F - 1
            frames long.
    """

    def __init__(
        self,
        frames: NDArray[np.float32],
        offsets: NDArray[np.int64],
        receptive_field: int,
        causal: bool = False,
        target_frames: int = 1,
    ) -> None:
        self._before, after = window_reach(receptive_field, causal)
        after += target_frames - 1
        self._extra = self._before + after
        repeats = np.ones(len(frames), np.int64)
        # A sequence of one frame is both its first and its last.
        np.add.at(repeats, offsets[:-1], self._before)
        np.add.at(repeats, offsets[1:] - 1, after)
        self._frames = np.repeat(frames, repeats, axis=0)
        values = self._frames[0].size
        self._window_shape = (self._extra + 1, *frames.shape[1:])
        self._windows = np.lib.stride_tricks.sliding_window_view(
            self._frames.reshape(-1), (self._extra + 1) * values
        )[::values]

    def windows(
        self, sequence: NDArray[np.integer], frame: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return the windows of a batch of frames.

        Args:
            sequence: (B,) index of each frame's sequence.
            frame: (B,) index of each frame among all N; of F target frames the first.

        Returns:
            (B, R + F - 1, ...) a new array.
        """
        return self._windows[frame + sequence * self._extra].reshape(-1, *self._window_shape)

    def frames(
        self, sequence: NDArray[np.integer], frame: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return single frames: (...,) sequence and frame indices to (..., *frame shape)."""
        return self._frames.take(frame + sequence * self._extra + self._before, axis=0)


def window_means(
    frames: NDArray[np.float32],
    offsets: NDArray[np.int64],
    receptive_field: int,
    causal: bool = False,
) -> NDArray[np.float32]:
    """Return the mean over each frame's edge-padded window: (N, d) to (N, d).

    Arguments as for ``EdgePaddedFrames``.
    """
    before, after = window_reach(receptive_field, causal)
    means = np.empty_like(frames)
    for start, stop in itertools.pairwise(offsets):
        padded = np.pad(frames[start:stop], ((before + 1, after), (0, 0)), mode="edge")
        padded[0] = 0
        total = np.cumsum(padded, axis=0, dtype=np.float64)
        means[start:stop] = (total[receptive_field:] - total[:-receptive_field]) / receptive_field
    return means
