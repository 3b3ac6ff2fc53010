"""The error of bone lengths while a model trains."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.layers.skeleton_config import skeleton_from_config
from anatomy_tf.metrics.keras.frame_metric import MILLIMETRES, FrameMetric
from anatomy_tf.skeletons import Skeleton


@keras.saving.register_keras_serializable(package="anatomy_tf")
class BoneLengthError(FrameMetric):
    """Mean absolute error of the bone lengths in millimetres.

    Args:
        skeleton: names the joints.
        name: the metric's name in logs.
        dtype: dtype of the running sums.
    """

    def __init__(
        self,
        skeleton: Skeleton | dict[str, Any] | str = "human36m_17",
        name: str = "bone_length_error_mm",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.skeleton = skeleton_from_config(skeleton)

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return the error (...) of each frame in millimetres."""
        true, predicted = (bone_lengths(each, self.skeleton, xp=ops) for each in (y_true, y_pred))
        return MILLIMETRES * ops.mean(ops.abs(predicted - true), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "skeleton": self.skeleton.to_dict()}
