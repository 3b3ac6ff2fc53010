"""Lifting clips with a trained model.

The models' names are known without Keras; ``Lifter`` and the like import what they need when they
are first named.
"""

import importlib
from typing import TYPE_CHECKING, Any

from anatomy_tf.inference.shipped_models import find_model, shipped_models

if TYPE_CHECKING:
    from anatomy_tf.inference.clip_lifter import Estimate
    from anatomy_tf.inference.data_set_estimates import store_estimates, store_spreads
    from anatomy_tf.inference.distillation import DistilledData
    from anatomy_tf.inference.levelling import estimate_up, level, up_of_camera
    from anatomy_tf.inference.lifter import Lifter
    from anatomy_tf.inference.root_position import place_in_camera
    from anatomy_tf.inference.smoothing import smooth
    from anatomy_tf.inference.spread_calibration import SpreadCalibration
    from anatomy_tf.inference.streaming import StreamingLifter
    from anatomy_tf.inference.trained_model import TrainedModel

__all__ = [
    "DistilledData",
    "Estimate",
    "Lifter",
    "SpreadCalibration",
    "StreamingLifter",
    "TrainedModel",
    "estimate_up",
    "find_model",
    "level",
    "place_in_camera",
    "shipped_models",
    "smooth",
    "store_estimates",
    "store_spreads",
    "up_of_camera",
]

_WHEN_NAMED = {
    "DistilledData": "distillation",
    "Estimate": "clip_lifter",
    "Lifter": "lifter",
    "SpreadCalibration": "spread_calibration",
    "StreamingLifter": "streaming",
    "TrainedModel": "trained_model",
    "estimate_up": "levelling",
    "level": "levelling",
    "place_in_camera": "root_position",
    "smooth": "smoothing",
    "store_estimates": "data_set_estimates",
    "store_spreads": "data_set_estimates",
    "up_of_camera": "levelling",
}


def __getattr__(name: str) -> Any:
    if name in _WHEN_NAMED:
        module = importlib.import_module(f"anatomy_tf.inference.{_WHEN_NAMED[name]}")
        return getattr(module, name)
    raise AttributeError(f"module 'anatomy_tf.inference' has no attribute {name!r}")
