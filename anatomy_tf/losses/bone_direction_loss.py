"""Bone direction loss, Eq. 3."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import bone_directions
from anatomy_tf.losses.anatomy_loss import AnatomyLoss


@keras.saving.register_keras_serializable(package="anatomy_tf")
class BoneDirectionLoss(AnatomyLoss):
    """Squared distance of bone directions: L_D of Eq. 3.

    ``y_true``: positions (B, J, 3) of the target frame, metres. ``y_pred``: directions (B, b, 3).

    Args:
        skeleton, over: see ``AnatomyLoss``; Eq. 3 sums, the published implementation averages over
            bones.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        target = bone_directions(y_true, self.skeleton, xp=ops)
        return self.over_body(ops.sum(ops.square(target - y_pred), axis=-1))
