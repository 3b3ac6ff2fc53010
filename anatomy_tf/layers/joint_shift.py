"""Relative shifts of distant joints."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import joint_shifts
from anatomy_tf.layers.bone_regressor import BoneRegressor, Regression
from anatomy_tf.skeletons import Skeleton


@keras.saving.register_keras_serializable(package="anatomy_tf")
class JointShift(BoneRegressor):
    """Shifts between all joint pairs that no bone joins, the X_JS of Eq. 2.

    No gradient passes to the bone lengths: the joint shift loss trains the bone direction network
    only (section 3.4).

    Args:
        skeleton, regression, filters: see ``BoneRegressor``.
        self_pairs: include the pairs of a joint with itself, as the published implementation does.

    Input: bone lengths (B, b), metres, and bone directions (B, b, 3).
    Output: (B, p, 3) metres, from joint k1 to joint k2 in the order of ``Skeleton.joint_pairs``.

    Example:
        >>> layer = JointShift(HUMAN36M_17)
        >>> layer([np.ones((2, 16), "float32"), np.ones((2, 16, 3), "float32")]).shape
        (2, 120, 3)
    """

    def __init__(
        self,
        skeleton: Skeleton | dict[str, Any],
        regression: Regression = "concatenation",
        filters: int = 1024,
        self_pairs: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(skeleton, regression, filters, **kwargs)
        self.self_pairs = self_pairs

    @property
    def vectors(self) -> int:
        return len(self.skeleton.joint_pairs(self.self_pairs))

    def derive(self, positions: Any) -> Any:
        return joint_shifts(positions, self.skeleton, self.self_pairs, xp=ops)

    def call(self, inputs: list[Any]) -> Any:
        lengths, directions = inputs
        return super().call([ops.stop_gradient(lengths), directions])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "self_pairs": self.self_pairs}
