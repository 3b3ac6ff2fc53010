"""Motions, virtual cameras, simulated detections; sequences, windows and batches for training.

``Batches``, ``FollowEpoch`` and ``load_batches`` import Keras, so they load when first named.
"""

from anatomy_tf.extras import late_names

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
