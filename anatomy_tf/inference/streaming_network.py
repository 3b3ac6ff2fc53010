"""The network one frame at a time, at constant cost and memory.

The first sub-network is a dilated network: each level remembers the features that entered it as far
back as its taps reach. A later sub-network sees (target, position), so its own half is computed
anew for each frame, but the half that reads the first sub-network's features depends on the frame
alone (see ``whole_clip``): it is remembered for R frames and looked up at the window's positions.

What a wide network costs is reading its weights, so those that can wait meet several frames at a
time (see ``DilatedProduct``): at 243 frames 39 C^2 weights a frame instead of 53.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import unit
from anatomy_tf.inference.folding import (
    FoldedBlock,
    FoldedConvolution,
    fold_block,
    fold_convolution,
)
from anatomy_tf.inference.second_thread import SecondThread, at_once
from anatomy_tf.inference.streaming_bones import PositionRegression, StreamingBoneLengths
from anatomy_tf.inference.streaming_dilated import DilatedProduct
from anatomy_tf.inference.streaming_memory import Ring
from anatomy_tf.inference.streaming_products import in_numpy, rectified
from anatomy_tf.inference.upper_sub_networks import UpperSubNetworks
from anatomy_tf.models import AnatomyLifter, VideoPose

Array = NDArray[np.float32]
Truths = NDArray[np.bool_]

WIDE = 512
"""Channels. Below, handing work to a second thread takes longer than the work."""


@dataclasses.dataclass(frozen=True)
class _Block:
    """A block of the first sub-network, and what the second one's block reads of its input."""

    to_residual: int  # frames back
    temporal: DilatedProduct
    pointwise: Callable[[Array], Array]
    skip: DilatedProduct | None

    @property
    def dilated(self) -> list[DilatedProduct]:
        """Those that read the ring of what enters."""
        return [self.temporal] if self.skip is None else [self.temporal, self.skip]


