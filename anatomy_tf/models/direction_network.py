"""The bone direction prediction network (section 3.2, Figure 3)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.cameras.canonical_view import VIEW_CHANNELS
from anatomy_tf.layers import (
    ImplicitVisibilityAttention,
    TemporalBlock,
    TemporalConvolution,
    UnitDirections,
)
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.precision import output_dtype
from anatomy_tf.models.recipe import get_recipe
from anatomy_tf.skeletons import get_skeleton


def bone_direction_network(config: AnatomyLifterConfig) -> keras.Model:
    """Return stacked temporal sub-networks, each of which predicts all bone directions.

    With long skips, the features that enter each residual block of a sub-network also enter the
    same block of the next one; the next one's own input is the lower one's result, repeated in
    time. Gradients stop between sub-networks, so each is trained by its own loss.

    Returns:
        A model from ``keypoints`` (B, R, J, 2) and, unless ``visibility="none"``, ``visibility``
        (B, R, J) and, for a canonical view, ``view`` (B, R, 3) to ``bone_directions_q``
        (B, b, 3) for each sub-network q that has an output, counted from 1 at the bottom.
    """
    skeleton = get_skeleton(config.skeleton)
    frames, joints = config.receptive_field, skeleton.joint_count
    stem_width, *block_widths = config.filter_widths
    scheduled = get_recipe(config.recipe).scheduled
    keypoints = keras.Input((frames, joints, 2), name="keypoints")
    inputs = {"keypoints": keypoints}
    stem_input = keras.layers.Reshape((frames, 2 * joints), name="flat_keypoints")(keypoints)
    if config.visibility != "none":
        inputs["visibility"] = keras.Input((frames, joints), name="visibility")
    if config.visibility == "concatenation":
        stem_input = ops.concatenate([stem_input, inputs["visibility"]], axis=-1)
    if get_recipe(config.recipe).view == "canonical":
        inputs["view"] = keras.Input((frames, VIEW_CHANNELS), name="view")
        stem_input = ops.concatenate([stem_input, inputs["view"]], axis=-1)

    def blocks(q: int, own: Any, first_input: Any, skips: list[Any] | None) -> tuple[Any, list]:
        """Return sub-network q's top feature and the features that entered its blocks."""
        entered = []
        for i, width in enumerate(block_widths):
            entered.append(own)
            block_input = first_input if i == 0 else own
            if skips is not None:
                block_input = ops.concatenate([own, skips[i]], axis=-1)
            own = TemporalBlock(
                config.channels,
                width,
                causal=config.causal,
                dropout=config.dropout,
                scheduled=q == 1 or scheduled == "all",
                name=f"sub_network_{q}_block_{i + 1}",
            )(block_input)
        return own, entered

    own = TemporalConvolution(
        config.channels,
        stem_width,
        dropout=config.dropout,
        scheduled=True,
        name="sub_network_1_stem",
    )(stem_input)
    first_input = own
    if config.visibility == "attention":
        first_input = ImplicitVisibilityAttention(
            config.channels,
            stem_width,
            dropout=config.dropout,
            scheduled=scheduled == "all",
            name="visibility_attention",
        )([own, inputs["visibility"]])

    outputs: dict[str, Any] = {}
    skips: list[Any] | None = None
    for q in range(1, config.sub_networks + 1):
        top, entered = blocks(q, own, first_input, skips)
        feature = ops.squeeze(top, axis=1)
        if config.long_skips or q == config.sub_networks:
            outputs[f"bone_directions_{q}"] = UnitDirections(
                skeleton.bone_count, name=f"bone_directions_{q}", dtype=output_dtype()
            )(feature)
        if q < config.sub_networks:
            own = _upper_input(config, q, feature, outputs)
            first_input = own
            if config.long_skips:
                skips = [ops.stop_gradient(feature) for feature in entered]
    return keras.Model(inputs, outputs, name="bone_direction_network")


def _upper_input(config: AnatomyLifterConfig, q: int, feature: Any, outputs: dict[str, Any]) -> Any:
    """Return the input that sub-network q passes up, repeated for each group: (B, R / w0, C)."""
    groups = config.receptive_field // config.filter_widths[0]
    recipe = get_recipe(config.recipe)
    if not config.long_skips:
        return keras.layers.RepeatVector(groups)(feature)
    if recipe.upper_input == "features":
        return keras.layers.RepeatVector(groups)(ops.stop_gradient(feature))
    directions = ops.stop_gradient(outputs[f"bone_directions_{q}"])
    repeated = keras.layers.RepeatVector(groups)(keras.layers.Flatten()(directions))
    # The residual of the next block needs C channels.
    return TemporalConvolution(
        config.channels,
        1,
        dropout=config.dropout,
        scheduled=recipe.scheduled == "all",
        name=f"sub_network_{q + 1}_stem",
    )(repeated)
