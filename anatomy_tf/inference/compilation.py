"""Functions of tensors, compiled by the backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras


def compiled(
    function: Callable[..., Any], shapes: Sequence[tuple[int | None, ...]] | None = None
) -> Callable[..., Any]:
    """The function as a graph of the backend; each new shape of its arguments is traced once.

    A graph joins additions and activations with the products they follow, and allocates less.

    Args:
        function: of float32 tensors.
        shapes: of its arguments, ``None`` where a size varies: TensorFlow then traces it once for
            all sizes.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        signature = None
        if shapes is not None:
            signature = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
        return tf.function(function, autograph=False, input_signature=signature)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function
