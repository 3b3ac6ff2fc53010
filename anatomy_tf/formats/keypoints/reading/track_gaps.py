"""Gaps between two pieces of a track: the person's distance and growth across them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.skeletons import Skeleton

LONGEST_GAP = 1.5
"""Seconds out of sight after which a detection is a new person."""

REACH, REACH_A_SECOND = 0.3, 1.0
"""Largest distance of a person's middle from its expected place, in diagonals of the body's box,
and the addition for each second out of sight: somebody who stood and walks away makes 0.8."""

FALL = 9.81 / 1.7
"""Acceleration of a falling body, in heights a second squared, downwards in the picture."""

GROWTH = 1.3
"""Largest factor by which a person's bones in the picture grow or shrink in a second out of sight,
and from one detection to the next. A break dancer's did more in 2 of 8,800
gaps, seen by eight cameras."""

MEMORY = 0.3
"""Seconds of a track from which its speed and size are measured."""

IMPOSSIBLE = 1e6
"""The cost of an impossible pair."""


@dataclasses.dataclass(frozen=True, eq=False)
class Track:
    """The detections of one person.

    Attributes:
        frames: (n,) frames in which the person was found, ascending.
        detections: (n,) the person's index among the detections of each.
    """

    frames: NDArray[np.intp]
    detections: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.frames)

    def before(self, frame: int) -> Track:
        """Return the part of the track before a frame."""
        end = np.searchsorted(self.frames, frame)
        return Track(self.frames[:end], self.detections[:end])

    def since(self, frame: int) -> Track:
        """Return the part of the track from a frame on."""
        start = np.searchsorted(self.frames, frame)
        return Track(self.frames[start:], self.detections[start:])

    def joined(self, later: Track) -> Track:
        """Return this track until the later one begins, followed by the later one."""
        first = self.before(int(later.frames[0]))
        return Track(
            np.concatenate([first.frames, later.frames]),
            np.concatenate([first.detections, later.detections]),
        )


@dataclasses.dataclass(frozen=True)
class Clip:
    """The detections in successive frames.

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
        """Return the time of a frame in the video, seconds."""
        return (self.first_frame + frame) / self.fps

    def poses(self, track: Track) -> NDArray[np.float32]:
        """Return the poses (n, J, 2) of a track, pixels."""
        pairs = zip(track.frames, track.detections, strict=True)
        return np.stack([self.frames[frame][detection] for frame, detection in pairs])

    def gap(self, before: Track, after: Track) -> Gap:
        """Return the gap between the end of one track and the beginning of another."""
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
        """The velocity (2,), pixels a second; ``None`` for a single detection."""
        if len(self.poses) < 2:
            return None
        steps = np.stack([shift(*pair) for pair in zip(self.poses, self.poses[1:], strict=False)])
        known = ~np.isnan(steps[:, 0])
        seconds = np.diff(self.times)[known].sum()
        return steps[known].sum(axis=0) / seconds if seconds > 0 else None

    @cached_property
    def size(self) -> float:
        """The median diagonal of the box round the keypoints, pixels."""
        return float(np.median(box_diagonal(self.poses)))

    @cached_property
    def bone_lengths(self) -> NDArray[np.float64]:
        """The median length (b,) of each bone in the picture, pixels; NaN if it was never seen."""
        return median(lengths_of_bones(self.poses, self.skeleton))


@dataclasses.dataclass(frozen=True)
class Gap:
    """The gap from the end of one piece of a track to the beginning of another.

    Attributes:
        seconds: time out of sight, seconds.
        apart: distance between the place where the earlier piece leads and the place where the
            later one comes from, in diagonals of the body's box.
        growth: factor by which the bones in the picture are longer afterwards; 1 if no bone was
            seen both times.
    """

    seconds: float
    apart: float
    growth: float

    @classmethod
    def between(cls, before: Piece, after: Piece) -> Gap:
        """Return the gap between the last detection of one piece and the first of another.

        Each is extrapolated over half the gap at its own speed.
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
        """The cost of taking both pieces for one person."""
        if self.reason:
            return IMPOSSIBLE
        return self.apart / self._reach + 0.5 * self._change + self.seconds / LONGEST_GAP

    @property
    def reason(self) -> str:
        """The reason why it is not one person; empty where it may be."""
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
    """Return the joints' median movement (2,) between poses (J, 2); NaN without a common joint."""
    return median(after - before)


def lengths_of_bones(poses: NDArray[np.float64], skeleton: Skeleton) -> NDArray[np.float64]:
    """Return the bone lengths (..., b) of poses (..., J, 2), pixels; NaN if an end is missing."""
    parents = np.array(skeleton.parents)
    bones = np.flatnonzero(parents >= 0)
    return np.asarray(np.linalg.norm(poses[..., bones, :] - poses[..., parents[bones], :], axis=-1))


def growth_of_bones(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the factor (...,) by which the bones (..., b) grew in total; 1 without common ones."""
    common = ~np.isnan(before + after)
    earlier = np.where(common, before, 0.0).sum(axis=-1)
    later = np.where(common, after, 0.0).sum(axis=-1)
    tells = (earlier > 0) & (later > 0)
    return np.where(tells, later, 1.0) / np.where(tells, earlier, 1.0)


def box_diagonal(keypoints: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the diagonal (...,) of the box round keypoints (..., J, 2); 0 without any."""
    return np.linalg.norm(box_sides(keypoints), axis=-1)


def box_sides(keypoints: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return width and height (..., 2) of the box round keypoints (..., J, 2); 0 without any."""
    low = np.where(np.isnan(keypoints), np.inf, keypoints).min(axis=-2)
    high = np.where(np.isnan(keypoints), -np.inf, keypoints).max(axis=-2)
    return np.maximum(high - low, 0.0)


def _box_middle(pose: NDArray[np.float64]) -> NDArray[np.float64]:
    return (np.nanmin(pose, axis=0) + np.nanmax(pose, axis=0)) / 2


def median(values: NDArray[np.float64], axis: int = 0) -> NDArray[np.float64]:
    """Return the median without NaN, NaN if all are; NumPy's own takes six times as long."""
    ordered = np.sort(values, axis=axis)  # NaN comes last
    there = (~np.isnan(ordered)).sum(axis=axis, keepdims=True)
    places = np.maximum([there - 1, there], 0) // 2
    low, high = (np.take_along_axis(ordered, place, axis) for place in places)
    return np.asarray(((low + high) / 2).squeeze(axis))
