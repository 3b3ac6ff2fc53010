"""Joint shift loss, Eq. 2."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import joint_shifts, norm
from anatomy_tf.losses.anatomy_loss import AnatomyLoss, Over
from anatomy_tf.skeletons import Skeleton


@keras.saving.register_keras_serializable(package="anatomy_tf")
class JointShiftLoss(AnatomyLoss):
    """Distance of relative joint shifts: L_JS of Eq. 2.

    ``y_true``: root-relative positions (B, J, 3), metres. ``y_pred``: shifts (B, p, 3), metres.

    Args:
        skeleton, over: see ``AnatomyLoss``; Eq. 2 sums, the published implementation averages over
            pairs.
        self_pairs: whether the pairs include each joint with itself, see ``Skeleton.joint_pairs``.
    """

    def __init__(
        self,
        skeleton: Skeleton | dict[str, Any] | str = "human36m_17",
        over: Over = "mean",
        self_pairs: bool = False,
        name: str | None = None,
        reduction: str = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        super().__init__(skeleton, over, name=name, reduction=reduction, dtype=dtype)
        self.self_pairs = self_pairs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        target = joint_shifts(y_true, self.skeleton, self.self_pairs, xp=ops)
        return self.over_body(norm(target - y_pred, xp=ops))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "self_pairs": self.self_pairs}
