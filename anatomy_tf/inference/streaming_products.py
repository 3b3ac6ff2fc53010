"""Trained layers as NumPy products on few rows.

A frame of a stream needs each weight for a row or a few: what costs is reading the weights. NumPy
starts such a product in a microsecond, which a Keras layer does not.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.inference.folding import FoldedConvolution
from anatomy_tf.inference.second_thread import SecondThread
from anatomy_tf.inference.upper_sub_networks import Arithmetic

Array = NDArray[np.float32]

MOST_ROWS = 32
"""Up to here scalar products are taken, which never start BLAS threads. On a busy machine, such as
one that also finds the keypoints, those wait for each other far longer than they work: at a load of
8 on 2 cores a frame of the 243-frame model took 50 to 210 ms with them and 20 to 40 ms without."""

PIECE = 1 << 20
"""Multiply-adds. Two threads share a product in pieces of at least this size, 0.05 to 0.1 ms, which
is longer than a thread takes to wake up."""

RESULTS = 512
"""At least so many results a piece: of 500 and fewer NumPy does not let other threads run Python
meanwhile."""

MOST_PIECES = 8
"""Enough for two threads to end at about the same time."""


@dataclasses.dataclass(frozen=True)
class Product:
    """``values @ weights.T + bias``.

    Attributes:
        weights: (out, in), each output's weights next to each other in memory.
        bias: (out,).
        second: takes part in large products.
    """

    weights: Array
    bias: Array
    second: SecondThread | None = None

    @classmethod
    def of_kernel(cls, kernel: Array, bias: Array | float) -> Product:
        """From a kernel (..., in, out); what stands before the last axis is the input."""
        weights = kernel.reshape(-1, kernel.shape[-1]).T
        return cls(np.ascontiguousarray(weights), np.broadcast_to(np.float32(bias), len(weights)))

    @classmethod
    def of_dense(cls, layer: keras.layers.Dense) -> Product:
        """From a fully connected layer."""
        return cls.of_kernel(ops.convert_to_numpy(layer.kernel), ops.convert_to_numpy(layer.bias))

    @classmethod
    def of_convolution(cls, convolution: FoldedConvolution) -> Product:
        """From a convolution on all its taps, flattened."""
        return cls.of_kernel(*arrays_of(convolution))

    def __call__(self, values: Array) -> Array:
        """(..., in) to (..., out)."""
        return self.start(values)()

    def start(self, values: Array) -> Callable[[], Array]:
        """The second thread begins; gives what takes part, waits and returns the product."""
        rows = values.reshape(-1, self.weights.shape[1])
        shape = (*values.shape[:-1], len(self.weights))
        if len(rows) > MOST_ROWS:
            return lambda: (rows @ self.weights.T + self.bias).reshape(shape)
        products = np.empty((len(rows), len(self.weights)), np.float32)
        most = (len(rows) * self.weights.size // PIECE, products.size // RESULTS, MOST_PIECES)
        parts = _slices(len(self.weights), max(min(most), 1))
        pieces = partial(self._pieces, rows, products, iter(parts))
        second = None if len(parts) == 1 else self.second
        finish = pieces if second is None else second.start_pieces(pieces)

        def finished() -> Array:
            finish()
            np.add(products, self.bias, out=products)
            return products.reshape(shape)

        return finished

    def _pieces(self, rows: Array, products: Array, parts: Iterator[slice]) -> None:
        """Some outputs after the other for all rows: their weights come from memory once."""
        for outputs in parts:
            np.vecdot(self.weights[outputs, None], rows[None], out=products.T[outputs])


def _slices(length: int, count: int) -> list[slice]:
    """So many parts of about equal length."""
    ends = [length * i // count for i in range(count + 1)]
    return [slice(*part) for part in itertools.pairwise(ends)]


def arrays_of(convolution: FoldedConvolution) -> tuple[Array, Array]:
    """Kernel (tap, in, out) and bias (out,)."""
    return ops.convert_to_numpy(convolution.kernel), ops.convert_to_numpy(convolution.bias)


def rectified(values: Array) -> Array:
    """ReLU in place."""
    return np.maximum(values, 0, out=values)


def in_numpy(second: SecondThread | None) -> Arithmetic:
    """For the sub-networks after the first."""

    def product(kernel: Any, bias: Any) -> Product:
        found = Product.of_kernel(ops.convert_to_numpy(kernel), ops.convert_to_numpy(bias))
        return dataclasses.replace(found, second=second)

    return Arithmetic(np, product, rectified)
