"""The network of the paper, its baseline and the recipes they follow.

Configs and recipes need no Keras; the models import it when they are first named.
"""

from anatomy_tf.extras import late_names

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
