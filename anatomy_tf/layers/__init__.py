"""The Keras layers of the network, for any backend of Keras.

Keras is imported when a name is first used.
"""

from anatomy_tf.extras import late_names

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
