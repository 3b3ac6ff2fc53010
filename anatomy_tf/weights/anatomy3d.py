"""The published PyTorch implementation's parameters in this package's models.

Only names and array layouts are known here; no code of that implementation is used, and it has no
licence: what may be done with its checkpoints is between the user and their authors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.skeletons import HUMAN36M_17

Array = NDArray[Any]
Convert = Callable[[Array], Array]

# Its bones as (first, second) joints; the vector is first minus second. Ours is child minus parent,
# so the two listed parent first change their signs.
_BONES = (
    *((16, 15), (15, 14), (13, 12), (12, 11), (10, 9), (9, 8), (8, 7), (8, 11)),
    *((8, 14), (7, 0), (3, 2), (2, 1), (6, 5), (5, 4), (1, 0), (4, 0)),
)
_PLACES, _SIGNS = zip(
    *(
        (_BONES.index((child, parent)), 1.0)
        if (child, parent) in _BONES
        else (_BONES.index((parent, child)), -1.0)
        for parent, child in HUMAN36M_17.bones
    ),
    strict=True,
)


def bones_to_ours(values: Array, axis: int = -1) -> Array:
    """Reorders a bone axis from the published implementation's order to this package's."""
    return np.take(values, _PLACES, axis=axis)


def directions_to_ours(values: Array) -> Array:
    """Reorders and turns bone directions (..., b, 3) from its order to this package's."""
    return bones_to_ours(values, axis=-2) * np.asarray(_SIGNS, np.float32)[:, None]


def _vector(values: Array) -> Array:
    return values


def _convolution(values: Array) -> Array:
    """(out, in, tap) to (tap, in, out)."""
    return values.transpose(2, 1, 0)


def _frame_dense(values: Array) -> Array:
    """(out, in) to a convolution of one tap."""
    return values.T[None]


def _dense(values: Array) -> Array:
    """(out, in), or (out, in, 1), to (in, out)."""
    return values.reshape(values.shape[:2]).T


def _direction_rows(values: Array) -> Array:
    """(48, ...) output channels, bone by bone, reordered and turned."""
    rows = values.reshape(len(_BONES), 3, -1)
    turned = directions_to_ours(np.moveaxis(rows, -1, 0))
    return np.moveaxis(turned, 0, -1).reshape(values.shape)


def _direction_kernel(values: Array) -> Array:
    return _dense(_direction_rows(values))


def _from_directions(values: Array) -> Array:
    """(C, 48, 1) that reads directions, to (48, C)."""
    return _direction_rows(_dense(values))


def _bone_rows(values: Array) -> Array:
    return bones_to_ours(values, axis=0)


def _bone_kernel(values: Array) -> Array:
    return _dense(_bone_rows(values))


def _from_lengths(values: Array) -> Array:
    return bones_to_ours(_dense(values), axis=0)


def _normalization(key: str, layer: Any) -> dict[str, tuple[Any, Convert]]:
    return {
        f"{key}.weight": (layer.gamma, _vector),
        f"{key}.bias": (layer.beta, _vector),
        f"{key}.running_mean": (layer.moving_mean, _vector),
        f"{key}.running_var": (layer.moving_variance, _vector),
    }


def _dense_pair(
    key: str, layer: Any, kernel: Convert = _dense, bias: Convert = _vector
) -> dict[str, tuple[Any, Convert]]:
    return {f"{key}.weight": (layer.kernel, kernel), f"{key}.bias": (layer.bias, bias)}


def _convolution_unit(
    convolution: str, normalization: str, layer: Any, kernel: Convert = _convolution
) -> dict[str, tuple[Any, Convert]]:
    found: dict[str, tuple[Any, Convert]] = {f"{convolution}.weight": (layer.kernel, kernel)}
    if layer.bias is not None:
        found[f"{convolution}.bias"] = (layer.bias, _vector)
    return found | _normalization(normalization, layer.normalization)


