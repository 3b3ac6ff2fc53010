"""The sub-networks after the first, for some target frames at once.

Features are (positions, t, C): of each position in the window of each target frame. Where all
positions are equal there is only one.
"""

from __future__ import annotations

import dataclasses
import itertools
import operator
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.anatomy import unit
from anatomy_tf.inference.folding import (
    FoldedBlock,
    FoldedConvolution,
    fold_block,
    fold_convolution,
)
from anatomy_tf.models import AnatomyLifter

Array = NDArray[np.floating]


@dataclasses.dataclass(frozen=True)
class Arithmetic:
    """In whose arrays it is computed.

    Attributes:
        xp: ``keras.ops`` or NumPy.
        product: makes a kernel (in, out), the scale of its outputs (out,), or 1, and a bias (out,),
            or 0, into a function of (n, t, in) to (n, t, out).
        relu: of what is not needed afterwards.
    """

    xp: Any
    product: Callable[[Array, Any, Any], Callable[[Any], Any]]
    relu: Callable[[Any], Any]

    def of_convolution(self, convolution: FoldedConvolution) -> Callable[[Any], Any]:
        """Of all its taps, next to each other."""
        kernel = convolution.stored.reshape(-1, convolution.stored.shape[2])
        return self.product(kernel, convolution.scale, convolution.bias)

    def of_dense(self, layer: keras.layers.Dense) -> Callable[[Any], Any]:
        """Of a fully connected layer."""
        return self.product(ops.convert_to_numpy(layer.kernel), 1.0, layer.bias)


def backend_product(stored: Array, scale: Any, bias: Any) -> Callable[[Any], Any]:
    """One product of the backend, not n, that reads the kernel once."""
    kernel = ops.convert_to_tensor((stored * scale).astype(np.float32))
    bias = ops.convert_to_tensor(bias)

    def product(values: Any) -> Any:
        rows = ops.matmul(ops.reshape(values, (-1, values.shape[2])), kernel) + bias
        return ops.reshape(rows, (values.shape[0], -1, kernel.shape[1]))

    return product


OF_BACKEND = Arithmetic(ops, backend_product, ops.relu)


