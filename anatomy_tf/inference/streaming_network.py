"""The network one frame at a time, at constant cost and memory.

The first sub-network is a dilated network: each level remembers the features that entered it as far
back as its taps reach. A later sub-network sees (target, position), so its own half is computed
anew for each frame, but the half that reads the first sub-network's features depends on the frame
alone (see ``whole_clip``): one product a level and frame, remembered for R frames and looked up at
the window's positions.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import operator
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import unit
from anatomy_tf.inference.folding import FoldedBlock, fold_block, fold_convolution
from anatomy_tf.inference.streaming_bones import PositionRegression, StreamingBoneLengths
from anatomy_tf.inference.streaming_memory import Ring
from anatomy_tf.inference.streaming_products import Beside, Product, arrays_of, rectified
from anatomy_tf.models import AnatomyLifter, VideoPose

Array = NDArray[np.float32]
Truths = NDArray[np.bool_]

CHANNELS_WORTH_A_THREAD = 512
"""Below, handing work to a second thread takes longer than the work."""


@dataclasses.dataclass(frozen=True)
class _Block:
    """A block of the first sub-network."""

    span: int
    width: int
    to_residual: int  # frames back
    temporal: Product
    pointwise: Product


@dataclasses.dataclass(frozen=True)
class _Grouped:
    """A convolution over groups of positions; one position stands for any number of equal ones."""

    width: int
    product: Product

    @functools.cached_property
    def _of_equals(self) -> Product:
        taps = self.product.weights.reshape(len(self.product.weights), self.width, -1)
        return Product(taps.sum(axis=1), self.product.bias)

    def __call__(self, values: Array, beside: Beside | None) -> Array:
        """(positions, P, C) to (positions / width, P, C)."""
        positions, people, channels = values.shape
        if positions == 1:
            return self._of_equals(values, beside)
        groups = values.reshape(positions // self.width, self.width, people, channels)
        taps = np.ascontiguousarray(groups.swapaxes(1, 2))
        return self.product(taps.reshape(len(taps), people, -1), beside)


@dataclasses.dataclass(frozen=True)
class _UpperBlock:
    """A block of a later sub-network, its temporal convolution split by input channels."""

    span: int  # of the block's result, frames
    width: int
    place: int
    own: _Grouped
    skip: _Grouped | None
    pointwise: Product


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
        self.joints = model.skeleton.joint_count
        self.frame = 0
        self.upper: list[list[_UpperBlock]] = []
        self.bones: StreamingBoneLengths | None = None
        if isinstance(model, AnatomyLifter):
            self._take_direction_network(model)
            self.bones = StreamingBoneLengths(model, people)
            self.positions = PositionRegression(model)
        else:
            self._take_baseline(model)
        self.rings = self._rings(people)
        wide = self.channels >= CHANNELS_WORTH_A_THREAD
        self.second_thread = ThreadPoolExecutor(1) if wide else None

    def _take_baseline(self, model: VideoPose) -> None:
        self.visibility = "none"
        self.stem = Product.of_convolution(fold_convolution(model.get_layer("stem")))
        layers = [model.get_layer(f"block_{i}") for i in range(1, len(self.widths))]
        self.blocks = _blocks(self.widths, [fold_block(layer) for layer in layers])
        self.heads: list[Product | None] = [Product.of_dense(model.get_layer("positions_dense"))]

    def _take_direction_network(self, model: AnatomyLifter) -> None:
        config, layer = model.config, model.get_layer("bone_direction_network").get_layer
        places = range(1, len(self.widths))
        idle = config.visibility == "attention" and not places
        self.visibility = "none" if idle else config.visibility
        self.stem = Product.of_convolution(fold_convolution(layer("sub_network_1_stem")))
        if self.visibility == "attention":
            attention = layer("visibility_attention").visibility
            self.score_stem = Product.of_convolution(fold_convolution(attention))
        self.long_skips = config.long_skips
        numbers = range(1, config.sub_networks + 1)
        folded = [
            [fold_block(layer(f"sub_network_{q}_block_{i}")) for i in places] for q in numbers
        ]
        self.blocks = _blocks(self.widths, folded[0])
        self.upper = [_upper_blocks(self.widths, blocks, self.channels) for blocks in folded[1:]]
        self.upper_stems: list[Product | None] = [None] * config.sub_networks
        if config.long_skips and model.recipe.upper_input == "directions":
            self.upper_stems[1:] = [
                Product.of_convolution(fold_convolution(layer(f"sub_network_{q}_stem")))
                for q in numbers[1:]
            ]
        self.heads = [
            Product.of_dense(layer(f"bone_directions_{q}").vectors)
            if config.long_skips or q == numbers[-1]
            else None
            for q in numbers
        ]

    def _rings(self, people: int) -> dict[str, Ring]:
        stem = self.widths[0]
        per_joint = 3 if self.visibility == "concatenation" else 2
        rings = {"stem_keypoints": Ring(stem, people, per_joint * self.joints)}
        if self.visibility == "attention":
            rings["stem_visibility"] = Ring(stem, people, self.joints)
        for i, block in enumerate(self.blocks):
            weighted = 2 if i == 0 and self.visibility == "attention" else 1
            reach = (block.width - 1) * block.span + 1
            rings[f"level_{i}"] = Ring(reach, people, weighted * self.channels)
            if self.upper and self.long_skips:
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
        vectors = self._upper_sub_networks(top, skips)
        self.frame += 1
        vectors = vectors.reshape(len(vectors), -1, 3)
        if lengths is None:
            return vectors, None, None
        directions = unit(vectors)
        return self.positions(lengths(), directions), lengths(), directions

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
        for name, ring in self.rings.items():
            ring.values = memory[name]
        if self.bones is not None:
            self.bones.pooled.sums = memory["length_sums"]

    def _beside(self, work: Callable[[], Array]) -> Callable[[], Array]:
        """Starts what the next steps do not wait for; the result is to be called for."""
        if self.second_thread is None:
            result = work()
            return lambda: result
        return self.second_thread.submit(work).result

    def _first_sub_network(
        self, keypoints: Array, visibility: Array, new: Truths
    ) -> tuple[Array, list[Callable[[], Array]]]:
        """Top features (P, C) and for each block the shared skip half at the window's positions."""
        skips = []
        people, stem = len(keypoints), self.widths[0]
        flat = keypoints.reshape(people, -1)
        if self.visibility == "concatenation":
            flat = np.concatenate([flat, visibility], axis=-1)
        own = block_input = rectified(self.stem(self._taps("stem_keypoints", flat, 1, stem, new)))
        if self.visibility == "attention":
            taps = self._taps("stem_visibility", visibility, 1, stem, new)
            scores = rectified(self.score_stem(taps))
            block_input = np.concatenate([own, own * scores], axis=-1)
        for i, block in enumerate(self.blocks):
            taps = self._taps(f"level_{i}", block_input, block.span, block.width, new)
            if self.upper and self.long_skips:
                entered = taps.reshape(people, block.width, -1)[..., : self.channels]
                work = functools.partial(self._skip_half, i, entered.reshape(people, -1), new)
                skips.append(self._beside(work))
            ring = self.rings[f"level_{i}"]
            residual = ring.back(self.frame, block.to_residual)[:, : self.channels]
            own = block_input = residual + rectified(
                block.pointwise(rectified(block.temporal(taps)))
            )
        return own, skips

    def _skip_half(self, level: int, taps: Array, new: Truths) -> Array:
        """(positions, P, C) of a level of the second sub-network, this frame's newly made."""
        block, ring = self.upper[0][level], self.rings[f"skip_{level}"]
        assert block.skip is not None
        ring.write(self.frame, block.skip.product(taps), new)
        return ring.every(self.frame, block.span)

    def _taps(self, name: str, values: Array, step: int, count: int, new: Truths) -> Array:
        """Remembers (P, channels) and gives the taps of a convolution, (P, count * channels)."""
        ring = self.rings[name]
        ring.write(self.frame, values, new)
        return ring.taps(self.frame, step, count).reshape(len(values), -1)

    def _upper_sub_networks(self, top: Array, skips: list[Callable[[], Array]]) -> Array:
        """What the top head says, (P, 3 n), given the first sub-network's top features (P, C).

        Features of the positions in the window are (positions, P, C); equal ones are kept once.
        """
        beside = None if self.second_thread is None else self._beside
        below: list[Array] | None = None
        for q, blocks in enumerate(self.upper, start=1):
            stem, head = self.upper_stems[q], self.heads[q - 1]
            if stem is not None:
                assert head is not None
                vectors = head(top)
                directions = unit(vectors.reshape(len(top), -1, 3))
                top = rectified(stem(directions.reshape(len(top), -1)))
            own = top[None]
            entered = []
            for i, block in enumerate(blocks):
                entered.append(own)
                features = block.own(own, beside)
                if q == 1 and self.long_skips:
                    features = features + skips[i]()
                elif below is not None:
                    assert block.skip is not None
                    features = features + block.skip(below[i], beside)
                residual = own if len(own) == 1 else own[block.place :: block.width]
                own = residual + rectified(block.pointwise(rectified(features), beside))
            below = entered if self.long_skips else None
            top = own[0]
        head = self.heads[-1]
        assert head is not None
        return head(top)


def _blocks(widths: tuple[int, ...], folded: list[FoldedBlock]) -> list[_Block]:
    """The first sub-network's blocks."""
    spans = itertools.accumulate(widths, operator.mul)
    return [
        _Block(
            span,
            block.width,
            (block.width - 1 - block.place) * span,
            Product.of_convolution(block.temporal),
            Product.of_convolution(block.pointwise),
        )
        for span, block in zip(spans, folded, strict=False)
    ]


def _upper_blocks(
    widths: tuple[int, ...], folded: list[FoldedBlock], channels: int
) -> list[_UpperBlock]:
    """A later sub-network's blocks."""
    spans = list(itertools.accumulate(widths, operator.mul))[1:]
    blocks = []
    for span, block in zip(spans, folded, strict=True):
        kernel, bias = arrays_of(block.temporal)
        skip = kernel[:, channels:]
        blocks.append(
            _UpperBlock(
                span,
                block.width,
                block.place,
                _Grouped(block.width, Product.of_kernel(kernel[:, :channels], bias)),
                _Grouped(block.width, Product.of_kernel(skip, 0.0)) if skip.size else None,
                Product.of_convolution(block.pointwise),
            )
        )
    return blocks
