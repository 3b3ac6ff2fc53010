"""Products of a layer's inputs and kernel, in float32 or of factors rounded to bfloat16."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras import ops

_ROUNDED = contextvars.ContextVar("rounded factors", default=False)


@contextmanager
def bfloat16_products(rounded: bool = True) -> Iterator[None]:
    """Let layers made in the block round the factors of their products to bfloat16.

    The products add up in float32, and everything else stays in float32: as TF32 on GPUs, for
    processors that multiply bfloat16 faster. Weights are stored as before; a saved model does not
    say how it was trained.

    Args:
        rounded: whether to; ``False`` leaves layers as they are.
    """
    token = _ROUNDED.set(rounded or _ROUNDED.get())
    try:
        yield
    finally:
        _ROUNDED.reset(token)


def rounds_factors() -> bool:
    """Return whether layers that are made now round the factors of their products."""
    return _ROUNDED.get()


def product(values: Any, kernel: Any, rounded: bool) -> Any:
    """Return the product (..., out) of values (..., in) and a kernel (in, out).

    Args:
        values: float32 where factors are rounded.
        kernel: of the same dtype.
        rounded: whether both are rounded to bfloat16 first.
    """
    if not rounded:
        return ops.matmul(values, kernel)
    if keras.backend.backend() == "jax":
        return _jax_product()(values, kernel)
    rounded_factors = (ops.cast(factor, "bfloat16") for factor in (values, kernel))
    return ops.cast(ops.matmul(*rounded_factors), values.dtype)


@functools.cache
def _jax_product() -> Any:
    """Return the product on JAX, whose result and gradients have float32 sums.

    JAX would give a product of two bfloat16 arrays and its gradients in bfloat16, which XLA
    computes without the processor's bfloat16 instructions.
    """
    import jax
    from jax import lax
    from jax import numpy as jnp

    def dot(one: Any, other: Any, axis: int, other_axis: int) -> Any:
        axes = (((axis,), (other_axis,)), ((), ()))
        return lax.dot_general(one, other, axes, preferred_element_type=jnp.float32)

    def flat(values: Any) -> Any:
        return jnp.reshape(values, (-1, values.shape[-1])).astype(jnp.bfloat16)

    @jax.custom_vjp
    def multiply(values: Any, kernel: Any) -> Any:
        return forward(values, kernel)[0]

    def forward(values: Any, kernel: Any) -> tuple[Any, Any]:
        rows, columns = flat(values), kernel.astype(jnp.bfloat16)
        found = jnp.reshape(dot(rows, columns, 1, 0), (*values.shape[:-1], kernel.shape[-1]))
        return found, (rows, columns)

    def backward(factors: Any, gradient: Any) -> tuple[Any, Any]:
        rows, columns = factors
        of_rows = flat(gradient)
        of_values = jnp.reshape(dot(of_rows, columns, 1, 1), (*gradient.shape[:-1], rows.shape[-1]))
        return of_values, dot(rows, of_rows, 0, 0)

    multiply.defvjp(forward, backward)
    return multiply
