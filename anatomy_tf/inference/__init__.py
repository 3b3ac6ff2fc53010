"""Lifting clips with a trained model.

The models' names are known without Keras; ``Lifter`` and the like import what they need when they
are first named.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names
from anatomy_tf.models.shipped_models import find_model, shipped_models

if TYPE_CHECKING:
    from anatomy_tf.inference.clip_lifter import Estimate
    from anatomy_tf.inference.data_set_estimates import store_estimates, store_spreads
    from anatomy_tf.inference.exported.litert_lifter import LiteRTLifter, LiteRTStream
    from anatomy_tf.inference.exported.onnx_lifter import ONNXLifter
    from anatomy_tf.inference.exported.saved_model_lifter import SavedModelLifter
    from anatomy_tf.inference.lifter import Lifter
    from anatomy_tf.inference.live.live_lifter import LiveLifter, LivePerson
    from anatomy_tf.inference.loading import load_lifter
    from anatomy_tf.inference.spread_calibration import SpreadCalibration
    from anatomy_tf.inference.streaming import StreamingLifter
else:
    __getattr__ = late_names(
        __name__,
        {
            "Estimate": "clip_lifter",
            "LiteRTLifter": "exported.litert_lifter",
            "LiteRTStream": "exported.litert_lifter",
            "Lifter": "lifter",
            "LiveLifter": "live.live_lifter",
            "LivePerson": "live.live_lifter",
            "ONNXLifter": "exported.onnx_lifter",
            "SavedModelLifter": "exported.saved_model_lifter",
            "SpreadCalibration": "spread_calibration",
            "StreamingLifter": "streaming",
            "load_lifter": "loading",
            "store_estimates": "data_set_estimates",
            "store_spreads": "data_set_estimates",
        },
    )

__all__ = [
    "Estimate",
    "LiteRTLifter",
    "LiteRTStream",
    "Lifter",
    "LiveLifter",
    "LivePerson",
    "ONNXLifter",
    "SavedModelLifter",
    "SpreadCalibration",
    "StreamingLifter",
    "find_model",
    "load_lifter",
    "shipped_models",
    "store_estimates",
    "store_spreads",
]
