"""Lift 2D keypoint video to anatomically consistent 3D human pose.

The rooms of the package load when they are first named, so that ``import anatomy_tf`` stays fast:
lifting needs neither Keras nor TensorFlow, and ``anatomy_tf.AnatomyLifter`` imports them.
"""

from anatomy_tf.extras import late_names
from anatomy_tf.keras_classes import register_with_keras

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
__all__ += ["__version__"]

register_with_keras()
