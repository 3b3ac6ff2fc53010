"""Trained layers as NumPy products on few rows.

A frame of a stream needs each weight for a row or a few: what costs is reading the weights. NumPy
starts such a product in a microsecond, which a Keras layer does not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
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

PIECE = 128
"""Outputs whose weights stay in the processor's cache for all rows."""

SHARED_ROWS = 3
"""From here a product is arithmetic, which two threads share; before, it is reading from memory."""


@dataclasses.dataclass(frozen=True)
class Product:
    """``values @ weights.T + bias``.

    Attributes:
        weights: (out, in), each output's weights next to each other in memory.
        bias: (out,).
        second: may take half of a product of several rows.
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
        rows = values.reshape(-1, self.weights.shape[1])
        if len(rows) > MOST_ROWS:
            products = rows @ self.weights.T
        else:
            products = np.empty((len(rows), len(self.weights)), np.float32)
            pieces = partial(self._pieces, rows, products, iter(range(0, len(self.weights), PIECE)))
            if self.second is None or len(rows) < SHARED_ROWS:
                pieces()
            else:
                self.second.share(pieces)
        products += self.bias
        return products.reshape(*values.shape[:-1], -1)

    def _pieces(self, rows: Array, products: Array, starts: Iterator[int]) -> None:
        """Some outputs after the other, rows innermost: the weights come from memory once."""
        for start in starts:
            outputs = slice(start, start + PIECE)
            np.vecdot(self.weights[outputs, None], rows[None], out=products.T[outputs])


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
