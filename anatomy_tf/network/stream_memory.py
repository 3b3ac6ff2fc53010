"""A stream's memory: past features, and the products of past taps for coming frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.network.stream_products import StreamArrays
from anatomy_tf.network.weights import Product

Array = NDArray[np.float32]
Truths = NDArray[np.bool_]

FRAMES_AT_ONCE = 9
"""Coming frames whose products of past taps are computed together. Nine rows at once take less than
five times as long as one row."""


class Ring:
    """The last frames' features of each person, overwritten in turn.

    Frames are counted from the stream's start for everyone. Who comes later has a past that repeats
    the first frame, as training repeats it before a clip's start.

    Attributes:
        values: (length, P, channels); frame t is at ``t % length``.
    """

    def __init__(self, length: int, people: int, channels: int) -> None:
        self.values = np.zeros((length, people, channels), np.float32)

    def write(self, frame: int, values: Array, new: Truths) -> None:
        """Keep a frame's (P, channels); of people who are new it becomes the whole past."""
        self.values[frame % len(self.values)] = values
        if new.any():
            self.values[:, new] = values[new]

    def at(self, frames: Any) -> Array:
        """Return (*frames.shape, P, channels)."""
        return self.values[frames % len(self.values)]

    def every(self, frame: int, step: int) -> Array:
        """Return (length / step, P, channels) of the frames t, t - step, ..., earliest first."""
        same_phase = self.values[frame % step :: step]
        newest = frame % len(self.values) // step
        return np.concatenate([same_phase[newest + 1 :], same_phase[: newest + 1]])


class Entering:
    """The input of a level in the newest frame, and the ring that contains it, too.

    Attributes:
        ring: of the level.
        frame: the newest.
        values: (P, channels) of it.
        new: (P,) whose first frame it is.
    """

    def __init__(self, ring: Ring, frame: int, values: Array, new: Truths) -> None:
        self.ring, self.frame, self.values, self.new = ring, frame, values, new


class StreamConvolution:
    """A dilated convolution on a stream's newest frame.

    Only the last tap reads the newest frame. The others read frames that are ``span`` or more old,
    so their products are known up to ``span`` frames beforehand: they are taken for several coming
    frames at a time, which reads their weights once for all of them.

    Args:
        of_stream: whose layers.
        product: its weights; they may read fewer channels than the ring keeps: the first ones.
        span: frames between taps.
    """

    def __init__(self, of_stream: StreamArrays, product: Product, span: int) -> None:
        width, self.channels, _ = product.kernel.shape
        self.back = span * np.arange(width - 1, 0, -1)
        self.at_once, self.turn = min(span, FRAMES_AT_ONCE), 0
        self.first, self.coming = 0, np.zeros((0, 0, 0), np.float32)
        self._under_way: Callable[[], Array] | None = None
        # With a span of 1 nothing is known beforehand: all taps are one product.
        self.whole = of_stream.product(product) if span == 1 or width == 1 else None
        if self.whole is None:
            newest, past = (
                Product(kernel, product.scale, bias)
                for kernel, bias in (
                    (product.kernel[-1:], np.zeros_like(product.bias)),
                    (product.kernel[:-1], product.bias),
                )
            )
            self.newest, self.past = of_stream.product(newest), of_stream.product(past)

    def __call__(self, entering: Entering) -> Array:
        """Return (P, 1, out) of the newest frame."""
        ring, frame, new = entering.ring, entering.frame, entering.new
        if self.whole is not None:
            taps = ring.at(frame - np.append(self.back, 0))[..., : self.channels]
            people = taps.shape[1]
            return self.whole(taps.swapaxes(0, 1).reshape(people, 1, -1))
        found = self.newest(entering.values[:, : self.channels])
        if new.any() or not self._known(frame):
            self.first, self.coming = frame, self._of_coming(ring, frame)()
        found += self.coming[frame - self.first]
        return found[:, None]

    def look_ahead(self, ring: Ring, frame: int) -> None:
        """Start the products that a coming frame needs.

        Call ``settle`` before the ring is written again.
        """
        if self.whole is None and not self._known(frame):
            self.first = frame
            self._under_way = self._of_coming(ring, frame)

    def settle(self) -> None:
        """Wait for the products that were started."""
        if self._under_way is not None:
            self.coming, self._under_way = self._under_way(), None

    def forget(self) -> None:
        """Forget the products for coming frames, since people or past frames have changed."""
        self.settle()
        self.coming = self.coming[:0]

    def _known(self, frame: int) -> bool:
        return self.first <= frame < self.first + len(self.coming)

    def _of_coming(self, ring: Ring, frame: int) -> Callable[[], Array]:
        """Start the products (n, P, out) of past taps for this frame to the last of its turn."""
        frames = np.arange(frame, frame + self.at_once - (frame + self.turn) % self.at_once)
        taps = ring.at(frames[:, None] - self.back)[..., : self.channels]
        count, _, people, _ = taps.shape
        return self.past.begin(taps.swapaxes(1, 2).reshape(count, people, -1))


class Memory:
    """A stream's timeline: what it remembers, and what its convolutions know of coming frames.

    Attributes:
        frame: the newest, counted from the stream's start.
        new: (P,) whose first frame it is.
        rings: by the name of the level.
    """

    def __init__(self) -> None:
        self.frame, self.new = 0, np.zeros(0, bool)
        self.rings: dict[str, Ring] = {}
        self.convolutions: dict[str, list[StreamConvolution]] = {}

    def entering(self, name: str, values: Array, span: int, width: int) -> Entering:
        ring = self.rings[name]
        for convolution in self.convolutions.get(name, ()):
            convolution.settle()
        ring.write(self.frame, values[:, 0], self.new)
        return Entering(ring, self.frame, values[:, 0], self.new)

    def residual(self, entering: Entering, start: int, count: int) -> Array:
        back = len(entering.ring.values) - 1 - start
        return entering.ring.at(self.frame - back)[:, None]

    def shared(self, name: str, values: Array, span: int) -> Ring:
        ring = self.rings[name]
        ring.write(self.frame, values[:, 0], self.new)
        return ring

    def looked_up(self, shared: Ring, span: int, start: int, count: int) -> Array:
        return shared.every(self.frame, span).swapaxes(0, 1)[:, None]

    def targets(self, top: Array) -> Array:
        return top

    def look_ahead(self) -> None:
        """Start what the coming frame will need."""
        for name, convolutions in self.convolutions.items():
            for convolution in convolutions:
                convolution.look_ahead(self.rings[name], self.frame + 1)
