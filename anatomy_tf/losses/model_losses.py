"""The losses of a model, their weights (Eq. 7), and the metrics that training shows."""

from __future__ import annotations

from typing import Any

import keras

from anatomy_tf.errors import AnatomyError
from anatomy_tf.losses.bone_direction_loss import BoneDirectionLoss
from anatomy_tf.losses.bone_length_loss import BoneLengthLoss
from anatomy_tf.losses.joint_position_loss import JointPositionLoss
from anatomy_tf.losses.joint_shift_loss import JointShiftLoss
from anatomy_tf.losses.up_direction_loss import UpDirectionLoss
from anatomy_tf.metrics.keras import MPJPE, PCK, PMPJPE, BoneLengthError
from anatomy_tf.models import AnatomyLifter, LiftingModel, VideoPose


def compile_arguments(model: AnatomyLifter | VideoPose, metrics: bool = True) -> dict[str, Any]:
    """Return losses, their weights and metrics for ``model.compile``.

    Each output of the model has a loss. The weighted sum is Eq. 7 with the weights of the model's
    recipe. The baseline takes the mean per-joint position error and, with joint shifts, Eq. 2
    averaged over pairs.

    The metrics of ``anatomy_tf.metrics.keras`` measure ``positions``. ``fit`` shows them as
    ``mpjpe_mm``, ``p_mpjpe_mm``, ``pck`` and ``bone_length_error_mm``, and with ``val_`` before
    them for validation data. Sample weights count, so that frames without a true pose do not.

    Args:
        model: of this package.
        metrics: ``False`` leaves the metrics out.

    Returns:
        ``loss`` and ``loss_weights``, and ``weighted_metrics`` unless left out.

    Raises:
        AnatomyError: for another model, such as a part of one of these.

    Example:
        >>> model.compile(optimizer="adam", **compile_arguments(model))
        >>> stop = keras.callbacks.EarlyStopping(monitor="val_mpjpe_mm", patience=3)
        >>> model.fit(batches, validation_data=validation, callbacks=[stop], epochs=80)
    """
    if not isinstance(model, LiftingModel):
        raise AnatomyError(
            f"compile_arguments: expected an AnatomyLifter or VideoPose, got {type(model).__name__}"
        )
    if isinstance(model, VideoPose):
        losses: dict[str, keras.losses.Loss] = {
            "positions": JointPositionLoss(model.skeleton),
            "joint_shifts_1": JointShiftLoss(model.skeleton),
        }
        weights = dict.fromkeys(losses, 1.0)
    else:
        losses, weights = _anatomy_losses(model)
    arguments: dict[str, Any] = {
        "loss": {name: losses[name] for name in model.output_names},
        "loss_weights": {name: weights[name] for name in model.output_names},
    }
    if metrics:
        measured = [MPJPE(), PMPJPE(), PCK(), BoneLengthError(model.skeleton)]
        arguments["weighted_metrics"] = {"positions": measured}
    return arguments


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
