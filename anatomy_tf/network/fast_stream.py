"""A stream's newest frame at constant cost and memory, in NumPy.

A frame of a stream needs each weight for a row or a few: what costs is reading the weights. So past
taps meet several coming frames at a time, a second thread takes part, and where Numba is installed
(``few_rows``) weights are read in the order in which they lie, in 16 bits where the model is stored
so, which is exact. Without Numba BLAS computes the products: the same numbers, more slowly.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras.canonical_view import turned_back
from anatomy_tf.errors import AnatomyError
from anatomy_tf.network import arrays
from anatomy_tf.network.bone_lengths import (
    NEVER,
    FrameLengths,
    PositionRegression,
    first_sums,
    joined_sums,
)
from anatomy_tf.network.canonical import CanonicalFrames, CanonicalView
from anatomy_tf.network.directions import DirectionNetwork
from anatomy_tf.network.second_thread import SecondThread
from anatomy_tf.network.weights import NetworkWeights, Product
from anatomy_tf.sequences.apparent_person import SUMS as PERSON_SUMS

Array = NDArray[np.float32]
Truths = NDArray[np.bool_]

WIDE = 512
"""Channels. Below, handing work to a second thread takes longer than the work."""

SHARED = 1 << 20
"""Multiply-adds from which two threads share a product: one row of 1024 by 1024 weights."""

PIECES = 16
"""Enough for two threads to end at about the same time."""

LOOKS = 10_000
"""Whether the other thread has done its last piece, 0.02 ms, before sleeping until it has."""

FRAMES_AT_ONCE = 9
"""Coming frames whose past taps are taken together: nine rows at once take less than five times as
long as the weights take to be read for one."""


def has_numba() -> bool:
    """Return whether the fast products are available (extra ``stream``)."""
    try:
        # One that is there may still refuse this NumPy.
        importlib.import_module("numba")
    except ImportError:
        return False
    return True


class BlasProduct:
    """A layer on few rows, computed by BLAS.

    Args:
        product: its weights.
        second: not used; BLAS has threads of its own.
    """

    def __init__(self, product: Product, second: SecondThread | None = None) -> None:
        self.weights, self.bias = arrays.folded(product)

    def __call__(self, values: Array) -> Array:
        """Return (..., out) of (..., in)."""
        rows = values.reshape(-1, self.weights.shape[0]) @ self.weights
        rows += self.bias
        return rows.reshape(*values.shape[:-1], self.weights.shape[1])

    def begin(self, values: Array) -> Callable[[], Array]:
        """Return what gives the same, later."""
        return lambda: self(values)


class FewRowsProduct:
    """A layer on few rows, shared by two threads.

    Args:
        product: its weights.
        second: takes part in large products.
    """

    def __init__(self, product: Product, second: SecondThread | None = None) -> None:
        from anatomy_tf.network.few_rows import in_tiles

        kernel = np.asarray(product.kernel, np.float32)
        self.weights = in_tiles(kernel.reshape(-1, kernel.shape[2]))
        self.scale, self.bias = product.scale.astype(np.float32), product.bias.astype(np.float32)
        self.second = second

    def __call__(self, values: Array) -> Array:
        """Return (..., out) of (..., in)."""
        return self.begin(values)()

    def begin(self, values: Array) -> Callable[[], Array]:
        """Let the second thread begin; return what takes part, waits and gives the result."""
        from anatomy_tf.network.few_rows import ended, few_rows

        tiles, inputs, _ = self.weights.shape
        rows = np.ascontiguousarray(values.reshape(-1, inputs), np.float32)
        products = np.empty((len(rows), len(self.bias)), np.float32)
        second = self.second if len(rows) * self.weights.size >= SHARED else None
        size, pieces = tiles if second is None else -(-tiles // PIECES), np.zeros(2, np.int64)
        take_pieces = partial(
            few_rows, self.weights, self.scale, self.bias, rows, products, size, pieces
        )
        others = None if second is None else second.start(take_pieces)

        def finished() -> Array:
            take_pieces()
            if others is not None and not ended(pieces, -(-tiles // size), LOOKS):
                others()
            return products.reshape(*values.shape[:-1], len(self.bias))

        return finished


class StreamArrays(arrays.NumPyArrays):
    """The network on few rows.

    Args:
        second: takes part where the network is wide.
    """

    def __init__(self, second: SecondThread | None) -> None:
        self.second = second
        self.layer: Any = FewRowsProduct if has_numba() else BlasProduct

    def product(self, product: Product) -> Any:
        return self.layer(product, self.second)

    def begin(self, work: Callable[[], Any]) -> Callable[[], Any]:
        return super().begin(work) if self.second is None else self.second.start(work)


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
        """Start what a coming frame will need; to be settled before the ring is written again."""
        if self.whole is None and not self._known(frame):
            self.first = frame
            self._under_way = self._of_coming(ring, frame)

    def settle(self) -> None:
        """Wait for what was started."""
        if self._under_way is not None:
            self.coming, self._under_way = self._under_way(), None

    def forget(self) -> None:
        """Forget what is known of coming frames: people come or go, or frames are replaced."""
        self.settle()
        self.coming = self.coming[:0]

    def _known(self, frame: int) -> bool:
        return self.first <= frame < self.first + len(self.coming)

    def _of_coming(self, ring: Ring, frame: int) -> Callable[[], Array]:
        """Start (n, P, out): what past taps give to frames from this one until the next turn."""
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


class StreamingNetwork:
    """A model's network on the newest frame of several people.

    Args:
        weights: of the model.
        people: P.

    Attributes:
        latency: frames that a pose is older than the newest keypoints.

    Raises:
        AnatomyError: for ``length_frames="consecutive"``, which needs all of its frames anew.
    """

    def __init__(self, weights: NetworkWeights, people: int) -> None:
        config = weights.anatomical
        if config is not None and config.length_frames == "consecutive":
            raise AnatomyError(
                "streaming estimates bone lengths from all past frames, but this model has "
                "length_frames='consecutive'"
            )
        self.skeleton = weights.skeleton
        field = weights.config.receptive_field
        self.latency = 0 if weights.config.causal else field // 2
        self.second = SecondThread() if weights.config.channels >= WIDE else None
        own = StreamArrays(self.second)
        self._begin = own.begin
        self.directions = DirectionNetwork(weights, own, StreamConvolution)
        self.lengths = self.positions = None
        self.sums = np.zeros((3, people, self.skeleton.bone_count))
        if config is not None:
            # Their products are short: a second thread would cost more than it gives.
            alone = StreamArrays(None)
            self.lengths = FrameLengths(weights, alone)
            self.positions = PositionRegression(weights, alone)
        self.view = CanonicalView(weights, StreamArrays(None)) if weights.canonical else None
        # Axes of the frames that wait for their poses, and what is known of each person.
        self.axes = Ring(self.latency + 1, people, 9)
        self.person, self.votes = np.zeros((1, people, PERSON_SUMS)), np.zeros((1, people, 3))
        self._memory = self._remembering(people)

    @property
    def frame(self) -> int:
        """Frames so far."""
        return self._memory.frame

    @frame.setter
    def frame(self, frame: int) -> None:
        self._memory.frame = frame

    def _remembering(self, people: int) -> Memory:
        memory, network = Memory(), self.directions
        for name, (frames, channels) in network.memory().items():
            # A ring whose frames are looked up in steps holds the whole window.
            shared = name.startswith("skip_")
            length = network.receptive_field if shared else frames + 1
            memory.rings[name] = Ring(length, people, channels)
        turns = itertools.count()
        for i, block in enumerate(network.first):
            found = [c for c in (block.temporal, block.skip) if isinstance(c, StreamConvolution)]
            # At different turns, so that no frame waits for all.
            for convolution, turn in zip(found, turns, strict=False):
                convolution.turn = turn
            memory.convolutions[f"level_{i}"] = found
        return memory

    def push(
        self, keypoints: Array, visibility: Array, new: Truths
    ) -> tuple[Array, Array | None, Array | None]:
        """Return what the model says after one more frame.

        Args:
            keypoints: (P, J, 2) normalised screen coordinates.
            visibility: (P, J).
            new: (P,) whose first frame this is.

        Returns:
            Positions (P, J, 3) in metres of the frame ``latency`` frames ago, bone lengths (P, b)
            and bone directions (P, b, 3), the last two ``None`` from the baseline.
        """
        memory = self._memory
        if not len(keypoints):
            memory.frame += 1
            return np.zeros((0, self.skeleton.joint_count, 3), np.float32), None, None
        memory.new = new
        flat = for_lengths = keypoints.reshape(len(keypoints), 1, -1)
        axes = None
        if self.view is not None:
            seen = self._seen(self.view, keypoints[:, None], visibility[:, None], new)
            flat, for_lengths = seen.keypoints, seen.for_lengths
            self.axes.write(memory.frame, seen.axes.reshape(len(keypoints), 9), new)
            axes = self.axes.at(memory.frame - self.latency).reshape(-1, 1, 3, 3)
        lengths = None
        if self.lengths is not None:
            lengths = self._begin(lambda: self._pooled(for_lengths, new))
        vectors = self.directions.of_timeline(flat, visibility[:, None], memory, pieces=False)
        if self.second is not None:
            memory.look_ahead()
        memory.frame += 1
        if lengths is None or self.positions is None:
            return vectors[:, 0], None, None
        person = lengths()
        positions = self.positions(person[:, None], vectors)
        if axes is not None:
            positions, vectors = turned_back(positions, axes), turned_back(vectors, axes)
        return positions[:, 0], person, vectors[:, 0]

    def _seen(
        self, view: CanonicalView, rays: Array, visibility: Array, new: Truths
    ) -> CanonicalFrames:
        """Return the newest frame in the canonical view, and remember the person."""
        self.person[:, new], self.votes[:, new] = 0, 0
        sums = view.kept * self.person[0][:, None] + view.frame_sums(rays, visibility)
        votes = self.votes[0][:, None] + view.votes(rays, visibility, sums)
        self.person, self.votes = sums.swapaxes(0, 1), votes.swapaxes(0, 1)
        return view.frames(rays, visibility, sums, votes)

    def _pooled(self, flat: Array, new: Truths) -> Array:
        """Return bone lengths (P, b), metres, pooled over all frames so far (Eq. 6)."""
        assert self.lengths is not None
        self.sums[:, new] = np.array([NEVER, 0, 0])[:, None, None]
        lengths, logits = self.lengths(flat)
        frame = first_sums(lengths[:, 0], logits[:, 0], np)
        self.sums = np.stack(joined_sums(np)(tuple(self.sums), frame))
        return (self.sums[1] / self.sums[2]).astype(np.float32)

    def add_person(self) -> None:
        """Add one more person, as the last row; the first push must say that they are new."""
        memory = self.memory()
        rows = {n: np.zeros_like(a, shape=(len(a), 1, a.shape[2])) for n, a in memory.items()}
        self.restore({n: np.concatenate([a, rows[n]], axis=1) for n, a in memory.items()})

    def remove_person(self, row: int) -> None:
        """Forget the person of a row; those after move up."""
        self.restore({n: np.delete(a, row, axis=1) for n, a in self.memory().items()})

    def memory(self) -> dict[str, NDArray[Any]]:
        """Return all that is remembered of people, who are on axis 1."""
        found: dict[str, NDArray[Any]] = {n: r.values for n, r in self._memory.rings.items()}
        if self.lengths is not None:
            found["length_sums"] = self.sums
        if self.view is not None:
            found |= {"axes": self.axes.values, "person_sums": self.person, "up_votes": self.votes}
        return found

    def restore(self, memory: dict[str, NDArray[Any]]) -> None:
        """Take arrays like those of ``memory``."""
        for convolutions in self._memory.convolutions.values():
            for convolution in convolutions:
                convolution.forget()
        for name, ring in self._memory.rings.items():
            ring.values = memory[name]
        if self.lengths is not None:
            self.sums = memory["length_sums"]
        if self.view is not None:
            self.axes.values = memory["axes"]
            self.person, self.votes = memory["person_sums"], memory["up_votes"]
