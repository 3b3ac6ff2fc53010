"""Recipes: the paper's text, its published implementation, and ours for real recordings."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from anatomy_tf.errors import AnatomyError

if TYPE_CHECKING:
    from anatomy_tf.layers.bone_regressor import Regression

Over = Literal["sum", "mean"]
RecipeName = Literal["paper", "official", "canonical"]


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The choices that differ between the paper, its published implementation and this package.

    Attributes:
        name: the recipe's name.
        view: the view in which a network sees keypoints: on the ``"screen"``, or in the
            ``"canonical"`` view of a virtual camera that looks at the person, level with the
            horizon (``cameras.canonical_view``). A canonical network also estimates where up is.
        upper_input: the output that a sub-network repeats as the next one's input: its predicted
            bone directions (section 3.2) or its top hidden feature.
        regression: how positions and joint shifts are regressed (section 4.2).
        positions_train_directions: whether the position loss reaches the direction network
            ("trained together with the whole network", section 4.2).
        self_pairs: whether the joint pairs of Eq. 2 include each joint with itself.
        attention_absolute: whether the attention of Eq. 6 also sees absolute coordinates.
        attention_bias: whether its logits have a bias.
        symmetric_lengths: whether a bone of the left and its twin on the right are equally long.
        augmented_positions: whether the augmented frames also train the per-frame positions;
            section 3.3 gives them to the attention only.
        squared_positions: whether L_J squares the distance, as Eq. 5 prints it.
        direction_over, length_over, shift_over: sum (Eq. 2 to 4) or mean over bones or pairs.
        position_weight: weight of the loss on ``positions``.
        sampled_position_weight: lambda_J, for the frames of the length network.
        length_weight: lambda_L.
        direction_weight: lambda_D.
        shift_weight: lambda_JS.
        lower_weight: factor on the directions and shifts of all but the top sub-network.
        velocity_weight: weight of the joint velocities' error beside the positions', seconds times
            50; only chunks of neighbouring frames have velocities.
        up_weight: weight of the up direction's loss.
        inference_frames: which frames of a clip its bone lengths are estimated from.
        length_target: whether the target length is the target frame's, or the mean over the window.
        scheduled: which normalisations follow the BatchNorm momentum schedule: all, or those of the
            first sub-network's stem and blocks only.
    """

    name: RecipeName
    view: Literal["screen", "canonical"]
    upper_input: Literal["directions", "features"]
    regression: Regression
    positions_train_directions: bool
    self_pairs: bool
    attention_absolute: bool
    attention_bias: bool
    symmetric_lengths: bool
    augmented_positions: bool
    squared_positions: bool
    direction_over: Over
    length_over: Over
    shift_over: Over
    position_weight: float
    sampled_position_weight: float
    length_weight: float
    direction_weight: float
    shift_weight: float
    lower_weight: float
    velocity_weight: float
    up_weight: float
    inference_frames: Literal["sampled", "all"]
    length_target: Literal["frame", "window"]
    scheduled: Literal["all", "first"]


PAPER = Recipe(
    name="paper",
    view="screen",
    upper_input="directions",
    regression="concatenation",
    positions_train_directions=True,
    self_pairs=False,
    attention_absolute=False,
    attention_bias=False,
    symmetric_lengths=False,
    augmented_positions=False,
    squared_positions=True,
    direction_over="sum",
    length_over="sum",
    shift_over="sum",
    position_weight=1.0,
    sampled_position_weight=1.0,
    length_weight=0.05,
    direction_weight=0.015,
    shift_weight=0.1,
    lower_weight=1.0,
    velocity_weight=0.0,
    up_weight=0.0,
    inference_frames="sampled",
    length_target="frame",
    scheduled="all",
)
"""The text, sections 3 and 4.2."""

OFFICIAL = Recipe(
    name="official",
    view="screen",
    upper_input="features",
    regression="product",
    positions_train_directions=False,
    self_pairs=True,
    attention_absolute=True,
    attention_bias=True,
    symmetric_lengths=False,
    augmented_positions=True,
    squared_positions=False,
    direction_over="mean",
    length_over="mean",
    shift_over="mean",
    position_weight=1.0,
    sampled_position_weight=1.0,
    length_weight=100.0,
    direction_weight=0.3,
    shift_weight=2.0,
    lower_weight=0.5,
    velocity_weight=0.0,
    up_weight=0.0,
    inference_frames="all",
    length_target="window",
    scheduled="first",
)
"""The published implementation without its faults."""

CANONICAL = dataclasses.replace(
    OFFICIAL,
    name="canonical",
    view="canonical",
    regression="derived",
    positions_train_directions=True,
    self_pairs=False,
    symmetric_lengths=True,
    length_target="frame",
    scheduled="all",
    velocity_weight=1.0,
    up_weight=0.1,
)
"""Ours, for real recordings: the canonical view, positions by Eq. 1, velocities."""

RECIPES: Mapping[str, Recipe] = MappingProxyType({r.name: r for r in (PAPER, OFFICIAL, CANONICAL)})


def get_recipe(name: str) -> Recipe:
    """Return the recipe of this name.

    Raises:
        AnatomyError: for an unknown name.
    """
    if name not in RECIPES:
        raise AnatomyError(f"unknown recipe {name!r}; known are {', '.join(RECIPES)}")
    return RECIPES[name]