class StreamingNetwork:
    """A model's network on the newest frame of several people.

    Args:
        model: the trained model. Its weights are copied: make a new one after training on.
        people: P.

    Raises:
        AnatomyError: for ``length_frames="consecutive"``, which needs all of its frames anew.
    """

    def __init__(self, model: AnatomyLifter | VideoPose, people: int) -> None:
        self.receptive_field = model.receptive_field
        self.latency = 0 if model.causal else model.receptive_field // 2
        self.widths = model.config.filter_widths
        self.channels = model.config.channels
        self.second = SecondThread() if self.channels >= WIDE else None
        self._beside = at_once if self.second is None else self.second.start
        self.joints = model.skeleton.joint_count
        self.frame = 0
        self.upper: UpperSubNetworks | None = None
        self.bones: StreamingBoneLengths | None = None
        if isinstance(model, AnatomyLifter):
            self._take_direction_network(model)
            self.bones = StreamingBoneLengths(model, people)
            self.positions = PositionRegression(model)
        else:
            self._take_baseline(model)
        self.rings = self._rings(people)

    def _take_baseline(self, model: VideoPose) -> None:
        self.visibility = "none"
        self.stem = in_numpy().of_convolution(fold_convolution(model.get_layer("stem")))
        layers = [model.get_layer(f"block_{i}") for i in range(1, len(self.widths))]
        self.blocks = _blocks(self.widths, [fold_block(layer) for layer in layers], [], self.second)
        self.head = in_numpy().of_dense(model.get_layer("positions_dense"))

    def _take_direction_network(self, model: AnatomyLifter) -> None:
        config, layer = model.config, model.get_layer("bone_direction_network").get_layer
        places = range(1, len(self.widths))
        idle = config.visibility == "attention" and not places
        self.visibility = "none" if idle else config.visibility
        self.stem = in_numpy().of_convolution(fold_convolution(layer("sub_network_1_stem")))
        if self.visibility == "attention":
            attention = layer("visibility_attention").visibility
            self.score_stem = in_numpy().of_convolution(fold_convolution(attention))
        folded = [fold_block(layer(f"sub_network_1_block_{i}")) for i in range(1, len(self.widths))]
        skips: list[FoldedConvolution] = []
        if config.sub_networks == 1:
            self.head = in_numpy().of_dense(layer("bone_directions_1").vectors)
        else:
            self.upper = UpperSubNetworks(model, in_numpy(self.second))
            skips = self.upper.clip_skips
        self.blocks = _blocks(self.widths, folded, skips, self.second)

    def _rings(self, people: int) -> dict[str, Ring]:
        stem = self.widths[0]
        per_joint = 3 if self.visibility == "concatenation" else 2
        rings = {"stem_keypoints": Ring(stem, people, per_joint * self.joints)}
        if self.visibility == "attention":
            rings["stem_visibility"] = Ring(stem, people, self.joints)
        for i, block in enumerate(self.blocks):
            weighted = 2 if i == 0 and self.visibility == "attention" else 1
            rings[f"level_{i}"] = Ring(block.temporal.reach, people, weighted * self.channels)
            if block.skip is not None:
                rings[f"skip_{i}"] = Ring(self.receptive_field, people, self.channels)
        return rings

    def push(
        self, keypoints: Array, visibility: Array, new: Truths
    ) -> tuple[Array, Array | None, Array | None]:
        """What the model says after one more frame.

        Args:
            keypoints: (P, J, 2) normalised screen coordinates.
            visibility: (P, J).
            new: (P,) whose first frame this is.

        Returns:
            Positions (P, J, 3) in metres of the frame ``latency`` frames ago, bone lengths (P, b)
            and bone directions (P, b, 3), the last two ``None`` from the baseline.
        """
        if not len(keypoints):
            self.frame += 1
            return np.zeros((0, self.joints, 3), np.float32), None, None
        bones = self.bones
        lengths = None if bones is None else self._beside(lambda: bones.push(keypoints, new))
        top, skips = self._first_sub_network(keypoints, visibility, new)
        windows = [skip() for skip in skips]
        if lengths is None or self.upper is None:
            found = self.head(top).reshape(len(top), -1, 3)
        else:
            found = self.upper(top, *windows)
        if self.second is not None:
            for i, block in enumerate(self.blocks):
                for product in block.dilated:
                    product.look_ahead(self.rings[f"level_{i}"], self.frame + 1)
        self.frame += 1
        if lengths is None:
            return found, None, None
        directions = found if self.upper is not None else unit(found)
        estimated = lengths()
        return self.positions(estimated, directions), estimated, directions

    def add_person(self) -> None:
        """One more person, as the last row; the first push must say that they are new."""
        rows = {
            n: np.zeros_like(a, shape=(len(a), 1, a.shape[2])) for n, a in self.memory().items()
        }
        self.restore({n: np.concatenate([a, rows[n]], axis=1) for n, a in self.memory().items()})

    def remove_person(self, row: int) -> None:
        """Forgets the person of a row; those after move up."""
        self.restore({n: np.delete(a, row, axis=1) for n, a in self.memory().items()})

    def memory(self) -> dict[str, NDArray[Any]]:
        """All that is remembered of people, who are on axis 1."""
        arrays: dict[str, NDArray[Any]] = {n: ring.values for n, ring in self.rings.items()}
        if self.bones is not None:
            arrays["length_sums"] = self.bones.pooled.sums
        return arrays

    def restore(self, memory: dict[str, NDArray[Any]]) -> None:
        """Takes arrays like those of ``memory``."""
        for block in self.blocks:
            for product in block.dilated:
                product.forget()
        for name, ring in self.rings.items():
            ring.values = memory[name]
        if self.bones is not None:
            self.bones.pooled.sums = memory["length_sums"]

    def _first_sub_network(
        self, keypoints: Array, visibility: Array, new: Truths
    ) -> tuple[Array, list[Callable[[], Array]]]:
        """Top features (P, C) and for each block the shared skip half at the window's positions."""
        skips = []
        flat = keypoints.reshape(len(keypoints), -1)
        if self.visibility == "concatenation":
            flat = np.concatenate([flat, visibility], axis=-1)
        own = block_input = rectified(self.stem(self._stem_taps("stem_keypoints", flat, new)))
        if self.visibility == "attention":
            scores = self.score_stem(self._stem_taps("stem_visibility", visibility, new))
            block_input = np.concatenate([own, own * rectified(scores)], axis=-1)
        for i, block in enumerate(self.blocks):
            ring = self.rings[f"level_{i}"]
            for product in block.dilated:
                product.settle()
            ring.write(self.frame, block_input, new)
            if block.skip is not None:
                skips.append(self._beside(functools.partial(self._skip_half, i, own, new)))
            features = rectified(block.temporal(ring, self.frame, block_input, new))
            residual = ring.back(self.frame, block.to_residual)[:, : self.channels]
            own = block_input = residual + rectified(block.pointwise(features))
        return own, skips

    def _skip_half(self, level: int, entered: Array, new: Truths) -> Array:
        """(positions, P, C) of a level of the second sub-network, this frame's newly made."""
        skip, ring = self.blocks[level].skip, self.rings[f"skip_{level}"]
        assert skip is not None and self.upper is not None
        half = skip(self.rings[f"level_{level}"], self.frame, entered, new)
        ring.write(self.frame, half, new)
        return ring.every(self.frame, self.upper.places[level][1])

    def _stem_taps(self, name: str, values: Array, new: Truths) -> Array:
        """Remembers (P, channels) and gives the taps of a stem, (P, taps * channels)."""
        ring = self.rings[name]
        ring.write(self.frame, values, new)
        taps = ring.at(self.frame + np.arange(1 - self.widths[0], 1))
        return taps.swapaxes(0, 1).reshape(len(values), -1)


def _blocks(
    widths: tuple[int, ...],
    folded: list[FoldedBlock],
    skips: list[FoldedConvolution],
    second: SecondThread | None,
) -> list[_Block]:
    """The first sub-network's blocks."""
    blocks = []
    span, turns = widths[0], itertools.count()
    for block, skip in itertools.zip_longest(folded, skips):
        blocks.append(
            _Block(
                (block.width - 1 - block.place) * span,
                DilatedProduct(block.temporal, span, next(turns), second),
                in_numpy().of_convolution(block.pointwise),
                None if skip is None else DilatedProduct(skip, span, next(turns), second),
            )
        )
        span *= block.width
    return blocks
