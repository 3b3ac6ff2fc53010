"""Models that leave the package: SavedModel, LiteRT and ONNX.

TensorFlow is imported when a function is first named.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anatomy_tf.export.inspection import inspect_model
    from anatomy_tf.export.lifting_graph import LiftingGraph
    from anatomy_tf.export.onnx_model import export_onnx
    from anatomy_tf.export.saved_model import export_saved_model

__all__ = ["LiftingGraph", "export_onnx", "export_saved_model", "inspect_model"]

_WHEN_NAMED = {
    "LiftingGraph": "lifting_graph",
    "export_onnx": "onnx_model",
    "export_saved_model": "saved_model",
    "inspect_model": "inspection",
}


def __getattr__(name: str) -> Any:
    if name in _WHEN_NAMED:
        return getattr(importlib.import_module(f"anatomy_tf.export.{_WHEN_NAMED[name]}"), name)
    raise AttributeError(f"module 'anatomy_tf.export' has no attribute {name!r}")
