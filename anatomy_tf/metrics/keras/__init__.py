"""Pose metrics that ``model.fit`` shows while a model trains.

Each is the mean over frames of the function of the same name in ``anatomy_tf.metrics``, computed by
Keras on any backend. ``compile_arguments`` gives all of them to a model.

Keras is imported when a name is first used.
"""

from anatomy_tf.extras import late_names

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
