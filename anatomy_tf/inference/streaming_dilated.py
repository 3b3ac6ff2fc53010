"""Dilated convolutions, one frame at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.inference.folding import FoldedConvolution
from anatomy_tf.inference.second_thread import SecondThread
from anatomy_tf.inference.streaming_memory import Ring
from anatomy_tf.inference.streaming_products import Product

Array = NDArray[np.float32]

FRAMES_AT_ONCE = 9
"""Coming frames whose past taps are taken together: nine rows at once take less than five times as
long as the weights take to be read for one."""


class DilatedProduct:
    """A dilated convolution on a stream's newest frame.

    Only the last tap reads the newest frame. The others read frames that are ``step`` or more old,
    so their products are known up to ``step`` frames beforehand: they are taken for several coming
    frames at a time, which reads their weights once for all of them.

    Args:
        convolution: its kernel may read fewer channels than the ring keeps: the first ones.
        step: the dilation, frames.
        turn: convolutions of different turns take their coming frames in different frames, so
            that no frame waits for all.
        second: takes part in the products of coming frames.
    """

    def __init__(
        self, convolution: FoldedConvolution, step: int, turn: int, second: SecondThread | None
    ) -> None:
        kernel, scale, bias = convolution.stored, convolution.scale, convolution.bias
        width, self.channels, _ = kernel.shape
        self.back = step * np.arange(width - 1, 0, -1)
        self.newest = Product.of_kernel(kernel[-1], scale, bias if width == 1 else 0.0)
        self.past = Product.of_kernel(kernel[:-1], scale, bias, second)
        self.at_once, self.turn = min(step, FRAMES_AT_ONCE), turn
        self.first, self.coming = 0, np.zeros((0, 0, 0), np.float32)
        self._under_way: Callable[[], Array] | None = None

    @property
    def reach(self) -> int:
        """Frames that a ring must keep."""
        return int(self.back.max(initial=0)) + 1

    def __call__(self, ring: Ring, frame: int, entered: Array, new: NDArray[np.bool_]) -> Array:
        """(P, out) of the newest frame, whose (P, in) the ring has as well."""
        found = self.newest(entered)
        if not self.back.size:
            return found
        if new.any() or not self._known(frame):
            self.first, self.coming = frame, self._of_coming(ring, frame)()
        found += self.coming[frame - self.first]
        return found

    def look_ahead(self, ring: Ring, frame: int) -> None:
        """Starts what a coming frame will need; to be settled before the ring is written again."""
        if self.back.size and not self._known(frame):
            self.first = frame
            self._under_way = self._of_coming(ring, frame)

    def settle(self) -> None:
        """Waits for what was started."""
        if self._under_way is not None:
            self.coming, self._under_way = self._under_way(), None

    def forget(self) -> None:
        """Before people come or go, or the ring's frames are replaced."""
        self.settle()
        self.coming = self.coming[:0]

    def _known(self, frame: int) -> bool:
        return self.first <= frame < self.first + len(self.coming)

    def _of_coming(self, ring: Ring, frame: int) -> Callable[[], Array]:
        """Starts (n, P, out): what past taps give to frames from this one until the next turn."""
        frames = np.arange(frame, frame + self.at_once - (frame + self.turn) % self.at_once)
        taps = ring.at(frames[:, None] - self.back)[..., : self.channels]
        count, _, people, _ = taps.shape
        return self.past.start(taps.swapaxes(1, 2).reshape(count, people, -1))
