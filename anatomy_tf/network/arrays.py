"""The arithmetic of the network: NumPy's, or that of any Keras backend.

``xp`` is NumPy or ``keras.ops``, whose functions have the same names; the methods are what the two
do differently.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import threadpoolctl
from numpy.lib.stride_tricks import as_strided

from anatomy_tf.network.weights import Product

Layer = Callable[[Any], Any]
PieceOf = Callable[[Any, Any], Any]
PartOf = Callable[[Sequence[Any], Any, Any], Any]

FRAMES_AT_ONCE = 1024
"""Most target frames of a part, to bound the memory. Each part also reads the R - 1 frames around
its targets."""


class NumPyArrays:
    """The network in NumPy: BLAS computes the products."""

    xp: Any = np

    def product(self, product: Product) -> Layer:
        """Return a layer from (..., taps * in) to (..., out).

        Its result is a new array, which ``rectified`` and ``added`` may overwrite.
        """
        weights, bias = folded(product)

        def apply(values: Any) -> Any:
            rows = values.reshape(-1, weights.shape[0]) @ weights
            rows += bias
            return rows.reshape(*values.shape[:-1], weights.shape[1])

        return apply

    def rectified(self, values: Any) -> Any:
        """Return max(0, values), in place of values that nobody else needs."""
        return np.maximum(values, 0, out=values)

    def added(self, values: Any, other: Any) -> Any:
        """Return the sum, in place of ``values`` where it has their shape."""
        if values.shape != np.broadcast_shapes(values.shape, other.shape):
            return values + other
        values += other
        return values

    def flattened(self, values: Any, axes: int) -> Any:
        """Return values whose last axes are one."""
        return values.reshape(*values.shape[:-axes], -1)

    def divided(self, values: Any, *last: int) -> Any:
        """Return values whose last axis is divided into axes of these sizes."""
        return values.reshape(*values.shape[:-1], *last)

    def cast(self, values: Any, dtype: str) -> Any:
        """Return values of another dtype."""
        return np.asarray(values, dtype)

    def frames(self, values: Any) -> Any:
        """Return how many frames values (N, T, ...) have."""
        return values.shape[1]

    def share_of(self, frames: int, values: Any) -> Any:
        """Return a number of frames, shared by the rows of values (N, ...)."""
        return max(frames // max(len(values), 1), 1)

    def windows(self, values: Any, start: Any, count: Any, taps: int, step: int) -> Any:
        """Return (N, count, taps, C): of (N, T, C) the frames start + t + step * tap."""
        rows, frame, channel = values.strides
        shape = (len(values), count, taps, values.shape[2])
        return as_strided(
            values[:, start:], shape, (rows, frame, step * frame, channel), writeable=False
        )

    def edge_padded(self, values: Any, before: int, after: int) -> Any:
        """Return (N, before + T + after, ...) with the first and the last frame repeated."""
        if not (before or after):
            return values
        around = [(0, 0)] * values.ndim
        around[1] = (before, after)
        return np.pad(values, around, mode="edge")

    def in_pieces(self, function: PieceOf, count: Any, size: Any, *, sizes: tuple[int, ...]) -> Any:
        """Join along axis 1 what a function of a first frame and a number of frames returns.

        Args:
            function: from (start, length) to (N, length, *sizes).
            count: all frames.
            size: the most frames of a piece.
            sizes: of the result's last axes, which a traced loop must know beforehand.
        """
        return self.xp.concatenate([function(*p) for p in _pieces(count, size)], axis=1)

    def in_parts(
        self,
        function: PartOf,
        values: Sequence[Any],
        count: Any,
        least: int,
        *,
        sizes: tuple[int, ...],
    ) -> Any:
        """Join what a function returns of some rows and some frames, computed at the same time.

        Each processor core computes a part; BLAS starts no threads of its own meanwhile, which
        would wait for each other on a busy machine.

        Args:
            function: from values of some rows, a first frame and a number of frames to
                (rows, frames, *sizes).
            values: arrays (N, ...), from which rows are taken.
            count: all frames.
            least: frames of the smallest part worth a core of its own.
            sizes: see ``in_pieces``.
        """
        rows, cores = len(values[0]), processor_cores()
        size = min(FRAMES_AT_ONCE, max(least, -(-rows * count // cores)))
        parts = [(r, *piece) for r in range(rows) for piece in _pieces(count, size)]

        def found(part: tuple[int, int, int]) -> Any:
            row, start, length = part
            return function([array[row : row + 1] for array in values], start, length)

        with one_blas_thread():
            if len(parts) == 1:
                return found(parts[0])
            with ThreadPoolExecutor(min(cores, len(parts))) as pool:
                arrays = list(pool.map(found, parts))
        width = len(parts) // rows
        whole = [np.concatenate(arrays[r : r + width], axis=1) for r in range(0, len(parts), width)]
        return np.concatenate(whole)

    def begin(self, work: Callable[[], Any]) -> Callable[[], Any]:
        """Return what gives the result of work that may run beside what follows."""
        result = work()
        return lambda: result


class KerasArrays(NumPyArrays):
    """The network in ``keras.ops``: on the backend's device, or traced into a graph."""

    def __init__(self) -> None:
        from keras import ops

        self.xp = ops

    def constant(self, values: Any) -> Any:
        """Return weights as the backend holds them."""
        return self.xp.convert_to_tensor(values)

    def product(self, product: Product) -> Layer:
        weights, bias = (self.constant(values) for values in folded(product))

        def apply(values: Any) -> Any:
            # One product of two matrices: a batched one is slower on TensorFlow.
            rows = self.xp.matmul(self.xp.reshape(values, (-1, weights.shape[0])), weights) + bias
            return self._shaped(rows, values, len(values.shape) - 1, weights.shape[1])

        return apply

    def rectified(self, values: Any) -> Any:
        return self.xp.relu(values)

    def added(self, values: Any, other: Any) -> Any:
        return values + other

    def flattened(self, values: Any, axes: int) -> Any:
        kept = len(values.shape) - axes
        return self._shaped(values, values, kept, int(np.prod(values.shape[kept:])))

    def divided(self, values: Any, *last: int) -> Any:
        return self._shaped(values, values, len(values.shape) - 1, *last)

    def cast(self, values: Any, dtype: str) -> Any:
        return self.xp.cast(values, dtype)

    def frames(self, values: Any) -> Any:
        return self.xp.shape(values)[1]

    def share_of(self, frames: int, values: Any) -> Any:
        rows = self.xp.shape(values)[0]
        if isinstance(rows, int):
            return max(frames // max(rows, 1), 1)
        return self.xp.maximum(frames // rows, 1)

    def windows(self, values: Any, start: Any, count: Any, taps: int, step: int) -> Any:
        first = self.xp.arange(count, dtype="int32")[:, None] + start
        places = first + np.arange(0, taps * step, step, dtype=np.int32)[None]
        return self.xp.take(values, places, axis=1)

    def edge_padded(self, values: Any, before: int, after: int) -> Any:
        ones = [1] * (len(values.shape) - 2)
        parts = [values]
        if before:
            parts.insert(0, self.xp.tile(values[:, :1], (1, before, *ones)))
        if after:
            parts.append(self.xp.tile(values[:, -1:], (1, after, *ones)))
        return parts[0] if len(parts) == 1 else self.xp.concatenate(parts, axis=1)

    def in_parts(
        self,
        function: PartOf,
        values: Sequence[Any],
        count: Any,
        least: int,
        *,
        sizes: tuple[int, ...],
    ) -> Any:
        size = self.share_of(FRAMES_AT_ONCE, values[0])
        return self.in_pieces(lambda *piece: function(values, *piece), count, size, sizes=sizes)

    def _shaped(self, values: Any, like: Any, axes: int, *last: int) -> Any:
        """Return values with the first axes of a tensor, then sizes of their own.

        One unknown size is left to the reshaping, so that most graphs look up none.
        """
        sizes = list(like.shape[:axes])
        if sizes.count(None) > 1:
            sizes = list(self.xp.shape(like)[:axes])
        elif None in sizes:
            sizes[sizes.index(None)] = -1
        return self.xp.reshape(values, (*sizes, *last))


def folded(product: Product) -> tuple[Any, Any]:
    """Return a layer's weights (taps * in, out) with the scale in them, and its bias, float32."""
    weights = (product.kernel * product.scale).astype(np.float32)
    return weights.reshape(-1, weights.shape[2]), product.bias.astype(np.float32)


def processor_cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS from starting threads of its own, until the last of those who ask leaves."""
    with _Blas.lock:
        if _Blas.users == 0:
            _Blas.limit = _blas_libraries().limit(limits=1, user_api="blas")
        _Blas.users += 1
    try:
        yield
    finally:
        with _Blas.lock:
            _Blas.users -= 1
            if _Blas.users == 0:
                _Blas.limit.restore_original_limits()


class _Blas:
    """The number of computations that need BLAS to use one thread."""

    lock = threading.Lock()
    users = 0
    limit: Any = None


@functools.cache
def _blas_libraries() -> threadpoolctl.ThreadpoolController:
    return threadpoolctl.ThreadpoolController()


def _pieces(count: int, size: int) -> list[tuple[int, int]]:
    """Return start and length of each piece of at most ``size`` frames."""
    return [(start, min(size, count - start)) for start in range(0, count, size)]
