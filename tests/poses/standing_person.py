"""A person who stands, for the tests of poses in the room."""

import numpy as np

from anatomy_tf.skeletons import HUMAN36M_17

# Standing in a world with z up, facing x; metres.
STANDING = {
    "pelvis": (0, 0, 0.9),
    "right_hip": (0, -0.1, 0.9),
    "right_knee": (0, -0.1, 0.5),
    "right_ankle": (0, -0.1, 0.1),
    "left_hip": (0, 0.1, 0.9),
    "left_knee": (0, 0.1, 0.5),
    "left_ankle": (0, 0.1, 0.1),
    "spine": (0, 0, 1.1),
    "thorax": (0, 0, 1.4),
    "neck": (0, 0, 1.5),
    "head": (0, 0, 1.6),
    "left_shoulder": (0, 0.2, 1.4),
    "left_elbow": (0, 0.2, 1.1),
    "left_wrist": (0, 0.2, 0.9),
    "right_shoulder": (0, -0.2, 1.4),
    "right_elbow": (0, -0.2, 1.1),
    "right_wrist": (0, -0.2, 0.9),
}


def standing() -> np.ndarray:
    """(17, 3) metres, z up, facing x."""
    return np.array([STANDING[name] for name in HUMAN36M_17.joint_names], np.float64)
