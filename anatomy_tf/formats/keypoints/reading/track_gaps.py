"""What lies between two pieces of a track: how far a person would have moved, and how grown."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.skeletons import Skeleton

LONGEST_GAP = 1.5
"""Seconds out of sight after which somebody who comes is a new person."""

REACH, REACH_A_SECOND = 0.3, 1.0
"""A person's middle is this near to where it was expected, in diagonals of the body's box, and this
much more for each second out of sight: somebody who stood and walks away makes 0.8 a second."""

FALL = 9.81 / 1.7
"""Heights a second squared that a body falls faster; in the picture down is down."""

GROWTH = 1.3
"""Times that a person's bones in the picture grow or shrink in a second out of sight, and from one
detection to the next. Of a break dancer before eight cameras they did so in 2 of 8,800 gaps."""

MEMORY = 0.3
"""Seconds of a track over which its speed and size are taken."""

IMPOSSIBLE = 1e6
"""The cost of what cannot be."""


@dataclasses.dataclass(frozen=True, eq=False)
class Track:
    """The detections of one person.

    Attributes:
        frames: (n,) in which it was found, rising.
        detections: (n,) its place among the detections of each.
    """

    frames: NDArray[np.intp]
    detections: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.frames)

    def before(self, frame: int) -> Track:
        """What it was before a frame."""
        end = np.searchsorted(self.frames, frame)
        return Track(self.frames[:end], self.detections[:end])

    def since(self, frame: int) -> Track:
        """What it is from a frame on."""
        start = np.searchsorted(self.frames, frame)
        return Track(self.frames[start:], self.detections[start:])

    def joined(self, later: Track) -> Track:
        """This track until the other begins, then the other."""
        first = self.before(int(later.frames[0]))
        return Track(
            np.concatenate([first.frames, later.frames]),
            np.concatenate([first.detections, later.detections]),
        )


@dataclasses.dataclass(frozen=True)
class Clip:
    """What a detector found in successive frames.

    Attributes:
        frames: for each of T frames (P, J, 2) pixels of its P detections, P may be 0; NaN where a
            joint was not detected.
        fps: frames a second.
        skeleton: names the J joints.
        first_frame: the number of the first frame in the video, counted from 0.
    """

    frames: Sequence[NDArray[np.float32]]
    fps: float
    skeleton: Skeleton
    first_frame: int = 0

    def seconds(self, frame: int) -> float:
        """The time of a frame in the video."""
        return (self.first_frame + frame) / self.fps

    def poses(self, track: Track) -> NDArray[np.float32]:
        """(n, J, 2) of a track."""
        pairs = zip(track.frames, track.detections, strict=True)
        return np.stack([self.frames[frame][detection] for frame, detection in pairs])

    def gap(self, before: Track, after: Track) -> Gap:
        """The gap between the end of one track and the beginning of another."""
        memory = round(MEMORY * self.fps)
        last = before.since(int(before.frames[-1]) - memory)
        return Gap.between(
            self._piece(last), self._piece(after.before(after.frames[0] + memory + 1))
        )

    def _piece(self, track: Track) -> Piece:
        return Piece(self.poses(track).astype(np.float64), track.frames / self.fps, self.skeleton)


@dataclasses.dataclass(frozen=True)
class Piece:
    """Successive detections of one person.

    Attributes:
        poses: (n, J, 2) pixels, NaN where a joint was not detected.
        times: (n,) seconds.
        skeleton: names the joints.
    """

    poses: NDArray[np.float64]
    times: NDArray[np.float64]
    skeleton: Skeleton

    @cached_property
    def velocity(self) -> NDArray[np.float64] | None:
        """(2,) pixels a second; ``None`` of a single detection."""
        if len(self.poses) < 2:
            return None
        steps = np.stack([shift(*pair) for pair in zip(self.poses, self.poses[1:], strict=False)])
        known = ~np.isnan(steps[:, 0])
        seconds = np.diff(self.times)[known].sum()
        return steps[known].sum(axis=0) / seconds if seconds > 0 else None

    @cached_property
    def size(self) -> float:
        """Pixels: the median diagonal of the box round the keypoints."""
        return float(np.median(box_diagonal(self.poses)))

    @cached_property
    def bone_lengths(self) -> NDArray[np.float64]:
        """(b,) pixels: the median of each bone in the picture, NaN where it was never seen."""
        return median(lengths_of_bones(self.poses, self.skeleton))


@dataclasses.dataclass(frozen=True)
class Gap:
    """From the end of one piece of a track to the beginning of another.

    Attributes:
        seconds: out of sight.
        apart: between where the earlier piece leads and where the later comes from, in diagonals
            of the body's box.
        growth: times that the bones in the picture are longer afterwards; 1 if no bone tells.
    """

    seconds: float
    apart: float
    growth: float

    @classmethod
    def between(cls, before: Piece, after: Piece) -> Gap:
        """The gap between the last detection of one piece and the first of another.

        Each is followed for half the gap at its own speed.
        """
        seconds = float(after.times[0] - before.times[-1])
        speeds = [v for v in (before.velocity, after.velocity) if v is not None]
        expected = np.mean(speeds, axis=0) * seconds if speeds else np.zeros(2)
        moved = shift(before.poses[-1], after.poses[0])
        if np.isnan(moved).any():
            moved = _box_middle(after.poses[0]) - _box_middle(before.poses[-1])
        # A single joint shows no size to judge by.
        aside, down = (moved - expected) / (max(before.size, after.size) or np.inf)
        if down > 0:
            down = max(0.0, down - FALL * seconds**2 / 2)
        growth = float(growth_of_bones(before.bone_lengths, after.bone_lengths))
        return cls(seconds, float(np.hypot(aside, down)), growth)

    @property
    def cost(self) -> float:
        """How unlikely it is that both are one person's."""
        if self.reason:
            return IMPOSSIBLE
        return self.apart / self._reach + 0.5 * self._change + self.seconds / LONGEST_GAP

    @property
    def reason(self) -> str:
        """Why it is not one person; empty where it may be one."""
        if self.apart > self._reach:
            return f"{self.apart:.1f} body lengths from where it was expected"
        if self._change > max(1.0, self.seconds):
            larger = self.growth > 1
            times = self.growth if larger else 1 / self.growth
            return f"{times:.1f} times as {'large' if larger else 'small'}"
        return ""

    @property
    def _reach(self) -> float:
        return REACH + REACH_A_SECOND * self.seconds

    @property
    def _change(self) -> float:
        return float(abs(np.log(self.growth)) / np.log(GROWTH))


