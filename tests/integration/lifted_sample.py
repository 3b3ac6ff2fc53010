"""The sample, lifted by the shipped model, in the room: what the exports are judged by."""

import dataclasses

import numpy as np

from anatomy_tf.cameras import Camera, default_focal_length
from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.inference import Lifter
from anatomy_tf.poses import level, place_in_camera, stand_on_floor
from anatomy_tf.sequences import PoseSequence


@dataclasses.dataclass(frozen=True)
class LiftedSample:
    """Attributes: as lifted; with bones of constant length; as lifted, on the floor of a room."""

    plain: PoseSequence
    rigid: PoseSequence
    standing: PoseSequence


def lifted_sample() -> LiftedSample:
    """Lifts the first person of the sample with ``compact``."""
    keypoints = load_keypoints(sample_keypoints())[0]
    lifter = Lifter.load("compact")
    plain, rigid = (lifter.lift(keypoints, rigid=rigid) for rigid in (False, True))
    size = keypoints.width, keypoints.height
    placed = place_in_camera(plain, keypoints, Camera.pinhole(default_focal_length(*size), *size))
    return LiftedSample(plain, rigid, stand_on_floor(level(placed)))


def distances(found: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Mean and largest distance in millimetres between joints (T, J, 3)."""
    apart = 1000 * np.linalg.norm(found - expected, axis=-1)
    return float(apart.mean()), float(apart.max())
