"""Lifting clips with a trained model.

The models' names are known without Keras; ``Lifter`` and the like import it when first named.
"""

import importlib
from typing import TYPE_CHECKING, Any

from anatomy_tf.inference.shipped_models import find_model, shipped_models

if TYPE_CHECKING:
    from anatomy_tf.inference.data_set_estimates import store_estimates
    from anatomy_tf.inference.lifter import Estimate, Lifter
    from anatomy_tf.inference.streaming import StreamingLifter

__all__ = [
    "Estimate",
    "Lifter",
    "StreamingLifter",
    "find_model",
    "shipped_models",
    "store_estimates",
]

_WITH_KERAS = {
    "Estimate": "lifter",
    "Lifter": "lifter",
    "StreamingLifter": "streaming",
    "store_estimates": "data_set_estimates",
}


def __getattr__(name: str) -> Any:
    if name in _WITH_KERAS:
        module = importlib.import_module(f"anatomy_tf.inference.{_WITH_KERAS[name]}")
        return getattr(module, name)
    raise AttributeError(f"module 'anatomy_tf.inference' has no attribute {name!r}")
