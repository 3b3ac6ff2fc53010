"""Joint positions from bone lengths and directions."""

from __future__ import annotations

from typing import Any

import keras

from anatomy_tf.layers.bone_regressor import BoneRegressor


@keras.saving.register_keras_serializable(package="anatomy_tf")
class JointPositions(BoneRegressor):
    """Root-relative joint positions from bone lengths and bone directions (Eq. 1, section 4.2).

    Args:
        skeleton, regression, filters: see ``BoneRegressor``.

    Input: bone lengths (B, b), metres, and bone directions (B, b, 3).
    Output: positions (B, J, 3), metres. A learnt regression predicts the root too.
    """

    @property
    def vectors(self) -> int:
        return self.skeleton.joint_count

    def derive(self, positions: Any) -> Any:
        return positions
