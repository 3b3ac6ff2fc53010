"""What a stream remembers of the frames it has seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Ring:
    """The last frames' values of each person, overwritten in turn.

    Frames are counted from the stream's start for everyone. Who comes later has a past that repeats
    the first frame, as training repeats it before a clip's start.

    Attributes:
        values: (length, P, channels); frame t is at ``t % length``.
    """

    def __init__(self, length: int, people: int, channels: int) -> None:
        self.values = np.zeros((length, people, channels), np.float32)

    def write(self, frame: int, values: Array, new: NDArray[np.bool_]) -> None:
        """Keeps a frame's (P, channels); of people who are new it becomes the whole past."""
        self.values[frame % len(self.values)] = values
        if new.any():
            self.values[:, new] = values[new]

    def back(self, frame: int, frames: int) -> Array:
        """(P, channels) of so many frames before."""
        return self.values[(frame - frames) % len(self.values)]

    def at(self, frames: NDArray[np.int64]) -> Array:
        """(*frames.shape, P, channels)."""
        return self.values[frames % len(self.values)]

    def every(self, frame: int, step: int) -> Array:
        """(length / step, P, channels) of all kept frames t, t - step, ...: earliest first."""
        same_phase = self.values[frame % step :: step]
        newest = frame % len(self.values) // step
        return np.concatenate([same_phase[newest + 1 :], same_phase[: newest + 1]])


class RunningLengths:
    """Bone lengths pooled over all past frames at constant cost (Eq. 6).

    The softmax over frames is kept as its largest logit, and numerator and denominator relative to
    it, so that no frame's weight overflows.

    Attributes:
        sums: (3, P, b) largest logit, numerator in metres, denominator.
    """

    def __init__(self, people: int, bones: int) -> None:
        self.sums = np.zeros((3, people, bones))

    def add(self, lengths: Array, logits: Array, new: NDArray[np.bool_]) -> Array:
        """The pooled lengths (P, b), metres, after a frame's lengths and logits (P, b)."""
        self.sums[:, new] = np.array([-np.inf, 0, 0])[:, None, None]
        before, numerator, denominator = self.sums
        largest = np.maximum(before, logits)
        kept, weight = np.exp(before - largest), np.exp(logits - largest)
        self.sums = np.stack([largest, kept * numerator + weight * lengths, kept * denominator])
        self.sums[2] += weight
        return (self.sums[1] / self.sums[2]).astype(np.float32)
