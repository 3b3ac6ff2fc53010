"""The rarity of each clip's postures, so that rare ones can be trained on more often."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import perpendicular, unit
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.errors import AnatomyError

KINDS = 128
"""Number of kinds of postures that are told apart."""

POSTURES_A_SECOND = 5
"""Postures of a clip that are looked at, a second."""

MOST_POSTURES = 60_000
"""Most postures that the kinds are found from."""

ARM_WEIGHT = 0.6
"""Weight of an arm's directions beside a leg's and the trunk's."""

_LIMBS = [
    (f"{side}_{start}", f"{side}_{end}", weight)
    for side in ("left", "right")
    for start, end, weight in (
        ("hip", "knee", 1.0),
        ("knee", "ankle", 1.0),
        ("shoulder", "elbow", ARM_WEIGHT),
        ("elbow", "wrist", ARM_WEIGHT),
    )
]
_JOINTS = sorted({joint for start, end, _ in _LIMBS for joint in (start, end)})
_LEAST_SHARE = 1e-4


def posture_rarity(
    clips: Sequence[MotionClip], views: Sequence[int], power: float
) -> NDArray[np.float64]:
    """Return the rarity (C,) of the postures in each of C clips, a weight for ``balanced_views``.

    A posture is the directions of the limbs in the trunk's axes, and how the trunk leans. Postures
    are grouped into ``KINDS`` kinds by k-means. A kind's rarity is its share of all views' time, to
    the power of ``-power``. A clip's rarity is the mean over its time.

    Args:
        clips: motions.
        views: number of views of each clip so far.
        power: 0 makes all clips alike; with 1, each kind of posture would take the same time if
            every clip held one kind.

    Raises:
        AnatomyError: for a layout that lacks a hip, knee, ankle, shoulder, elbow or wrist.
    """
    # SciPy's clusters are slow to import, and only training on rare postures needs them.
    from scipy.cluster.vq import kmeans2, vq

    of_clips = [_postures(clip) for clip in clips]
    every = np.concatenate(of_clips)
    # A clip without views so far counts a little, so that its postures get a kind.
    times = np.repeat(np.asarray(views) + 0.05, [len(postures) for postures in of_clips])
    chosen = np.random.default_rng(0).choice(
        len(every), min(MOST_POSTURES, len(every)), p=times / times.sum()
    )
    different = len(np.unique(every[chosen].round(3), axis=0))
    with warnings.catch_warnings():
        # A kind that no posture is nearest to is not counted.
        warnings.filterwarnings("ignore", "One of the clusters is empty", UserWarning)
        kinds, labels = kmeans2(every[chosen], min(KINDS, different), minit="++", seed=0)
    shares = np.bincount(labels, minlength=len(kinds)) / len(labels) + _LEAST_SHARE
    rarity = shares**-power
    return np.array([rarity[vq(postures, kinds)[0]].mean() for postures in of_clips])


def _postures(clip: MotionClip) -> NDArray[np.float64]:
    """Return a clip's postures (n, 27), ``POSTURES_A_SECOND`` a second of it."""
    names = clip.skeleton.joint_names
    missing = [joint for joint in _JOINTS if joint not in names]
    if missing:
        raise AnatomyError(
            f"clip {clip.name}: postures need hips, knees, ankles, shoulders, elbows and wrists; "
            f"{clip.skeleton.name} has no {', '.join(missing)}"
        )
    every = max(1, round(clip.fps / POSTURES_A_SECOND))
    frames = np.asarray(clip.positions, np.float64)[::every]
    at = {joint: frames[:, names.index(joint)] for joint in _JOINTS}
    up = unit(at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"])
    left = perpendicular(at["left_hip"] - at["right_hip"], up)
    axes = np.stack([left, np.cross(left, up), up], axis=1)
    lean = axes[:, :, 2]
    limbs = [
        weight * np.einsum("tij,tj->ti", axes, unit(at[end] - at[start]))
        for start, end, weight in _LIMBS
    ]
    return np.concatenate([lean, *limbs], axis=1)
