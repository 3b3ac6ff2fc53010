"""Doubts whether a file was understood, by what people look like in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.skeletons import Skeleton

_HIPS, _SHOULDERS = ("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")

_MOST = 0.95
"""Share of a clip's frames in which people must stand wrongly; a handstand is over before."""

_STEP = 0.1
"""Most of a person's size by which a clip's successive poses differ."""

_FEWEST = 10
"""Frames that tell something."""


def doubts(keypoints: NDArray[np.float32], layout: Skeleton, bare: bool) -> tuple[str, ...]:
    """Return reasons to doubt that x and y are what they were taken for, a line each.

    Args:
        keypoints: (T, J, 2) pixels of one person, NaN where a joint was not found.
        layout: names the joints.
        bare: whether nothing in the file says which number is x and which is y.
    """
    if not {*_HIPS, *_SHOULDERS} <= set(layout.joint_names):
        return ()
    low, high = (
        keypoints[:, [layout.index(name) for name in names]].mean(axis=1)
        for names in (_HIPS, _SHOULDERS)
    )
    trunk = (high - low)[~np.isnan(high - low).any(axis=1)]
    if len(trunk) < _FEWEST:
        return ()
    across, down = np.abs(trunk[:, 0]), trunk[:, 1]
    if (down > across).mean() >= _MOST:
        return ("the person is upside down nearly all the time: does the file measure y upwards?",)
    if bare and (across > np.abs(down)).mean() >= _MOST:
        return ("the person lies nearly all the time: is y before x in the file?",)
    return ()


def overlapping(places: NDArray[np.float32]) -> bool:
    """Return whether several poses (N, J, 2) of one frame lie over each other like a clip's."""
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    sizes = np.nanmax(places, axis=1) - np.nanmin(places, axis=1)
    return bool(np.nanmedian(steps) < _STEP * np.linalg.norm(np.nanmedian(sizes, axis=0)))
