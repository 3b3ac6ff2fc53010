"""Fully connected residual networks that see one frame at a time."""

from __future__ import annotations

from typing import Any

from anatomy_tf.layers import TemporalBlock, TemporalConvolution, dense
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.precision import output_dtype
from anatomy_tf.models.recipe import get_recipe


def frame_network(
    config: AnatomyLifterConfig, inputs: Any, name: str, head: str, outputs: int
) -> Any:
    """Return the outputs (B, l, outputs) of a network that sees each frame alone.

    The network is as deep as the bottom direction sub-network.

    Args:
        config: the model's config.
        inputs: (B, l, channels).
        name: prefix of the layers' names.
        head: name of the last layer.
        outputs: count of outputs for each frame.
    """
    shared: dict[str, Any] = {
        "use_bias": True,
        "dropout": config.dropout,
        "scheduled": get_recipe(config.recipe).scheduled == "all",
    }
    features = TemporalConvolution(config.channels, 1, name=f"{name}_stem", **shared)(inputs)
    for i in range(1, len(config.filter_widths)):
        features = TemporalBlock(config.channels, 1, name=f"{name}_block_{i}", **shared)(features)
    return dense(outputs, config.channels, head, output_dtype())(features)
