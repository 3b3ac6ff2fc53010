"""A made-up walker, seen by a made-up camera."""

import dataclasses

import numpy as np
import pytest

from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17

_HIPS, _LEG, _TRUNK, _ARM = 0.13, 0.44, 0.25, 0.28


@dataclasses.dataclass(frozen=True)
class Walk:
    """The same frames three times: seen, root-relative, and where they are in front of the camera.

    Attributes:
        keypoints: pixels; the right wrist is missing in every fifth frame.
        poses: camera axes, root-relative.
        placed: camera axes, absolute.
    """

    keypoints: KeypointSequence
    poses: PoseSequence
    placed: PoseSequence


def _limb(angle: np.ndarray, length: float) -> np.ndarray:
    """Walker's axes: x to the person's left, y forward, z up."""
    return np.stack([0 * angle, np.sin(angle) * length, -np.cos(angle) * length], axis=-1)


def make_walk(
    frames: int, fps: float = 50.0, size: tuple[int, int] = (1280, 720), speed: float = 1.2
) -> Walk:
    """A person of 1.7 m who walks past the camera at 4.5 m, one step in 0.55 s."""
    time = np.arange(frames) / fps
    phase = np.pi * time / 0.55
    joints = np.zeros((frames, 17, 3))

    def put(name: str, parent: str, offset: np.ndarray) -> None:
        joints[:, HUMAN36M_17.index(name)] = joints[:, HUMAN36M_17.index(parent)] + offset

    for side, sign, shift in (("left", 1, 0.0), ("right", -1, np.pi)):
        swing = 0.45 * np.sin(phase + shift)
        knee = swing - 0.35 - 0.35 * np.sin(phase + shift - 1.9)
        put(f"{side}_hip", "pelvis", np.array([sign * _HIPS, 0, 0]))
        put(f"{side}_knee", f"{side}_hip", _limb(swing, _LEG))
        put(f"{side}_ankle", f"{side}_knee", _limb(knee, _LEG))
    put("spine", "pelvis", np.array([0, 0.01, _TRUNK]))
    put("thorax", "spine", np.array([0, 0.02, _TRUNK]))
    put("neck", "thorax", np.array([0, 0.03, 0.10]))
    put("head", "neck", np.array([0, 0.01, 0.13]))
    for side, sign, shift in (("left", 1, np.pi), ("right", -1, 0.0)):
        swing = 0.5 * np.sin(phase + shift)
        put(f"{side}_shoulder", "thorax", np.array([sign * 0.16, 0, 0.0]))
        put(f"{side}_elbow", f"{side}_shoulder", _limb(swing, _ARM))
        put(f"{side}_wrist", f"{side}_elbow", _limb(swing + 0.6, 0.9 * _ARM))
    # Camera axes: the walk goes to the image's right and 30 degrees towards the camera.
    heading = np.radians(30)
    ahead = np.array([np.cos(heading), 0, -np.sin(heading)])
    aside = np.array([-ahead[2], 0, ahead[0]])
    body = joints[..., :1] * aside + joints[..., 1:2] * ahead + joints[..., 2:] * [0, -1, 0]
    path = speed * (time - time.mean())[:, None] * ahead + [0, 0.1, 4.5]
    placed = body + path[:, None]
    width, height = size
    pixels = placed[..., :2] / placed[..., 2:] * (1.7 * height) + [width / 2, height / 2]
    visibility = np.clip(0.9 - 0.5 * (body[..., 2] > 0.1), 0, 1)
    pixels[::5, HUMAN36M_17.index("right_wrist")] = np.nan
    return Walk(
        KeypointSequence(pixels, visibility, HUMAN36M_17, fps, width, height, source="walk.npz"),
        PoseSequence(body, HUMAN36M_17, fps),
        PoseSequence(placed, HUMAN36M_17, fps, root_relative=False),
    )


@pytest.fixture(scope="session")
def walk() -> Walk:
    """Two seconds at 50 frames a second."""
    return make_walk(100)


@pytest.fixture(scope="session")
def minute() -> Walk:
    """A minute at 50 frames a second, far enough away to stay before the camera."""
    return make_walk(3000, speed=0.05)
