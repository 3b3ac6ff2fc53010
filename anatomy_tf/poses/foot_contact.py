"""Times in which a foot stands on the floor: it is slow and low.

Strict limits of speed and height begin such a time, wider ones end it.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import unit
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.poses.person_height import LEG_SHARE, stature
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.sequences.frame_runs import frame_runs
from anatomy_tf.sequences.person_checks import check_person

SIDES = ("left", "right")

SPEEDS = (0.2, 0.4)
"""m/s of a standing ankle: below the first it may begin to stand, above the second it no longer
stands. On 48 lifted views of motion capture 84 % of the frames so found stand in the true motion
too, and 86 % of those that stand there are found (``benchmarks/room.py``)."""

HEIGHTS = (0.06, 0.08)
"""Metres above or below the height at which ankles stand, to begin and to go on standing."""

DEPTH_SHARE = 0.3
"""Weight of speed along the camera's ray, which is seen far worse than speed across it."""

SPAN = 0.08
"""Seconds before and after a frame over which its speed is measured."""

SHORTEST = 0.1
"""Least seconds that a foot stands."""

LONGEST_GUESS = 0.5
"""Seconds up to which poses between frames in which the person is seen show where feet stand."""


@dataclasses.dataclass(frozen=True, eq=False)
class FootContacts(EqualFields):
    """Frames in which each foot stands.

    Attributes:
        standing: (T, 2) whether the left and the right foot stand.
        height: z, metres, at which ankles stand.
    """

    standing: NDArray[np.bool_]
    height: float

    def intervals(self, foot: int) -> list[tuple[int, int]]:
        """Return the first and one past the last frame of each time that a foot stands.

        Args:
            foot: 0 left, 1 right.
        """
        return frame_runs(self.standing[:, foot])


def foot_contacts(poses: PoseSequence) -> FootContacts:
    """Find when the person's feet stand on a level floor.

    Poses in which the person is not seen are guesses and do not tell the height of the floor.
    Before the first and after the last frame in which the person is seen, the pose of that frame is
    repeated, and a foot that stands in it goes on standing. In gaps between seen frames that are
    longer than ``LONGEST_GUESS`` no foot stands.

    Args:
        poses: placed, in world axes.

    Raises:
        AnatomyError: for root-relative poses, camera axes, or a skeleton without legs.
    """
    check_person(poses, PoseSequence)
    where, skeleton = poses.source or "poses", poses.skeleton
    if poses.axes != "world" or poses.root_relative:
        raise AnatomyError(
            f"{where}: expected poses at their place in world axes (place_in_camera, then level)"
        )
    leg = LEG_SHARE * stature(poses)
    positions = poses.positions.astype(np.float64)
    ankles, hips = (
        positions[:, [skeleton.index(f"{side}_{joint}") for side in SIDES]]
        for joint in ("ankle", "hip")
    )
    speeds = _speeds(ankles, poses)
    heights = ankles[..., 2]
    # The feet of a person on their hands or back stand nowhere.
    below = hips[..., 2] - heights > leg / 2
    lower = heights <= heights.min(axis=1, keepdims=True) + HEIGHTS[0]
    known, held = _known_frames(poses)
    candidates = below & lower & (speeds < SPEEDS[0]) & known[:, None]
    if candidates.any():
        height = float(np.median(heights[candidates]))
    else:
        height = float(np.quantile(heights[poses.seen_frames].min(axis=1), 0.05))
    off = np.abs(heights - height)
    begin, stay = (below & (speeds < SPEEDS[i]) & (off < HEIGHTS[i]) for i in (0, 1))
    begin &= known[:, None]
    stay &= (known | held)[:, None]
    standing = np.zeros_like(begin)
    for foot in range(len(SIDES)):
        for start, end in frame_runs(stay[:, foot]):
            long_enough = end - start >= SHORTEST * poses.fps
            standing[start:end, foot] = long_enough and begin[start:end, foot].any()
    return FootContacts(standing, height)


def _known_frames(poses: PoseSequence) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (T,) whether poses are known, and whether they repeat the first or last known one."""
    known = np.zeros(len(poses), bool)
    known[poses.seen_frames] = True
    held = np.zeros(len(poses), bool)
    for start, end in frame_runs(~known):
        if start == 0 or end == len(poses):
            held[start:end] = True
        elif end - start <= LONGEST_GUESS * poses.fps:
            known[start:end] = True
    return known, held


def _speeds(points: NDArray[np.float64], poses: PoseSequence) -> NDArray[np.float64]:
    """Return the speeds (T, n), m/s, of points (T, n, 3), reduced along the camera's rays."""
    half = max(1, round(SPAN * poses.fps))
    frames = np.arange(len(points))
    first, last = np.maximum(frames - half, 0), np.minimum(frames + half, len(points) - 1)
    seconds = np.maximum(last - first, 1) / poses.fps
    velocities = (points[last] - points[first]) / seconds[:, None, None]
    if poses.camera is None:
        return np.linalg.norm(velocities, axis=-1)
    rays = unit(points - poses.camera.position)
    along = (velocities * rays).sum(axis=-1)
    across = np.linalg.norm(velocities - along[..., None] * rays, axis=-1)
    return np.hypot(across, DEPTH_SHARE * along)
