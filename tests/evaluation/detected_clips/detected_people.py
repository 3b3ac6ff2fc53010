"""A standing person, as truth and as an estimate."""

import numpy as np

from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17

WORLD_TO_CAMERA = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0.0]])
"""World (z up) to a level camera that looks along y."""

_HEIGHTS = {"ankle": 0.1, "knee": 0.5, "hip": 0.9, "spine": 1.1, "thorax": 1.35, "neck": 1.45}
_HEIGHTS |= {"head": 1.6, "shoulder": 1.4, "elbow": 1.1, "wrist": 0.9, "pelvis": 0.9}


def person(frames=4):
    """(T, 17, 3) root-relative metres, camera axes: somebody who stands still, arms forward."""
    places = []
    for name in HUMAN36M_17.joint_names:
        side = {"left": 0.2, "right": -0.2}.get(name.partition("_")[0], 0.0)
        forward = -0.3 if name.endswith(("elbow", "wrist")) else 0.0
        places.append([side, 0.9 - _HEIGHTS[name.rpartition("_")[2]], forward])
    return np.repeat(np.array(places)[None], frames, axis=0)


def poses_of(positions):
    """An estimate."""
    return PoseSequence(positions.astype(np.float32), HUMAN36M_17, 50)


def truth_of(positions, layout, *, kept=None, **known):
    """The truth that such an estimate has, at some place in the world."""
    names = HUMAN36M_17.joint_names
    world = positions @ WORLD_TO_CAMERA + [2, 3, 0.9]
    if layout == COCO_17:
        # The face is nowhere in the estimate's layout.
        world = np.stack(
            [
                world[:, names.index(name)] if name in names else world[:, names.index("head")]
                for name in COCO_17.joint_names
            ],
            axis=1,
        )
    kept = layout if kept is None else kept
    world = world[:, [layout.index(name) for name in kept.joint_names]]
    keypoints = KeypointSequence(
        np.ones((len(world), layout.joint_count, 2)),
        np.ones((len(world), layout.joint_count)),
        layout,
        50,
        640,
        480,
    )
    known = {"up": np.array([0, 0, 1.0])} | known
    return DetectedClip(keypoints, world, kept.joint_names, WORLD_TO_CAMERA, **known)
