"""The network's arrays while TensorFlow traces a graph."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from anatomy_tf.errors import AnatomyError
from anatomy_tf.network.arrays import KerasArrays, PieceOf


class GraphArrays(KerasArrays):
    """Tensors of a graph, whose sizes may be unknown while it is traced.

    Weights are variables, which a saved model holds once; loops bound the memory.

    Attributes:
        variables: the weights.

    Raises:
        AnatomyError: when Keras runs on another backend.
    """

    def __init__(self) -> None:
        super().__init__()
        if keras.backend.backend() != "tensorflow":
            raise AnatomyError(
                "export traces a graph by Keras's TensorFlow backend, got "
                f"{keras.backend.backend()!r}: set KERAS_BACKEND=tensorflow"
            )
        self.variables: list[tf.Variable] = []

    def constant(self, values: Any) -> Any:
        self.variables.append(tf.Variable(values, trainable=False))
        return self.variables[-1]

    def in_pieces(self, function: PieceOf, count: Any, size: Any, *, sizes: tuple[int, ...]) -> Any:
        frames_first = [1, 0, *range(2, 2 + len(sizes))]

        def step(start: Any, parts: Any) -> tuple[Any, Any]:
            length = tf.minimum(size, count - start)
            part = tf.transpose(function(start, length), frames_first)
            return start + length, parts.write(parts.size(), part)

        parts = tf.TensorArray(
            tf.float32,
            size=0,
            dynamic_size=True,
            infer_shape=False,
            element_shape=(None, None, *sizes),
        )
        _, parts = tf.while_loop(
            lambda start, _: start < count, step, (tf.constant(0), parts), parallel_iterations=1
        )
        return tf.transpose(parts.concat(), frames_first)
