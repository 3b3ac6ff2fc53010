"""A product of weights with few rows, as fast as the weights come from memory.

Numba compiles it when the first stream is made, in a second or two. The product reads the weights
once, in the order in which they are stored, in 32 or 16 bits. It releases Python's global lock and
starts no threads. NumPy's and BLAS's products lack one or the other of these.
"""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

Array = NDArray[np.float32]

_FEATURES = binding.get_host_cpu_features()

READS_HALVES = platform.machine() not in ("x86_64", "AMD64") or bool(_FEATURES.get("f16c"))
"""Every processor of the last ten years makes float32 of float16 in one instruction."""

LANES = 16
"""Outputs in a vector: one register of AVX-512, two of AVX2, four of NEON."""

VECTORS = 4 if _FEATURES.get("avx512f") else 2
"""Vectors in a tile. The sums of three rows of a tile are as many as the registers hold."""

TILE = LANES * VECTORS
"""Outputs that are made together."""

ROWS_AT_ONCE = 36
"""Rows that share one reading of the weights; so many stay in the processor's cache."""


def _sums_of(count: int) -> Any:
    """Return a compiled ``sums[:count] = rows[first : first + count] @ weights``.

    The weights are one tile, (in, TILE). It is written in LLVM's vectors: of a loop in Python the
    sums would not stay in registers.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, long = ir.VectorType(ir.FloatType(), LANES), ir.IntType(64)
        in_half = signature.args[0].dtype == types.uint16
        stored = ir.VectorType(ir.HalfType(), LANES) if in_half else vector
        weights, rows, sums = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 1, 3)
        )
        inputs = builder.extract_value(weights.shape, 0)
        of_weights = builder.bitcast(weights.data, stored.as_pointer())
        of_sums = builder.bitcast(sums.data, vector.as_pointer())
        of_rows = [
            builder.gep(rows.data, [builder.mul(inputs, builder.add(arguments[2], long(r)))])
            for r in range(count)
        ]
        zeros, first_lane = vector([0.0] * LANES), ir.VectorType(ir.IntType(32), LANES)([0] * LANES)
        totals = [cgutils.alloca_once_value(builder, zeros) for _ in range(count * VECTORS)]
        with cgutils.for_range(builder, inputs) as loop:
            values = []
            for row in of_rows:
                value = builder.load(builder.gep(row, [loop.index]))
                alone = builder.insert_element(zeros, value, ir.IntType(32)(0))
                values.append(builder.shuffle_vector(alone, zeros, first_lane))
            for v in range(VECTORS):
                place = builder.add(builder.mul(loop.index, long(VECTORS)), long(v))
                weight = builder.load(builder.gep(of_weights, [place]), align=2 if in_half else 4)
                if in_half:
                    weight = builder.fpext(weight, vector)
                for value, total in zip(values, totals[v::VECTORS], strict=True):
                    product = builder.fmul(weight, value, flags=("contract",))
                    added = builder.fadd(builder.load(total), product, flags=("contract",))
                    builder.store(added, total)
        for i, total in enumerate(totals):
            builder.store(builder.load(total), builder.gep(of_sums, [long(i)]), align=4)
        return context.get_dummy_value()

    def typed(typing_context: Any, weights: Any, rows: Any, first: Any, sums: Any) -> Any:
        return types.void(weights, rows, first, sums), code

    return intrinsic(typed)


_of_three, _of_one = _sums_of(3), _sums_of(1)


def _add_atomically(typing_context: Any, counters: Any, index: Any, amount: Any) -> Any:
    """Add to a counter that another thread may add to, and return its value before."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(counters)(context, builder, arguments[0])
        counter = builder.gep(array.data, [arguments[1]])
        return builder.atomic_rmw("add", counter, arguments[2], "seq_cst")

    return types.int64(counters, index, amount), code


_add: Any = intrinsic(_add_atomically)


@njit(
    [
        f"void({weight}[:, :, ::1], float32[::1], float32[::1], float32[:, ::1], float32[:, ::1], "
        "int64, int64[::1])"
        for weight in ("float32", "uint16")
    ],
    nogil=True,
    error_model="numpy",
)
def few_rows(
    weights: Any, scale: Any, bias: Any, rows: Any, products: Any, size: int, pieces: Any
) -> None:
    """Compute ``rows @ weights * scale + bias`` with all threads that call it on the same arrays.

    Args:
        weights: of ``in_tiles``.
        scale: (out,).
        bias: (out,).
        rows: (n, in).
        products: (n, out), written to.
        size: tiles that a thread takes at a time.
        pieces: how many were taken, and how many are done: zeros at the beginning.
    """
    count, outputs = products.shape
    sums = np.empty((3, TILE), np.float32)
    piece = _add(pieces, 0, 1)
    while piece * size < len(weights):
        for top in range(0, count, ROWS_AT_ONCE):
            bottom = min(top + ROWS_AT_ONCE, count)
            for tile in range(piece * size, min((piece + 1) * size, len(weights))):
                start = tile * TILE
                wide = min(TILE, outputs - start)
                r = top
                while r < bottom:
                    high = 3 if r + 3 <= bottom else 1
                    if high == 3:
                        _of_three(weights[tile], rows, r, sums)
                    else:
                        _of_one(weights[tile], rows, r, sums)
                    for i in range(high):
                        for j in range(wide):
                            o = start + j
                            products[r + i, o] = sums[i, j] * scale[o] + bias[o]
                    r += high
        _add(pieces, 1, 1)
        piece = _add(pieces, 0, 1)


@njit("boolean(int64[::1], int64, int64)", nogil=True)
def ended(pieces: Any, count: int, looks: int) -> bool:
    """Return whether all pieces are done, after looking at most so many times.

    To be woken by another thread takes longer than its last piece does.

    Args:
        pieces: see ``few_rows``.
        count: of all pieces.
        looks: how often to look.
    """
    while looks > 0 and _add(pieces, 1, 0) < count:
        looks -= 1
    return looks > 0


def in_tiles(weights: Array) -> NDArray[Any]:
    """Return weights (in, out) as (tiles, in, TILE), in the order in which they are read.

    Where float16 holds all of them exactly the result is its bits, which take half as long to read.
    """
    inputs, outputs = weights.shape
    tiles = -(-outputs // TILE)
    padded = np.zeros((inputs, tiles * TILE), np.float32)
    padded[:, :outputs] = weights
    tiled = np.ascontiguousarray(padded.reshape(inputs, tiles, TILE).swapaxes(0, 1))
    with np.errstate(over="ignore"):
        half = tiled.astype(np.float16)
    return half.view(np.uint16) if READS_HALVES and np.array_equal(half, tiled) else tiled
