"""A person who stands or sways, for the tests of poses in the room."""

import numpy as np

from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17

FPS, FRAMES = 50.0, 200
LEFT, RIGHT = (HUMAN36M_17.index(f"{side}_ankle") for side in ("left", "right"))
LEGS = [
    [HUMAN36M_17.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle")]
    for side in ("left", "right")
]

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


def knees_between(positions):
    """Knees such that thigh and shank are 45 cm, bent forward (x)."""
    for hip, knee, ankle in LEGS:
        across = positions[:, ankle] - positions[:, hip]
        length = np.linalg.norm(across, axis=-1, keepdims=True)
        ahead = np.cross(across / length, (0.0, 1.0, 0.0))
        ahead *= np.sign(ahead[:, :1])
        middle = (positions[:, hip] + positions[:, ankle]) / 2
        positions[:, knee] = middle + np.sqrt(0.45**2 - length**2 / 4) * ahead
    return positions


def swaying():
    """Sways for two seconds, steps 40 cm ahead with the left foot in 0.4 s, sways again."""
    positions = np.repeat(standing()[None], FRAMES, axis=0)
    times = np.arange(FRAMES) / FPS
    step = np.clip((times - 2) / 0.4, 0, 1)
    step = step * step * (3 - 2 * step)
    body = np.stack([0.2 * step, 0.03 * np.sin(2 * times), 0 * times - 0.1], axis=-1)
    left, right = positions[:, LEFT].copy(), positions[:, RIGHT].copy()
    left[:, 0] += 0.4 * step
    left[:, 2] += 0.15 * np.sin(np.pi * step)
    positions += body[:, None]
    positions[:, LEFT], positions[:, RIGHT] = left, right
    return knees_between(positions)


def poses_of(positions, **facts):
    given = {"axes": "world", "root_relative": False}
    return PoseSequence(positions, HUMAN36M_17, FPS, **given | facts)
