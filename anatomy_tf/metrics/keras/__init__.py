"""Pose metrics that ``model.fit`` shows while a model trains.

Each is the mean over frames of the function of the same name in ``anatomy_tf.metrics``, computed by
Keras on any backend. ``compile_arguments`` gives all of them to a model.

Keras is imported when a name is first used.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.metrics.keras.bone_length_error import BoneLengthError
    from anatomy_tf.metrics.keras.frame_metric import FrameMetric
    from anatomy_tf.metrics.keras.mpjpe import MPJPE
    from anatomy_tf.metrics.keras.p_mpjpe import PMPJPE
    from anatomy_tf.metrics.keras.pck import PCK
else:
    __getattr__ = late_names(
        __name__,
        {
            "BoneLengthError": "bone_length_error",
            "FrameMetric": "frame_metric",
            "MPJPE": "mpjpe",
            "PCK": "pck",
            "PMPJPE": "p_mpjpe",
        },
    )

__all__ = ["MPJPE", "PCK", "PMPJPE", "BoneLengthError", "FrameMetric"]
