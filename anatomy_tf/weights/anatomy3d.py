"""The published PyTorch implementation's parameters in this package's models.

Only names and array layouts are known here; no code of that implementation is used, and it has no
licence: what may be done with its checkpoints is between the user and their authors.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.weights.parameters import (
    Array,
    Table,
    assign,
    block_units,
    convolution_unit,
    dense,
    dense_pair,
    frame_dense,
    widths_and_channels,
)

# Its bones as (first, second) joints; the vector is first minus second. Ours is child minus parent,
# so the two that are listed parent first change their signs.
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
    """Reorder a bone axis from the published implementation's order to this package's.

    Raises:
        AnatomyError: when the axis does not have its 16 bones.
    """
    if values.shape[axis] != len(_PLACES):
        raise AnatomyError(
            f"expected {len(_PLACES)} bones on axis {axis}, got an array of {values.shape}"
        )
    return np.take(values, _PLACES, axis=axis)


def directions_to_ours(values: Array) -> Array:
    """Reorder bone directions (..., b, 3) to this package's order and signs."""
    return bones_to_ours(values, axis=-2) * np.asarray(_SIGNS, np.float32)[:, None]


def _direction_rows(values: Array) -> Array:
    """Reorder output channels (48, ...), bone by bone, to this package's order and signs."""
    rows = values.reshape(len(_BONES), 3, -1)
    turned = directions_to_ours(np.moveaxis(rows, -1, 0))
    return np.moveaxis(turned, 0, -1).reshape(values.shape)


def _direction_kernel(values: Array) -> Array:
    return dense(_direction_rows(values))


def _from_directions(values: Array) -> Array:
    """Convert a kernel (C, 48, 1) that reads directions to (48, C)."""
    return _direction_rows(dense(values))


def _bone_rows(values: Array) -> Array:
    return bones_to_ours(values, axis=0)


def _bone_kernel(values: Array) -> Array:
    return dense(_bone_rows(values))


def _from_lengths(values: Array) -> Array:
    return bones_to_ours(dense(values), axis=0)


def variables(model: AnatomyLifter) -> Table:
    """Return the variable of ``model`` and the layout change for each parameter name.

    The layout changes are permutations and signs, so they carry gradients over as well.

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
    table = convolution_unit("expand_conv", "expand_bn", direction("sub_network_1_stem"))
    table |= convolution_unit(
        "expand_convscore", "expand_bnscore", direction("visibility_attention").visibility
    )
    for q, suffix in ((1, ""), (2, "1")):
        count = len(config.filter_widths) - 1
        blocks = [direction(f"sub_network_{q}_block_{i + 1}") for i in range(count)]
        table |= block_units(blocks, suffix)
    dense_parts = [length("length_stem")]
    for i in range(1, len(config.filter_widths)):
        block = length(f"length_block_{i}")
        dense_parts += [block.temporal, block.pointwise]
    for place, part in enumerate(dense_parts):
        table |= convolution_unit(
            f"layers_convbone.{place}", f"layers_bnbone.{place}", part, frame_dense
        )
    table |= dense_pair(f"layers_convbone.{len(dense_parts)}", length("frame_positions"))
    table |= dense_pair(
        "boneatt", model.get_layer("bone_length_attention"), _bone_kernel, _bone_rows
    )
    for q in (1, 2):
        vectors = direction(f"bone_directions_{q}").vectors
        table |= dense_pair(f"shrink_direct_{q}", vectors, _direction_kernel, _direction_rows)
    heads = {"": ("joint_positions", "shrink")}
    heads |= {f"_{q}": (f"joint_shift_{q}", f"shrink_js_{q}") for q in (1, 2)}
    for suffix, (name, output) in heads.items():
        head = model.get_layer(name)
        table |= dense_pair(f"lengthlinear{suffix}", head.from_lengths, _from_lengths)
        table |= dense_pair(f"directlinear{suffix}", head.from_directions, _from_directions)
        table |= dense_pair(output, head.regress)
    return table


def load_state(model: AnatomyLifter, state: Mapping[str, Array]) -> None:
    """Load the published implementation's parameters into a model of the ``official`` recipe.

    Args:
        model: the training form, of the same widths and channels.
        state: its parameter names, with or without ``module.`` before them, to arrays.

    Raises:
        AnatomyError: naming all parameters that are missing, unexpected, misshapen or not finite;
            the model is then unchanged.
    """
    assign(variables(model), state)


def build(
    state: Mapping[str, Array], *, causal: bool = False, sampled_frames: int = 50
) -> AnatomyLifter:
    """Return a training model with a state loaded.

    Widths and channels come from the arrays.

    Args:
        state: see ``load_state``.
        causal: whether it was trained causally; the arrays do not show it.
        sampled_frames: l, frames for the bone lengths.

    Raises:
        AnatomyError: when the arrays are not those of the published network.
    """
    widths, channels = widths_and_channels(state, HUMAN36M_17.joint_count)
    model = AnatomyLifter(
        filter_widths=widths,
        channels=channels,
        causal=causal,
        recipe="official",
        sampled_frames=sampled_frames,
    )
    load_state(model, state)
    return model
