"""Products of few rows: a frame of a stream needs each weight for a row or a few.

Reading the weights takes most of the time. So a second thread takes part, and where Numba is
installed (``few_rows``) weights are read in the order in which they are stored, in 16 bits where
the model's file has 16 bits, which is exact. Without Numba, BLAS computes the same numbers more
slowly.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.second_thread import SecondThread
from anatomy_tf.network.weights import Product

Array = NDArray[np.float32]

SHARED = 1 << 20
"""Multiply-adds from which two threads share a product: one row of 1024 by 1024 weights."""

PIECES = 16
"""Parts of a shared product: enough for two threads to end at about the same time."""

LOOKS = 10_000
"""How often to check whether the other thread has done its last piece, before sleeping until it
has. All checks take 0.02 ms."""


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
    """

    def __init__(self, product: Product) -> None:
        self._apply = NumPyArrays().product(product)

    def __call__(self, values: Array) -> Array:
        """Return (..., out) of (..., in)."""
        return self._apply(values)

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


class StreamArrays(NumPyArrays):
    """The network on few rows.

    Args:
        second: takes part where the network is wide.
    """

    def __init__(self, second: SecondThread | None) -> None:
        self.second = second
        self._fast = has_numba()

    def product(self, product: Product) -> Any:
        # BLAS has threads of its own.
        return FewRowsProduct(product, self.second) if self._fast else BlasProduct(product)

    def begin(self, work: Callable[[], Any]) -> Callable[[], Any]:
        return super().begin(work) if self.second is None else self.second.start(work)
