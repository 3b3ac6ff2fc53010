"""Functions of tensors, compiled by the backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras


def compiled(function: Callable[..., Any], rows: int) -> Callable[..., Any]:
    """The function as a graph of the backend.

    A graph joins additions and activations with the products they follow, and allocates less.

    Args:
        function: of tensors.
        rows: usual ones of its first argument. TensorFlow compiles once for any number, when a
            second one comes; JAX would compile each anew, so unusual ones are left as they are.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False, reduce_retracing=True)
    if backend == "jax":
        import jax

        graph = jax.jit(function)
        return lambda *tensors: (graph if len(tensors[0]) == rows else function)(*tensors)
    return function
