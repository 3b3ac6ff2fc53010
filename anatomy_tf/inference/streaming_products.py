"""Trained layers as products on few rows, shared by two threads.

A frame of a stream needs each weight for a row or a few: what costs is reading the weights. Where a
model was stored in 16 bits its weights are read in 16 bits, which is exact and takes half as long.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.inference.few_rows import ended, few_rows, in_tiles
from anatomy_tf.inference.second_thread import SecondThread
from anatomy_tf.inference.upper_sub_networks import Arithmetic

Array = NDArray[np.float32]

SHARED = 1 << 20
"""Multiply-adds from which two threads share a product: one row of 1024 by 1024 weights."""

PIECES = 16
"""Enough for two threads to end at about the same time."""

LOOKS = 10_000
"""Whether the other thread has done its last piece, 0.02 ms, before sleeping until it has."""


@dataclasses.dataclass(frozen=True)
class Product:
    """``values @ weights * scale + bias``.

    Attributes:
        weights: of ``in_tiles``: (tiles, in, TILE) float32, or the bits of float16.
        scale: (out,) of the outputs, such as of a batch normalisation.
        bias: (out,).
        second: takes part in large products.
    """

    weights: NDArray[Any]
    scale: Array
    bias: Array
    second: SecondThread | None = None

    @classmethod
    def of_kernel(
        cls,
        kernel: NDArray[np.floating],
        scale: Any,
        bias: Any,
        second: SecondThread | None = None,
    ) -> Product:
        """From a kernel (..., in, out); what stands before the last axis is the input."""
        weights = kernel.reshape(-1, kernel.shape[-1])

        def of_outputs(values: Any) -> Array:
            return np.full(kernel.shape[-1], ops.convert_to_numpy(values), np.float32)

        return cls(in_tiles(weights), of_outputs(scale), of_outputs(bias), second)

    def __call__(self, values: Array) -> Array:
        """(..., in) to (..., out)."""
        return self.start(values)()

    def start(self, values: Array) -> Callable[[], Array]:
        """The second thread begins; gives what takes part, waits and returns the product."""
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


def rectified(values: Array) -> Array:
    """ReLU in place."""
    return np.maximum(values, 0, out=values)


def in_numpy(second: SecondThread | None = None) -> Arithmetic:
    """Layers as such products."""
    return Arithmetic(np, partial(Product.of_kernel, second=second), rectified)
