"""Bone length loss, Eq. 4."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.losses.anatomy_loss import AnatomyLoss


@keras.saving.register_keras_serializable(package="anatomy_tf")
class BoneLengthLoss(AnatomyLoss):
    """Squared error of bone lengths: L_L of Eq. 4.

    ``y_true``: bone lengths (B, b), or positions (B, J, 3) from which they are computed; metres.
    ``y_pred``: bone lengths (B, b), metres.

    Args:
        skeleton, over: see ``AnatomyLoss``; Eq. 4 sums, the published implementation averages over
            bones.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        target = bone_lengths(y_true, self.skeleton, xp=ops) if len(y_true.shape) == 3 else y_true
        return self.over_body(ops.square(target - y_pred))
