"""Models that leave the package: SavedModel, LiteRT and ONNX.

TensorFlow is imported when a function that needs it is first named.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anatomy_tf.export.inspection import inspect_model
    from anatomy_tf.export.lifting_graph import LiftingGraph
    from anatomy_tf.export.litert import export_litert
    from anatomy_tf.export.litert_file import read_litert_description
    from anatomy_tf.export.litert_lifter import LiteRTLifter, LiteRTStream
    from anatomy_tf.export.onnx_model import export_onnx
    from anatomy_tf.export.saved_model import export_saved_model

__all__ = [
    "LiftingGraph",
    "LiteRTLifter",
    "LiteRTStream",
    "export_litert",
    "export_onnx",
    "export_saved_model",
    "inspect_model",
    "read_litert_description",
]

_WHEN_NAMED = {
    "LiftingGraph": "lifting_graph",
    "LiteRTLifter": "litert_lifter",
    "LiteRTStream": "litert_lifter",
    "export_litert": "litert",
    "export_onnx": "onnx_model",
    "export_saved_model": "saved_model",
    "inspect_model": "inspection",
    "read_litert_description": "litert_file",
}


def __getattr__(name: str) -> Any:
    if name in _WHEN_NAMED:
        return getattr(importlib.import_module(f"anatomy_tf.export.{_WHEN_NAMED[name]}"), name)
    raise AttributeError(f"module 'anatomy_tf.export' has no attribute {name!r}")
