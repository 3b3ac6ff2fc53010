"""Trained layers as TensorFlow products whose weights a saved model holds once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from anatomy_tf.inference.folding import FoldedConvolution


def shape_of(values: Any) -> list[Any]:
    """The shape, a number where it is known while tracing and a tensor where it is not."""
    dynamic = tf.shape(values)
    return [dynamic[i] if size is None else size for i, size in enumerate(values.shape)]


def resized(values: Any, like: Any, axes: int, *last: int) -> Any:
    """Values reshaped to the first axes of a tensor, then sizes of their own.

    Of unknown sizes one is left to the reshaping, so that most graphs look up none.
    """
    sizes = list(like.shape[:axes])
    if None in sizes:
        at = sizes.index(None)
        if sizes.count(None) > 1:
            sizes = shape_of(like)[:axes]
        sizes[at] = -1
    return tf.reshape(values, [*sizes, *last])


def window(values: Any, start: int, after: int) -> Any:
    """Frames (N, T, C) from ``start`` on, without the last ``after`` ones."""
    return values[:, start : -after or None]


class Product(tf.Module):
    """``values @ weights + bias`` on (..., in).

    Args:
        weights: (..., in, out); what stands before the last axis is the input.
        bias: (out,), ``None`` for none.
    """

    def __init__(self, weights: Any, bias: Any = None) -> None:
        super().__init__()
        weights = ops.convert_to_numpy(weights).astype(np.float32)
        self.weights = tf.Variable(weights.reshape(-1, weights.shape[-1]), trainable=False)
        self.bias = None
        if bias is not None:
            values = ops.convert_to_numpy(bias).astype(np.float32)
            self.bias = tf.Variable(values, trainable=False)

    @classmethod
    def of_dense(cls, layer: keras.layers.Dense) -> Product:
        """From a fully connected layer."""
        return cls(layer.kernel, layer.bias)

    @classmethod
    def of_convolution(cls, convolution: FoldedConvolution) -> Product:
        """From a convolution on all its taps, side by side."""
        return cls(convolution.kernel, convolution.bias)

    def __call__(self, values: Any) -> Any:
        # One product of two matrices: a batched one of TensorFlow is slower.
        products = tf.matmul(tf.reshape(values, (-1, self.weights.shape[0])), self.weights)
        if self.bias is not None:
            products = products + self.bias
        return resized(products, values, len(values.shape) - 1, self.weights.shape[1])


class Convolution(tf.Module):
    """A temporal convolution with its normalisation folded in.

    Attributes:
        width: taps.
        product: on the taps, side by side.
    """

    def __init__(self, folded: FoldedConvolution) -> None:
        super().__init__()
        self.width = folded.width
        self.product = Product.of_convolution(folded)

    def dilated(self, values: Any, dilation: int) -> Any:
        """(N, T, in) to (N, T - (width - 1) dilation, out), without ReLU."""
        reach = (self.width - 1) * dilation
        taps = [window(values, k * dilation, reach - k * dilation) for k in range(self.width)]
        return self.product(taps[0] if len(taps) == 1 else tf.concat(taps, axis=-1))


class Grouped(tf.Module):
    """A convolution over groups of positions that stand on the first axis.

    Args:
        kernel: (tap, in, out).
        bias: (out,), ``None`` for none.
        equal: the positions are all equal and given once, which stands for any number.
    """

    def __init__(self, kernel: Any, bias: Any, *, equal: bool) -> None:
        super().__init__()
        taps = ops.convert_to_numpy(kernel).astype(np.float64)
        self.width = 1 if equal else len(taps)
        self.product = Product(taps.sum(axis=0) if equal else taps, bias)

    def __call__(self, values: Any) -> Any:
        """(n, rows, in) to (n / width, rows, out)."""
        if self.width > 1:
            # Strided slices of TensorFlow are ten times slower than a transposition.
            taps = tf.transpose(self.grouped(values), (0, 2, 1, 3))
            values = resized(taps, taps, 2, self.width * values.shape[2])
        return self.product(values)

    def grouped(self, values: Any) -> Any:
        """(n, rows, in) to (n / width, width, rows, in), which costs nothing."""
        n, _, channels = values.shape
        return tf.reshape(values, (n // self.width, self.width, -1, channels))


def unit(vectors: Any) -> Any:
    """Vectors divided by their length over the last axis; zeros stay zeros."""
    return vectors / tf.maximum(tf.norm(vectors, axis=-1, keepdims=True), 1e-8)


def in_pieces(function: Callable[[Any, Any], Any], count: Any, size: Any, channels: int) -> Any:
    """Joins what a function gives for a few frames at a time.

    Args:
        function: from the first frame and the number of frames t to (N, t, channels), float32.
        count: T, all frames, at least 1.
        size: the most frames at a time.
        channels: of the result.

    Returns:
        (N, T, channels).
    """

    def step(start: Any, parts: Any) -> tuple[Any, Any]:
        length = tf.minimum(size, count - start)
        part = tf.transpose(function(start, length), (1, 0, 2))
        return start + length, parts.write(parts.size(), part)

    parts = tf.TensorArray(
        tf.float32,
        size=0,
        dynamic_size=True,
        infer_shape=False,
        element_shape=(None, None, channels),
    )
    _, parts = tf.while_loop(
        lambda start, _: start < count, step, (tf.constant(0), parts), parallel_iterations=1
    )
    return tf.transpose(parts.concat(), (1, 0, 2))
