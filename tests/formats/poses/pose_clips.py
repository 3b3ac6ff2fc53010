"""Clips of poses that the tests of the writers share."""

from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton


def moving(skeleton: Skeleton = HUMAN36M_17, frames: int = 12, **facts: Any) -> PoseSequence:
    """Every bone of its own fixed length (10, 11, 12 ... cm) turns its own way; the root walks."""
    rng = np.random.default_rng(0)
    positions = np.zeros((frames, skeleton.joint_count, 3))
    done = [skeleton.root]
    positions[:, skeleton.root] = np.cumsum(rng.normal(0, 0.02, (frames, 3)), axis=0)
    positions[:, skeleton.root] += np.array([1, 2, 3])
    for joint in done:
        for bone, (parent, child) in enumerate(skeleton.bones):
            if parent == joint:
                axis = rng.normal(size=3)
                turns = Rotation.from_rotvec(np.linspace(0, 2, frames)[:, None] * axis)
                start = rng.normal(size=3)
                start *= (0.10 + 0.01 * bone) / np.linalg.norm(start)
                positions[:, child] = positions[:, parent] + turns.apply(start)
                done.append(child)
    given: dict[str, Any] = {"axes": "camera", "root_relative": False, "person": "7"}
    return PoseSequence(positions, skeleton, 50, **given | facts)
