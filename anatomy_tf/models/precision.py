"""Which numbers a model computes in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def dtype_policy(policy: Any) -> Iterator[None]:
    """The Keras dtype policy of the layers made inside; ``None`` leaves the global one."""
    before = keras.config.dtype_policy()
    try:
        if policy is not None:
            keras.config.set_dtype_policy(policy)
        yield
    finally:
        keras.config.set_dtype_policy(before)


def output_dtype() -> str:
    """The dtype of layers that give metres or directions: the variables', float32 when mixed.

    In bfloat16 neighbouring positions a metre from the root lie 8 mm apart.
    """
    return str(keras.config.dtype_policy().variable_dtype)