def variables(model: AnatomyLifter) -> dict[str, tuple[Any, Convert]]:
    """For each of its parameter names the variable of ``model`` and the change of layout to it.

    The changes are permutations and signs, so they carry gradients over as well.

    Raises:
        AnatomyError: when the model is not the published network: ``official`` recipe, two
            sub-networks with long skips, visibility attention, Human3.6M's 17 joints.
    """
    config = model.config
    published = {
        "recipe": "official",
        "sub_networks": 2,
        "long_skips": True,
        "visibility": "attention",
        "length_output": "positions",
        "length_pooling": "attention",
        "joint_shift": True,
        "skeleton": HUMAN36M_17,
    }
    for field, value in published.items():
        if getattr(config, field) != value:
            raise AnatomyError(
                f"the published network has {field}={value!r}, the model {getattr(config, field)!r}"
            )
    direction = model.get_layer("bone_direction_network").get_layer
    length = model.get_layer("bone_length_network").get_layer
    table = _convolution_unit("expand_conv", "expand_bn", direction("sub_network_1_stem"))
    table |= _convolution_unit(
        "expand_convscore", "expand_bnscore", direction("visibility_attention").visibility
    )
    for q, suffix in ((1, ""), (2, "1")):
        for i in range(len(config.filter_widths) - 1):
            block = direction(f"sub_network_{q}_block_{i + 1}")
            for place, part in ((2 * i, block.temporal), (2 * i + 1, block.pointwise)):
                table |= _convolution_unit(
                    f"layers_conv{suffix}.{place}", f"layers_bn{suffix}.{place}", part
                )
    dense_parts = [length("length_stem")]
    for i in range(1, len(config.filter_widths)):
        block = length(f"length_block_{i}")
        dense_parts += [block.temporal, block.pointwise]
    for place, part in enumerate(dense_parts):
        table |= _convolution_unit(
            f"layers_convbone.{place}", f"layers_bnbone.{place}", part, _frame_dense
        )
    table |= _dense_pair(f"layers_convbone.{len(dense_parts)}", length("frame_positions"))
    table |= _dense_pair(
        "boneatt", model.get_layer("bone_length_attention"), _bone_kernel, _bone_rows
    )
    for q in (1, 2):
        vectors = direction(f"bone_directions_{q}").vectors
        table |= _dense_pair(f"shrink_direct_{q}", vectors, _direction_kernel, _direction_rows)
    heads = {"": ("joint_positions", "shrink")}
    heads |= {f"_{q}": (f"joint_shift_{q}", f"shrink_js_{q}") for q in (1, 2)}
    for suffix, (name, output) in heads.items():
        head = model.get_layer(name)
        table |= _dense_pair(f"lengthlinear{suffix}", head.from_lengths, _from_lengths)
        table |= _dense_pair(f"directlinear{suffix}", head.from_directions, _from_directions)
        table |= _dense_pair(output, head.regress)
    return table


def load_state(model: AnatomyLifter, state: Mapping[str, Array]) -> None:
    """Loads the published implementation's parameters into a model of the ``official`` recipe.

    Args:
        model: the training form, of the same widths and channels.
        state: its parameter names, with or without ``module.`` before them, to arrays.

    Raises:
        AnatomyError: naming all missing, unexpected and misshapen parameters; the model is then
            unchanged.
    """
    given = {
        key.removeprefix("module."): np.asarray(value)
        for key, value in state.items()
        if not key.endswith("num_batches_tracked")
    }
    table = variables(model)
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
    if problems:
        raise AnatomyError(f"the state does not fit the model; {'; '.join(problems)}")
    for key, value in converted.items():
        table[key][0].assign(value)


def build(
    state: Mapping[str, Array], *, causal: bool = False, sampled_frames: int = 50
) -> AnatomyLifter:
    """The training model of a state, with it loaded; widths and channels come from the arrays.

    Args:
        state: see ``load_state``.
        causal: whether it was trained causally; the arrays do not tell.
        sampled_frames: l, frames for the bone lengths.

    Raises:
        AnatomyError: when the arrays are not those of the published network.
    """
    given = {key.removeprefix("module."): np.asarray(value) for key, value in state.items()}
    stem = given.get("expand_conv.weight")
    if stem is None or stem.ndim != 3:
        raise AnatomyError("the state has no 'expand_conv.weight' of three axes (out, in, tap)")
    blocks = [int(m[1]) for key in given if (m := re.fullmatch(r"layers_conv\.(\d+)\.weight", key))]
    widths = [stem.shape[2]]
    for place in sorted(p for p in blocks if p % 2 == 0):
        widths.append(given[f"layers_conv.{place}.weight"].shape[-1])
    if stem.shape[1] != 2 * HUMAN36M_17.joint_count or math.prod(widths) % 2 == 0:
        raise AnatomyError(
            f"expected a stem of 34 channels and odd widths, got {stem.shape[1]} and {widths}"
        )
    model = AnatomyLifter(
        filter_widths=tuple(widths),
        channels=stem.shape[0],
        causal=causal,
        recipe="official",
        sampled_frames=sampled_frames,
    )
    load_state(model, state)
    return model
