"""The losses of a model and their weights, Eq. 7."""

from __future__ import annotations

from typing import Any

import keras

from anatomy_tf.losses.bone_direction_loss import BoneDirectionLoss
from anatomy_tf.losses.bone_length_loss import BoneLengthLoss
from anatomy_tf.losses.joint_position_loss import JointPositionLoss
from anatomy_tf.losses.joint_shift_loss import JointShiftLoss
from anatomy_tf.losses.up_direction_loss import UpDirectionLoss
from anatomy_tf.models import AnatomyLifter, VideoPose


def compile_arguments(model: AnatomyLifter | VideoPose) -> dict[str, Any]:
    """Return ``loss`` and ``loss_weights`` for ``model.compile``, a term for each model output.

    The weighted sum is Eq. 7 with the weights of the model's recipe. The baseline takes the mean
    per-joint position error and, with joint shifts, Eq. 2 averaged over pairs.

    Example:
        >>> model.compile(optimizer="adam", **compile_arguments(model))
    """
    if isinstance(model, VideoPose):
        losses: dict[str, keras.losses.Loss] = {
            "positions": JointPositionLoss(model.skeleton),
            "joint_shifts_1": JointShiftLoss(model.skeleton),
        }
        weights = dict.fromkeys(losses, 1.0)
    else:
        losses, weights = _anatomy_losses(model)
    return {
        "loss": {name: losses[name] for name in model.output_names},
        "loss_weights": {name: weights[name] for name in model.output_names},
    }


def _anatomy_losses(
    model: AnatomyLifter,
) -> tuple[dict[str, keras.losses.Loss], dict[str, float]]:
    recipe, skeleton = model.recipe, model.skeleton
    position = JointPositionLoss(skeleton, squared=recipe.squared_positions)
    target = JointPositionLoss(
        skeleton, squared=recipe.squared_positions, velocity_weight=recipe.velocity_weight
    )
    length = BoneLengthLoss(skeleton, over=recipe.length_over)
    terms: dict[str, tuple[keras.losses.Loss, float]] = {
        "positions": (target, recipe.position_weight),
        "sampled_positions": (position, recipe.sampled_position_weight),
        "augmented_positions": (position, recipe.sampled_position_weight),
        "up": (UpDirectionLoss(), recipe.up_weight),
        "bone_lengths": (length, recipe.length_weight),
        "augmented_bone_lengths": (length, recipe.length_weight),
    }
    direction = BoneDirectionLoss(skeleton, over=recipe.direction_over)
    shift = JointShiftLoss(skeleton, over=recipe.shift_over, self_pairs=recipe.self_pairs)
    for q in range(1, model.sub_networks + 1):
        factor = 1.0 if q == model.sub_networks else recipe.lower_weight
        terms[f"bone_directions_{q}"] = (direction, recipe.direction_weight * factor)
        terms[f"joint_shifts_{q}"] = (shift, recipe.shift_weight * factor)
    return (
        {name: loss for name, (loss, _) in terms.items()},
        {name: weight for name, (_, weight) in terms.items()},
    )
