"""Joint position loss, Eq. 5."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import norm
from anatomy_tf.losses.anatomy_loss import AnatomyLoss
from anatomy_tf.skeletons import Skeleton


@keras.saving.register_keras_serializable(package="anatomy_tf")
class JointPositionLoss(AnatomyLoss):
    """Mean distance of joint positions: L_J of Eq. 5, or the mean per-joint position error.

    ``y_true`` and ``y_pred``: root-relative positions (B, J, 3), metres, or of chunks of F
    neighbouring frames (B, F, J, 3).

    Args:
        skeleton: names the joints.
        squared: square each distance, as Eq. 5 prints it; the text and the published
            implementation call it MPJPE and do not.
        velocity_weight: weight of the mean error in the joints' movements since the frame before,
            which is added for chunks. A movement has the product of both frames' sample weights, so
            that none from or to a frame without a true pose counts.
    """

    def __init__(
        self,
        skeleton: Skeleton | dict[str, Any] | str = "human36m_17",
        squared: bool = False,
        velocity_weight: float = 0.0,
        name: str | None = None,
        reduction: str = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        super().__init__(skeleton, "mean", name=name, reduction=reduction, dtype=dtype)
        self.squared = squared
        self.velocity_weight = velocity_weight
        self._movement = _MovementLoss(skeleton, name=name, reduction=reduction, dtype=dtype)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the loss, reduced; ``sample_weight`` is (B,) or, for chunks, (B, F)."""
        error = super().__call__(y_true, y_pred, sample_weight)
        if self.velocity_weight and len(y_pred.shape) == 4:
            moved = self._movement(y_true, y_pred, _of_movements(sample_weight))
            error = error + self.velocity_weight * moved
        return error

    def call(self, y_true: Any, y_pred: Any) -> Any:
        difference = y_true - y_pred
        distance = (
            ops.sum(ops.square(difference), axis=-1) if self.squared else norm(difference, xp=ops)
        )
        return self.over_body(distance)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["over"]
        return {**config, "squared": self.squared, "velocity_weight": self.velocity_weight}


class _MovementLoss(AnatomyLoss):
    """Mean distance between the predicted and true movements of joints since the frame before."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        difference = y_true - y_pred
        moved = norm(difference[:, 1:] - difference[:, :-1], xp=ops)
        # A chunk's first frame has none before it.
        return ops.pad(self.over_body(moved), ((0, 0), (1, 0)))


def _of_movements(weights: Any) -> Any:
    """Return the weights of the movements to each frame from the frames' weights (B, F)."""
    if weights is None or len(weights.shape) < 2:
        return weights
    return ops.pad(weights[:, 1:] * weights[:, :-1], ((0, 0), (1, 0)))
