"""Models that leave the package: SavedModel, LiteRT and ONNX.

TensorFlow is imported when a function that needs it is first named.
"""

from anatomy_tf.extras import late_names

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
