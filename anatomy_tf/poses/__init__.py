"""Poses after lifting: smoothing, the place in the room, joint angles, warnings.

SciPy's filters take a second to import, so the modules load when their names are first used.
"""

from anatomy_tf.extras import late_names

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
