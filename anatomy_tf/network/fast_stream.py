"""A stream's newest frame at constant cost and memory, in NumPy.

A frame of a stream needs each weight for one row or a few, so reading the weights takes most of the
time. Therefore the products of past frames are computed for several coming frames at a time
(``stream_memory``), and a second thread takes part (``stream_products``).
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras.canonical_view import turned_back
from anatomy_tf.errors import AnatomyError
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
from anatomy_tf.network.stream_memory import Memory, Ring, StreamConvolution
from anatomy_tf.network.stream_products import StreamArrays
from anatomy_tf.network.weights import NetworkWeights
from anatomy_tf.sequences.apparent_person import SUMS as PERSON_SUMS

Array = NDArray[np.float32]
Truths = NDArray[np.bool_]

WIDE = 512
"""Channels. Below, handing work to a second thread takes longer than the work."""


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