@dataclasses.dataclass(frozen=True)
class _Grouped:
    """A convolution over groups of positions.

    Its kernel is laid out once: in a graph that would copy megabytes at every call.

    Attributes:
        width: positions in a group.
        product: of a group's taps, next to each other.
        of_equals: of positions that are equal.
        xp: whose arrays.
    """

    width: int
    product: Callable[[Any], Any]
    of_equals: Callable[[Any], Any]
    xp: Any

    @classmethod
    def of_convolution(cls, convolution: FoldedConvolution, arithmetic: Arithmetic) -> _Grouped:
        """Without ReLU."""
        # In double precision: a sum of float32 would round what the scale then rounds again.
        summed = convolution.stored.sum(axis=0, dtype=np.float64)
        return cls(
            convolution.width,
            arithmetic.of_convolution(convolution),
            arithmetic.product(summed, convolution.scale, convolution.bias),
            arithmetic.xp,
        )

    def __call__(self, values: Any) -> Any:
        """(n, t, in) to (n / width, t, out); one position stands for any number of equal ones."""
        if values.shape[0] == 1:
            return self.of_equals(values)
        taps = self.xp.moveaxis(self.grouped(values), 1, 2)
        return self.product(
            self.xp.reshape(taps, (taps.shape[0], -1, self.width * values.shape[2]))
        )

    def grouped(self, values: Any) -> Any:
        """(n, t, in) to (n / width, width, t, in), which costs nothing."""
        n, _, channels = values.shape
        return self.xp.reshape(values, (n // self.width, self.width, -1, channels))


@dataclasses.dataclass(frozen=True)
class _UpperBlock:
    """A block whose temporal convolution is split by input channels.

    Attributes:
        own: the half that reads the block before, with the bias unless the other half has it.
        skip: the half that reads the sub-network below, where that is computed here.
        pointwise: on their sum.
        place: the frame of a group that is the residual.
    """

    own: _Grouped
    skip: _Grouped | None
    pointwise: Callable[[Any], Any]
    place: int

    @classmethod
    def of_block(
        cls, block: FoldedBlock, skip_channels: int, bias: Any, arithmetic: Arithmetic
    ) -> _UpperBlock:
        """From a block that reads so many channels of the sub-network below."""
        temporal = block.temporal
        channels = temporal.stored.shape[1]
        own = dataclasses.replace(temporal.channels(0, channels - skip_channels), bias=bias)
        skip = None
        if skip_channels:
            half = temporal.channels(channels - skip_channels, channels)
            skip = _Grouped.of_convolution(dataclasses.replace(half, bias=0.0), arithmetic)
        return cls(
            _Grouped.of_convolution(own, arithmetic),
            skip,
            arithmetic.of_convolution(block.pointwise),
            block.place,
        )


class UpperSubNetworks:
    """Evaluates them, given what the first sub-network found.

    Args:
        model: the trained model, of two or more sub-networks. Its weights are copied.
        arithmetic: by default the backend's.

    Attributes:
        clip_skips: of each block of the second sub-network the half that reads the first, which
            is the same for all windows, with the bias; none without long skips.
        places: of each block, how many positions leave it in a window, and how many frames lie
            between two of them.
    """

    def __init__(self, model: AnatomyLifter, arithmetic: Arithmetic = OF_BACKEND) -> None:
        self.arithmetic = arithmetic
        config, layer = model.config, model.get_layer("bone_direction_network").get_layer
        numbers = range(2, config.sub_networks + 1)
        channels, self.long_skips = config.channels, config.long_skips
        spans = list(itertools.accumulate(config.filter_widths, operator.mul))[1:]
        self.places = [(model.receptive_field // span, span) for span in spans]
        folded = [
            [fold_block(layer(f"sub_network_{q}_block_{i}")) for i in range(1, len(spans) + 1)]
            for q in numbers
        ]
        self.clip_skips: list[FoldedConvolution] = []
        biases = [[block.temporal.bias for block in blocks] for blocks in folded]
        if config.long_skips:
            self.clip_skips = [b.temporal.channels(channels, 2 * channels) for b in folded[0]]
            folded[0] = [
                dataclasses.replace(b, temporal=b.temporal.channels(0, channels)) for b in folded[0]
            ]
            biases[0] = [0.0] * len(spans)
        self.blocks = [
            [
                _UpperBlock.of_block(b, channels * (config.long_skips and q > 2), bias, arithmetic)
                for b, bias in zip(folded_blocks, of_blocks, strict=True)
            ]
            for q, folded_blocks, of_blocks in zip(numbers, folded, biases, strict=True)
        ]
        self.by_directions = config.long_skips and model.recipe.upper_input == "directions"
        self.stems: list[Callable[[Any], Any]] = []
        if self.by_directions:
            stems = [fold_convolution(layer(f"sub_network_{q}_stem")) for q in numbers]
            self.stems = [arithmetic.of_convolution(stem) for stem in stems]
        heads = range(1 if self.by_directions else config.sub_networks, config.sub_networks + 1)
        self.heads = [arithmetic.of_dense(layer(f"bone_directions_{q}").vectors) for q in heads]

    def __call__(self, top: Any, *skips: Any) -> Any:
        """Bone directions (t, b, 3).

        Args:
            top: (t, C) top features of the first sub-network.
            *skips: of each block of the second one what ``clip_skips`` gives at each position of
                the targets' windows: (positions, t, C); none without long skips.
        """
        below: list[Any] | None = None
        relu, xp = self.arithmetic.relu, self.arithmetic.xp
        top = top[None]
        for q, blocks in enumerate(self.blocks):
            if self.by_directions:
                vectors = self._directions(self.heads[q](top))
                top = relu(self.stems[q](xp.reshape(vectors, (1, -1, 3 * vectors.shape[1]))))
            own = top
            entered = []
            for i, block in enumerate(blocks):
                entered.append(own)
                features = block.own(own)
                if skips and q == 0:
                    features = features + skips[i]
                if below is not None:
                    assert block.skip is not None
                    features = features + block.skip(below[i])
                residual = own if own.shape[0] == 1 else block.own.grouped(own)[:, block.place]
                own = residual + relu(block.pointwise(relu(features)))
            below = entered if self.long_skips else None
            top = own
        return self._directions(self.heads[-1](top))

    def _directions(self, vectors: Any) -> Any:
        """(1, t, 3 b) to unit vectors (t, b, 3)."""
        xp = self.arithmetic.xp
        return unit(xp.reshape(vectors, (-1, vectors.shape[2] // 3, 3)), xp=xp)
