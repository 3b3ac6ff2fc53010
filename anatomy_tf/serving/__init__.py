"""A server of exported models over TensorFlow Serving's protocols, and a client for either.

Neither Ray nor TensorFlow is imported before a name that needs it is used.
"""

from anatomy_tf.extras import late_names

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
