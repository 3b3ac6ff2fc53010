"""Models that leave the package: SavedModel, LiteRT and ONNX.

TensorFlow is imported when a function that needs it is first named.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.export.inspection import inspect_model
    from anatomy_tf.export.lifting_graph import LiftingGraph
    from anatomy_tf.export.litert import export_litert
    from anatomy_tf.export.onnx_model import export_onnx
    from anatomy_tf.export.saved_model import export_saved_model
else:
    __getattr__ = late_names(
        __name__,
        {
            "LiftingGraph": "lifting_graph",
            "export_litert": "litert",
            "export_onnx": "onnx_model",
            "export_saved_model": "saved_model",
            "inspect_model": "inspection",
        },
    )

__all__ = [
    "LiftingGraph",
    "export_litert",
    "export_onnx",
    "export_saved_model",
    "inspect_model",
]
