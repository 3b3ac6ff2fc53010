"""The numeric precision that a model computes in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from anatomy_tf.layers.products import bfloat16_products


@contextmanager
def dtype_policy(policy: Any) -> Iterator[None]:
    """Set the Keras dtype policy of layers made in the block; ``None`` leaves the global one."""
    before = keras.config.dtype_policy()
    try:
        if policy is not None:
            keras.config.set_dtype_policy(policy)
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Let layers made in the block compute in a precision of ``TrainingConfig``."""
    rounded = precision == "bfloat16_products"
    with dtype_policy("float32" if rounded else precision), bfloat16_products(rounded):
        yield


def output_dtype() -> str:
    """Return the dtype of layers that output metres or directions: that of variables.

    It is float32 under mixed precision, because in bfloat16 neighbouring positions a metre from the
    root lie 8 mm apart.
    """
    return str(keras.config.dtype_policy().variable_dtype)
