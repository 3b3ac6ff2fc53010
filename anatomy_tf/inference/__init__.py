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
    from anatomy_tf.inference.lifter import Lifter
    from anatomy_tf.inference.spread_calibration import SpreadCalibration
    from anatomy_tf.inference.streaming import StreamingLifter

__all__ = [
    "Estimate",
    "Lifter",
    "SpreadCalibration",
    "StreamingLifter",
    "find_model",
    "shipped_models",
    "store_estimates",
    "store_spreads",
]

_WHEN_NAMED = {
    "Estimate": "clip_lifter",
    "Lifter": "lifter",
    "SpreadCalibration": "spread_calibration",
    "StreamingLifter": "streaming",
    "store_estimates": "data_set_estimates",
    "store_spreads": "data_set_estimates",
}


def __getattr__(name: str) -> Any:
    if name in _WHEN_NAMED:
        module = importlib.import_module(f"anatomy_tf.inference.{_WHEN_NAMED[name]}")
        return getattr(module, name)
    raise AttributeError(f"module 'anatomy_tf.inference' has no attribute {name!r}")
