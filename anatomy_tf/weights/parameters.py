"""Assignment of PyTorch checkpoints' parameters, by name, to the variables of layers.

Only names and array layouts are known here, no code of the implementations that wrote them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import NUMBER

Array = NDArray[Any]
Convert = Callable[[Array], Array]
Table = dict[str, tuple[Any, Convert]]
"""For each parameter name its variable and the function that changes its layout."""


def vector(values: Array) -> Array:
    """Return a vector as it is."""
    return values


def convolution(values: Array) -> Array:
    """Transpose (out, in, tap) to (tap, in, out)."""
    return values.transpose(2, 1, 0)


def frame_dense(values: Array) -> Array:
    """Convert (out, in) to a convolution of one tap, (1, in, out)."""
    return values.T[None]


def dense(values: Array) -> Array:
    """Transpose (out, in), or (out, in, 1), to (in, out)."""
    return values.reshape(values.shape[:2]).T


def normalization(key: str, layer: Any) -> Table:
    """Return the table of a ``BatchNormalization``: scale, shift and running statistics."""
    return {
        f"{key}.weight": (layer.gamma, vector),
        f"{key}.bias": (layer.beta, vector),
        f"{key}.running_mean": (layer.moving_mean, vector),
        f"{key}.running_var": (layer.moving_variance, vector),
    }


def dense_pair(key: str, layer: Any, kernel: Convert = dense, bias: Convert = vector) -> Table:
    """Return the table of a fully connected layer: kernel and bias."""
    return {f"{key}.weight": (layer.kernel, kernel), f"{key}.bias": (layer.bias, bias)}


def convolution_unit(
    convolution_key: str, normalization_key: str, layer: Any, kernel: Convert = convolution
) -> Table:
    """Return the table of a ``TemporalConvolution``, whose normalisation has its own key."""
    found: Table = {f"{convolution_key}.weight": (layer.kernel, kernel)}
    if layer.bias is not None:
        found[f"{convolution_key}.bias"] = (layer.bias, vector)
    return found | normalization(normalization_key, layer.normalization)


def block_units(blocks: list[Any], suffix: str = "") -> Table:
    """Return the table of the ``TemporalBlock`` layers, two consecutive numbers for each."""
    parts = [part for block in blocks for part in (block.temporal, block.pointwise)]
    table: Table = {}
    for place, part in enumerate(parts):
        table |= convolution_unit(
            f"layers_conv{suffix}.{place}", f"layers_bn{suffix}.{place}", part
        )
    return table


def plain_state(state: Mapping[str, Any]) -> dict[str, Array]:
    """Return the arrays by name, without ``module.`` and without the counts of batches."""
    return {
        key.removeprefix("module."): np.asarray(value)
        for key, value in state.items()
        if not key.endswith("num_batches_tracked")
    }


def assign(table: Table, state: Mapping[str, Any]) -> None:
    """Assign each variable in the table its parameter.

    Args:
        table: the variable and layout change of each parameter.
        state: names, with or without ``module.`` before them, to arrays.

    Raises:
        AnatomyError: naming all parameters that are missing, unexpected, misshapen or not finite;
            no variable is then changed.
    """
    given = plain_state(state)
    problems = []
    for title, keys in (
        ("missing", sorted(set(table) - set(given))),
        ("unexpected", sorted(set(given) - set(table))),
    ):
        if keys:
            problems.append(f"{title}: {', '.join(keys)}")
    converted = {}
    for key in sorted(set(table) & set(given)):
        variable, convert = table[key]
        try:
            converted[key] = convert(given[key])
            fits = converted[key].shape == tuple(variable.shape)
        except (ValueError, IndexError):
            fits = False
        if not fits:
            problems.append(f"misshapen: {key} {given[key].shape} for {tuple(variable.shape)}")
        elif given[key].dtype.kind not in NUMBER or not np.isfinite(given[key]).all():
            problems.append(f"no finite numbers: {key}")
    if problems:
        raise AnatomyError(f"the state does not fit the model; {'; '.join(problems)}")
    for key, value in converted.items():
        table[key][0].assign(value)


def widths_and_channels(state: Mapping[str, Any], joints: int) -> tuple[tuple[int, ...], int]:
    """Return filter widths and channels C of a temporal network from its arrays' shapes.

    Args:
        state: names, with or without ``module.`` before them, to arrays.
        joints: number of keypoints that the network must take.

    Raises:
        AnatomyError: when the stem is missing or takes other keypoints, or a width is even.
    """
    given = plain_state(state)
    stem = given.get("expand_conv.weight")
    if stem is None or stem.ndim != 3:
        raise AnatomyError("the state has no 'expand_conv.weight' of three axes (out, in, tap)")
    blocks = [int(m[1]) for key in given if (m := re.fullmatch(r"layers_conv\.(\d+)\.weight", key))]
    widths = [stem.shape[2]]
    for place in sorted(p for p in blocks if p % 2 == 0):
        weight = given[f"layers_conv.{place}.weight"]
        widths.append(weight.shape[-1] if weight.ndim else 0)
    if stem.shape[1] != 2 * joints or math.prod(widths) % 2 == 0:
        raise AnatomyError(
            f"expected a stem of {2 * joints} channels and odd widths, got {stem.shape[1]} and "
            f"{widths}"
        )
    return tuple(widths), stem.shape[0]