def shift(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2,) the median of how far each joint of (J, 2) poses moved; NaN without a common joint."""
    return median(after - before)


def lengths_of_bones(poses: NDArray[np.float64], skeleton: Skeleton) -> NDArray[np.float64]:
    """(..., b) pixels of (..., J, 2) poses; NaN where one end of a bone was not detected."""
    parents = np.array(skeleton.parents)
    bones = np.flatnonzero(parents >= 0)
    return np.asarray(np.linalg.norm(poses[..., bones, :] - poses[..., parents[bones], :], axis=-1))


def growth_of_bones(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """(...,) times that the bones (..., b) are longer afterwards, all together; 1 if none tells."""
    common = ~np.isnan(before + after)
    earlier = np.where(common, before, 0.0).sum(axis=-1)
    later = np.where(common, after, 0.0).sum(axis=-1)
    tells = (earlier > 0) & (later > 0)
    return np.where(tells, later, 1.0) / np.where(tells, earlier, 1.0)


def box_diagonal(keypoints: NDArray[np.floating]) -> NDArray[np.floating]:
    """(...,) the diagonal of the box round (..., J, 2) keypoints; 0 without any."""
    return np.linalg.norm(box_sides(keypoints), axis=-1)


def box_sides(keypoints: NDArray[np.floating]) -> NDArray[np.floating]:
    """(..., 2) width and height of the box round (..., J, 2) keypoints; 0 without any."""
    low = np.where(np.isnan(keypoints), np.inf, keypoints).min(axis=-2)
    high = np.where(np.isnan(keypoints), -np.inf, keypoints).max(axis=-2)
    return np.maximum(high - low, 0.0)


def _box_middle(pose: NDArray[np.float64]) -> NDArray[np.float64]:
    return (np.nanmin(pose, axis=0) + np.nanmax(pose, axis=0)) / 2


def median(values: NDArray[np.float64], axis: int = 0) -> NDArray[np.float64]:
    """The median of what is there, NaN where nothing is; NumPy's own takes six times as long."""
    ordered = np.sort(values, axis=axis)  # NaN comes last
    there = (~np.isnan(ordered)).sum(axis=axis, keepdims=True)
    places = np.maximum([there - 1, there], 0) // 2
    low, high = (np.take_along_axis(ordered, place, axis) for place in places)
    return np.asarray(((low + high) / 2).squeeze(axis))
