"""A view of which a test needs only a few fields."""

from typing import Any

import numpy as np

from anatomy_tf.data import View
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton


def plain_view(frames: int = 3, skeleton: Skeleton = HUMAN36M_17, **fields: Any) -> View:
    """A view whose keypoints and positions are all at the origin, unless they are given."""
    joints = skeleton.joint_count
    plain = {
        "keypoints": np.zeros((frames, joints, 2)),
        "visibility": np.ones((frames, joints)),
        "positions": np.zeros((frames, joints, 3)),
        "intrinsics": np.ones(9),
        "skeleton": skeleton,
        "fps": 50,
        "subject": "S9",
        "action": "walk",
        "clip": "walk",
        "camera": "0",
    }
    return View(**(plain | fields))
