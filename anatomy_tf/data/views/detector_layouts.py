"""A detector's keypoints on a body with known joints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import perpendicular, unit
from anatomy_tf.data.views.simulated_detections import drifting_noise
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton

MIDDLES = {
    "mid_hip": ("left_hip", "right_hip"),
    "pelvis": ("left_hip", "right_hip"),
    "mid_shoulders": ("left_shoulder", "right_shoulder"),
}
"""Points half-way between two joints."""

HEAD_POINTS = {
    "nose": (0.0, 0.11, -0.05),
    "left_ear": (0.08, -0.01, -0.03),
    "right_ear": (-0.08, -0.01, -0.03),
    "head_top": (0.0, 0.0, 0.09),
}
"""Metres from the joint ``head`` to the left, forward and up along the neck, for an adult with a
head bone of ``HEAD_BONE``. Heights are those of ``docs/keypoint_layouts.md`` (ears 0.71 above the
hips, head 0.74, top of the head 0.83). Ears are 0.16 to 0.17 apart and the nose is 0.12 in front of
them, as triangulated from eight cameras."""

HEAD_BONE = 0.14
_LOOKS_ASIDE = np.deg2rad(15.0)
_LOOKS_AROUND = np.deg2rad(20.0)
_LOOKING_SECONDS = 1.0


def layout_points(
    positions: NDArray[np.floating],
    skeleton: Skeleton,
    names: Sequence[str],
    rng: np.random.Generator,
    fps: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the places of a detector's keypoints on a body, and which of the face are hidden.

    Joints that the motion has are taken as they are; a middle is the mean of two. The points of the
    head follow from neck and head and from a gaze that was not measured: forward, as the shoulders
    are turned, plus a random angle about the neck that drifts.

    Args:
        positions: (T, J, 3) metres in the camera's axes.
        skeleton: the skeleton of the J joints.
        names: names of the N wanted keypoints.
        rng: the source of randomness, for the gaze.
        fps: frames a second.

    Returns:
        (T, N, 3) points, and (T, N) how far the head hides a point of the face from the camera,
        0 to 1; 0 for all other points.

    Raises:
        AnatomyError: naming the keypoints that cannot be made of these joints.
    """
    points = np.empty((len(positions), len(names), 3), np.float32)
    averted = np.zeros(points.shape[:2], np.float32)
    known = {name: positions[:, i] for i, name in enumerate(skeleton.joint_names)}
    needed = {"neck", "head", "left_shoulder", "right_shoulder", "left_hip", "right_hip"}
    if needed <= set(known):
        known = _head(known, rng, fps) | known
    unknown = []
    for column, name in enumerate(names):
        if name in known:
            points[:, column] = known[name]
        elif set(MIDDLES.get(name, " ")) <= set(known):
            points[:, column] = np.mean([known[side] for side in MIDDLES[name]], axis=0)
        else:
            unknown.append(name)
    if unknown:
        raise AnatomyError(
            f"skeleton {skeleton.name!r} has nothing to stand for the keypoints "
            f"{', '.join(unknown)}"
        )
    if {"head", "nose", "left_ear", "right_ear"} <= set(known):
        hidden = _averted(known)
        for column, name in enumerate(names):
            averted[:, column] = hidden.get(name, np.float32(0))
    return points, averted


def _head(
    known: dict[str, NDArray[np.floating]], rng: np.random.Generator, fps: float
) -> dict[str, NDArray[np.floating]]:
    """Return the points of ``HEAD_POINTS`` by name, (T, 3) each."""
    bone = known["head"] - known["neck"]
    up = unit(bone)
    spine = known["left_shoulder"] + known["right_shoulder"]
    spine = spine - known["left_hip"] - known["right_hip"]
    forward = np.cross(known["left_shoulder"] - known["right_shoulder"], spine)
    forward = perpendicular(forward, up)
    memory = np.exp(-1 / (_LOOKING_SECONDS * fps))
    aside = _LOOKS_AROUND * drifting_noise(rng, (len(up), 1), memory)
    aside += np.float32(_LOOKS_ASIDE * rng.standard_normal())
    forward = np.cos(aside) * forward + np.sin(aside) * np.cross(up, forward)
    left = np.cross(up, forward)
    scale = np.clip(np.linalg.norm(bone, axis=-1).mean() / HEAD_BONE, 0.7, 1.4)
    return {
        name: known["head"] + scale * (to_left * left + ahead * forward + above * up)
        for name, (to_left, ahead, above) in HEAD_POINTS.items()
    }


def _averted(known: dict[str, NDArray[np.floating]]) -> dict[str, NDArray[np.float32]]:
    """Return how far the head hides the nose and each ear, (T,): 1 out of sight, 0 in sight.

    A detector of COCO's points gives an ear a score below 0.05 once it is turned about 20 degrees
    away, or more if the face is turned away too; the nose only when it is seen from behind (32
    views of a dancer).
    """
    to_camera = -unit(known["head"])
    outward = unit(known["left_ear"] - known["right_ear"])
    middle = (known["left_ear"] + known["right_ear"]) / 2
    facing = np.sum(unit(known["nose"] - middle) * to_camera, axis=-1)
    left = np.sum(outward * to_camera, axis=-1)
    limit = 0.35 + 0.4 * np.maximum(-facing, 0)
    beyond = {"nose": -facing - 0.8, "left_ear": -left - limit, "right_ear": left - limit}
    return {
        name: np.clip(0.5 + values / 0.2, 0, 1).astype(np.float32)
        for name, values in beyond.items()
    }
