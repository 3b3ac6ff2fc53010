"""Drawing the l frames of a video from which bone lengths are predicted (section 3.1)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.sequences.frames_around import frames_around

Sampling = Literal["random", "consecutive", "past"]
"""From the whole video, around the frame, and from the frames up to and including the frame."""


def sample_without_replacement(
    rng: np.random.Generator, lengths: NDArray[np.integer], count: int
) -> NDArray[np.int64]:
    """Draw frames of each video of a batch; every ordered choice is equally likely.

    A video shorter than ``count`` gives all its frames in random order, again and again.

    Args:
        rng: the source of randomness.
        lengths: (B,) frames that each video has, all positive.
        count: l, the frames to draw.

    Returns:
        (B, l) frame indices, each row in random order and, where the video is long enough, without
        repetition.
    """
    available: NDArray[np.int64] = np.asarray(lengths, np.int64)
    drawn = np.empty((len(available), count), np.int64)
    # Redrawing repeats is quick while at most half of a video is drawn; sorting keys always is, but
    # costs as much as the video is long.
    short = available < 2 * count
    if short.any():
        drawn[short] = _by_sorting(rng, available[short], count)
    drawn[~short] = _by_redrawing(rng, available[~short], count)
    return drawn


def _by_sorting(
    rng: np.random.Generator, lengths: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    longest = int(lengths.max())
    keys = rng.random((len(lengths), longest))
    keys[np.arange(longest) >= lengths[:, None]] = 2
    order = np.argsort(keys, axis=1, kind="stable")
    return np.take_along_axis(order, np.arange(count) % lengths[:, None], axis=1)


def _by_redrawing(
    rng: np.random.Generator, lengths: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Draw with replacement, then redraw a row's repeated frames until none repeats.

    The places to redraw depend only on which frames are equal, so that renaming the frames renames
    the result: all rows without repetition are equally likely.
    """
    drawn = rng.integers(0, lengths[:, None], (len(lengths), count))
    places = np.arange(count)
    rows = np.arange(len(lengths))
    while len(rows):
        marked = np.sort(drawn[rows] * count + places, axis=1)
        frames = marked // count
        row, place = np.nonzero(frames[:, 1:] == frames[:, :-1])
        again = marked[row, place + 1] % count
        drawn[rows[row], again] = rng.integers(0, lengths[rows[row]])
        rows = rows[np.unique(row)]
    return drawn


def consecutive_frames(
    rng: np.random.Generator,
    frame: NDArray[np.integer],
    lengths: NDArray[np.integer],
    count: int,
    causal: bool,
) -> NDArray[np.int64]:
    """Return the frames around each frame (``frames_around``), each row in random order.

    Args:
        rng: for the order.
        frame: (B,) index of the target frame in its video.
        lengths: (B,) frames that each video has.
        count: l.
        causal: whether the block ends at the target frame.

    Returns:
        (B, l) frame indices.
    """
    around = frames_around(np.asarray(frame, np.int64), np.asarray(lengths), count, causal)
    return rng.permuted(around, axis=1)
