"""Training runs: configs, schedules, the optimizer, run folders and exact resume.

Each name's module is imported when the name is first used: most need Keras, refusing a missing
experiment does not.
"""

from anatomy_tf.extras import late_names

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
