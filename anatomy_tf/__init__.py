"""Turn the 2D keypoints of a video into 3D human poses whose bones keep their lengths.

``load_keypoints`` reads keypoints, ``Lifter`` makes poses of them, ``save_poses`` writes these and
``load_poses`` reads them again:

    >>> people = anatomy_tf.load_keypoints("keypoints.npz")  # doctest: +SKIP
    >>> poses = anatomy_tf.Lifter.load("compact").lift_all(people)  # doctest: +SKIP
    >>> anatomy_tf.save_poses("poses.bvh", poses)  # doctest: +SKIP

Positions are in metres, by default relative to the pelvis and in the camera's axes: x right, y
down, z away from the camera.

The sub-packages, called rooms, load when they are first named, so that ``import anatomy_tf`` stays
fast: lifting needs neither Keras nor TensorFlow, and ``anatomy_tf.AnatomyLifter`` imports them.
"""

from anatomy_tf.extras import late_names
from anatomy_tf.keras_classes import register_with_keras

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = late_names(__name__, __file__)
__all__ += ["__version__"]

register_with_keras()
