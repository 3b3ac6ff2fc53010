"""Tracking while frames come: who is who in each frame, from the frames so far."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.formats.keypoints.reading.track_gaps import (
    GROWTH,
    IMPOSSIBLE,
    LONGEST_GAP,
    MEMORY,
    REACH,
    REACH_A_SECOND,
    Gap,
    Piece,
    box_diagonal,
    growth_of_bones,
    lengths_of_bones,
    median,
)
from anatomy_tf.skeletons import Skeleton

MISSED = 0.15
"""Seconds out of sight that a piece of a track bridges by itself."""

ROUNDING = 1e-6
"""Seconds by which two times may differ and count as one."""


@dataclasses.dataclass(frozen=True)
class _Sight:
    """The last sight of somebody.

    Attributes:
        pose: (J, 2) pixels.
        diagonal: of the box round it, pixels.
        bones: (b,) bone lengths in the picture, pixels.
        speed: (2,) pixels a second.
        seconds: when it was.
    """

    pose: NDArray[np.float64]
    diagonal: float
    bones: NDArray[np.float64]
    speed: NDArray[np.float64]
    seconds: float


class PieceTracker:
    """Joins the detections of successive frames to pieces of tracks, by position and speed.

    Args:
        skeleton: names the joints.
        patience: seconds out of sight that a piece bridges; a single frame is always bridged.
    """

    def __init__(self, skeleton: Skeleton, patience: float = MISSED) -> None:
        self.skeleton, self.patience = skeleton, patience
        self._sights: dict[int, _Sight] = {}
        self._begun = 0
        self._last = -np.inf

    @property
    def alive(self) -> tuple[int, ...]:
        """Numbers of the pieces that may go on."""
        return tuple(self._sights)

    def last_seen(self, piece: int) -> float:
        """Return the time of a piece's last detection, seconds."""
        return self._sights[piece].seconds

    def forget(self, piece: int) -> None:
        """End a piece."""
        del self._sights[piece]

    def push(self, detections: NDArray[np.float64], seconds: float) -> list[int]:
        """Return the number of each detection's piece; a new piece has the next number.

        Args:
            detections: (P, J, 2) pixels, NaN where a joint was not found.
            seconds: the frame's time, later than that of the frame before.
        """
        patience = max(self.patience, seconds - self._last) + ROUNDING
        for piece in self.alive:
            if seconds - self._sights[piece].seconds > patience:
                self.forget(piece)
        self._last = seconds
        if not len(detections):
            return []
        found = [
            _Sight(pose, float(diagonal), bones, np.zeros(2), seconds)
            for pose, diagonal, bones in zip(
                detections,
                box_diagonal(detections),
                lengths_of_bones(detections, self.skeleton),
                strict=True,
            )
        ]
        alive = self.alive
        joined = _continued([*self._sights.values()], found)
        numbers = []
        for detection, sight in enumerate(found):
            if detection in joined:
                row, moved = joined[detection]
                piece = alive[row]
                before = self._sights[piece]
                passed = seconds - before.seconds
                weight = 1 - np.exp(-passed / MEMORY)
                speed = before.speed + weight * (moved / passed - before.speed)
                sight = dataclasses.replace(sight, speed=speed)
            else:
                piece = self._begun
                self._begun += 1
            self._sights[piece] = sight
            numbers.append(piece)
        return numbers


