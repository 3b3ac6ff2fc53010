"""Initialisers of the published network's weights."""

from __future__ import annotations

import math
from typing import Any

import keras


def fan_in_uniform(fan_in: int) -> keras.initializers.Initializer:
    """Return a uniform initialiser in +-1/sqrt(fan_in), for kernels and biases alike.

    Args:
        fan_in: number of inputs that a unit adds up, channels times taps.
    """
    limit = 1 / math.sqrt(fan_in)
    return keras.initializers.RandomUniform(-limit, limit)


def dense(
    units: int, inputs: int, name: str, dtype: Any = None, trainable: bool = True
) -> keras.layers.Dense:
    """Return a fully connected layer from ``inputs`` to ``units``, initialised by fan-in."""
    return keras.layers.Dense(
        units,
        kernel_initializer=fan_in_uniform(inputs),
        bias_initializer=fan_in_uniform(inputs),
        name=name,
        dtype=dtype,
        trainable=trainable,
    )
