"""Lifting clips with a trained model.

The models' names are known without Keras; ``Lifter`` and the like import what they need when they
are first named.
"""

from anatomy_tf.extras import late_names

# Here, as Python would set the module in the function's place when it is first imported.
from anatomy_tf.inference.shipped_models import find_model, shipped_models  # noqa: F401

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