class OnlineTracker:
    """Names the people of successive frames; the same person keeps a name.

    Detections are joined to pieces of tracks as in a whole clip. A piece that begins takes the name
    of somebody who was lost at most ``LONGEST_GAP`` seconds ago where the place and the size fit
    (``Gap``), else the next number. What comes later is not known, so that a name, once given,
    stays. The memory is that of the people who were seen in the last ``LONGEST_GAP`` seconds.

    Args:
        skeleton: names the joints.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self._pieces = PieceTracker(skeleton)
        self._names: dict[int, str] = {}
        self._seen: dict[str, deque[tuple[float, NDArray[np.float64]]]] = {}
        self._named = 0

    @property
    def people(self) -> tuple[str, ...]:
        """Names of the people who are not forgotten."""
        return tuple(self._seen)

    def push(self, detections: NDArray[np.floating], seconds: float) -> list[str]:
        """Return the name of each detection's person.

        Args:
            detections: (P, J, 2) pixels, NaN where a joint was not found.
            seconds: the frame's time, later than that of the frame before.
        """
        for name, seen in list(self._seen.items()):
            if seconds - seen[-1][0] > LONGEST_GAP:
                del self._seen[name]
        poses = np.asarray(detections, np.float64)
        pieces = self._pieces.push(poses, seconds)
        self._names = {
            piece: name
            for piece, name in self._names.items()
            if piece in self._pieces.alive and name in self._seen
        }
        self._name_new([piece for piece in pieces if piece not in self._names], pieces, poses)
        names = [self._names[piece] for piece in pieces]
        for name, pose in zip(names, poses, strict=True):
            seen = self._seen.setdefault(name, deque())
            seen.append((seconds, pose))
            while seconds - seen[0][0] > MEMORY and len(seen) > 2:
                seen.popleft()
        return names

    def _name_new(self, new: list[int], pieces: list[int], poses: NDArray[np.float64]) -> None:
        """Name the pieces that begin in a frame."""
        if not new:
            return
        there = {self._names[piece] for piece in pieces if piece in self._names}
        lost = [name for name in self._seen if name not in there]
        cost = np.full((len(lost), len(new)), IMPOSSIBLE)
        for row, name in enumerate(lost):
            times, before = zip(*self._seen[name], strict=True)
            earlier = Piece(np.stack(before), np.array(times), self.skeleton)
            for column, piece in enumerate(new):
                pose = poses[[pieces.index(piece)]]
                later = Piece(pose, np.array([self._pieces.last_seen(piece)]), self.skeleton)
                cost[row, column] = Gap.between(earlier, later).cost
        found = {new[column]: lost[row] for row, column in cheapest_pairs(cost)}
        for piece, name in [*self._names.items()]:
            if name in found.values():
                # It must not go on beside the new piece.
                self._pieces.forget(piece)
                del self._names[piece]
        for piece in new:
            if piece not in found:
                found[piece] = str(self._named)
                self._named += 1
        self._names.update(found)


def _continued(
    known: Sequence[_Sight], found: Sequence[_Sight]
) -> dict[int, tuple[int, NDArray[np.float64]]]:
    """Return the known track that each detection continues, and how far it moved.

    Args:
        known: the last sights of K tracks.
        found: those of the new frame, whose speeds are not known.

    Returns:
        For a detection's index that of the track, and the joints' median movement (2,), pixels.
    """
    if not known or not found:
        return {}
    moved = np.array([new.pose for new in found]) - np.array([[old.pose] for old in known])
    seconds = np.array([[found[0].seconds - old.seconds] for old in known])
    expected = (np.array([old.speed for old in known]) * seconds)[:, None]
    size = np.maximum([[max(old.diagonal, 1.0)] for old in known], [new.diagonal for new in found])
    middle = median(moved, axis=2)
    apart = np.linalg.norm(middle - expected, axis=-1) / size
    distances = np.linalg.norm(moved - expected[:, :, None], axis=-1)
    common = ~np.isnan(distances)
    joints = np.where(common, distances, 0.0).sum(axis=-1) / np.maximum(common.sum(axis=-1), 1)
    # Where people overlap, their joints tell them apart better than their middles. A middle is NaN
    # where no joint was found both times.
    near = apart <= REACH + REACH_A_SECOND * seconds
    bones = np.array([[old.bones] for old in known]), np.array([new.bones for new in found])
    alike = np.abs(np.log(growth_of_bones(*bones))) <= np.log(GROWTH)
    cost = np.where(near & alike, apart + joints / size, IMPOSSIBLE)
    return {column: (row, middle[row, column]) for row, column in cheapest_pairs(cost)}


def cheapest_pairs(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return pairs of rows and columns of costs (K, P) with the least sum, each at most once."""
    # SciPy takes half of this room's import time; files of our own formats do without it.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(cost)
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if cost[row, column] < IMPOSSIBLE
    ]
