"""Trained layers as plain products."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.layers import TemporalBlock, TemporalConvolution

Array = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class FoldedConvolution:
    """A convolution with its batch normalisation folded in, followed by ReLU.

    Attributes:
        stored: (tap, in, out) the layer's own kernel.
        scale: (out,) what batch normalisation multiplies the outputs by.
        bias: (out,).
    """

    stored: Array
    scale: NDArray[np.float64]
    bias: Any

    @functools.cached_property
    def kernel(self) -> Any:
        """(tap, in, out) with the scale in it."""
        return ops.convert_to_tensor((self.stored * self.scale).astype(np.float32))

    @property
    def width(self) -> int:
        """Taps."""
        return len(self.stored)

    def product(self, values: Any) -> Any:
        """One tap's (..., in) to (..., out), with ReLU."""
        return ops.relu(ops.matmul(values, self.kernel[0]) + self.bias)

    def of_taps(self, values: Any, taps: NDArray[np.int64]) -> Any:
        """Of chosen taps, without bias and ReLU.

        Args:
            values: (n, in).
            taps: (N, width) rows of values.

        Returns:
            (N, out).
        """
        rows = ops.reshape(ops.take(values, taps, axis=0), (len(taps), -1))
        return ops.matmul(rows, ops.reshape(self.kernel, (-1, self.kernel.shape[2])))

    def channels(self, start: int, stop: int) -> FoldedConvolution:
        """The part that reads some of the input channels; the bias stays with it."""
        return dataclasses.replace(self, stored=self.stored[:, start:stop])


@dataclasses.dataclass(frozen=True)
class FoldedBlock:
    """A ``TemporalBlock`` for inference.

    Attributes:
        temporal: over the frames of a group.
        pointwise: on its result.
        place: the frame of a group that is the residual.
    """

    temporal: FoldedConvolution
    pointwise: FoldedConvolution
    place: int

    @property
    def width(self) -> int:
        """Frames in a group."""
        return self.temporal.width


def fold_convolution(layer: TemporalConvolution) -> FoldedConvolution:
    """Folds in double precision; batch normalisation then costs nothing."""
    normalization = layer.normalization
    gamma, beta, mean, variance = (
        ops.convert_to_numpy(values).astype(np.float64)
        for values in (
            normalization.gamma,
            normalization.beta,
            normalization.moving_mean,
            normalization.moving_variance,
        )
    )
    scale = gamma / np.sqrt(variance + normalization.epsilon)
    bias = beta - mean * scale
    if layer.bias is not None:
        bias += ops.convert_to_numpy(layer.bias) * scale
    stored = ops.convert_to_numpy(layer.kernel)
    return FoldedConvolution(stored, scale, ops.convert_to_tensor(bias.astype(np.float32)))


def fold_block(layer: TemporalBlock) -> FoldedBlock:
    """Folds both convolutions of a block."""
    place = layer.width - 1 if layer.causal else layer.width // 2
    return FoldedBlock(fold_convolution(layer.temporal), fold_convolution(layer.pointwise), place)
