"""Measures of a network in training: norms of its parts, and entropies of its attention."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.models import AnatomyLifter
from anatomy_tf.training.amsgrad import AMSGrad

_PARTS = (
    (re.compile(r"(?:sub_network|bone_directions|joint_shift)_(\d+)"), r"direction_sub_network_\1"),
    (re.compile(r"visibility_attention"), "visibility_attention"),
    (re.compile(r"bone_length_attention"), "bone_length_attention"),
    (re.compile(r"joint_positions"), "joint_positions"),
    (re.compile(r"length_(?:stem|block)|frame_(?:positions|lengths)"), "length_network"),
    (re.compile(r"up_(?:stem|block|vectors)"), "up_network"),
)
"""Patterns of a variable's path, and the part of the network that it belongs to."""


def part_of(variable: Any) -> str:
    """Return the network part of a variable, such as ``direction_sub_network_1``.

    A variable of no known part is in ``network``.
    """
    for pattern, part in _PARTS:
        match = pattern.search(variable.path)
        if match:
            return match.expand(part)
    return "network"


def weight_norms(model: keras.Model) -> dict[str, float]:
    """Return the Euclidean norm of the trainable weights of each part of a model."""
    return _norms(model, lambda variable: np.square(np.float64(ops.convert_to_numpy(variable))))


def gradient_norms(model: keras.Model) -> dict[str, float]:
    """Return the root mean square of the gradient's norm in each part over the last steps.

    It is read from the optimizer's second moments, which average about the last 1,000 steps, so
    that no gradient is computed for it; empty for an optimizer other than ``AMSGrad``.
    """
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not isinstance(optimizer, AMSGrad):
        return {}
    return _norms(model, optimizer.mean_square_gradient)


def _norms(model: keras.Model, squares: Callable[[Any], NDArray[np.float64]]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for variable in model.trainable_variables:
        sums[part_of(variable)] += float(squares(variable).sum())
    return {part: float(np.sqrt(total)) for part, total in sorted(sums.items())}


class AttentionEntropies:
    """The normalised entropies of a lifter's attentions: 1 is evenly spread, 0 is all on one.

    ``bone_lengths``: entropy of the bone length attention over the sampled frames (Eq. 6) divided
    by the logarithm of their number; mean over videos and bones.
    ``visibility``: the implicit visibility attention has no softmax; its weights are the keypoint
    features that multiply the visibility features (section 3.5). Their entropy over channels, each
    group of frames' features divided by their sum, divided by the logarithm of the channels; mean
    over windows and groups of frames with any.

    A model without one of the attentions lacks its number.

    Args:
        model: any model in training.
    """

    def __init__(self, model: keras.Model) -> None:
        self._weights: dict[str, Callable[[Mapping[str, Any]], Any]] = {}
        if not isinstance(model, AnatomyLifter):
            return
        if model.config.length_pooling == "attention":
            network = model.get_layer("bone_length_network")
            attention = model.get_layer("bone_length_attention")
            self._weights["bone_lengths"] = lambda inputs: attention.weigh(
                network(_of_sampled_frames(inputs), training=False)
            )[1]
        # Weighted visibility enters the first block; a network without blocks has none.
        if model.config.visibility == "attention" and len(model.config.filter_widths) > 1:
            directions = model.get_layer("bone_direction_network")
            features, _ = directions.get_layer("visibility_attention").input
            seen = {n: i for n, i in directions.input.items() if n != "visibility"}
            stem = keras.Model(seen, features)
            # The softmax's axis is 1 there; channels are last.
            self._weights["visibility"] = lambda inputs: ops.swapaxes(
                stem({name: inputs[name] for name in seen}, training=False), 1, 2
            )

    def of(self, inputs: Mapping[str, Any]) -> dict[str, float]:
        """Return the entropies for a batch of a model's inputs."""
        return {
            name: normalized_entropy(ops.convert_to_numpy(ops.cast(weights(inputs), "float32")))
            for name, weights in self._weights.items()
        }


def _of_sampled_frames(inputs: Mapping[str, Any]) -> Any:
    """Return the inputs of a length network."""
    if "sampled_view" not in inputs:
        return inputs["sampled_keypoints"]
    return [inputs[f"sampled_{name}"] for name in ("keypoints", "visibility", "view")]


def normalized_entropy(weights: NDArray[np.floating]) -> float:
    """Return the mean entropy of weights along axis 1, divided by that of even weights.

    Args:
        weights: (B, n, ...), at least 0; each of the (B, ...) sets of n is divided by its sum, and
            sets whose sum is 0 are left out.

    Returns:
        From 0 to 1; 1 for n = 1, NaN when no set is left.
    """
    count = weights.shape[1]
    if count == 1:
        return 1.0
    sums = np.asarray(weights.sum(axis=1, dtype=np.float64))
    sets = np.moveaxis(weights, 1, -1)[sums > 0]
    shares = sets / sums[sums > 0][:, None]
    logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropies = -(shares * logarithms).sum(axis=-1)
    return float(entropies.mean() / np.log(count)) if len(entropies) else float("nan")
