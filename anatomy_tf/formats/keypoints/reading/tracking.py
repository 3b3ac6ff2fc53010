"""Tracking: the detections of one person in successive frames, by position and motion.

First, detections of successive frames are joined to pieces of tracks, then pieces to tracks across
the gaps between them; both by the least sum of costs (the Hungarian method), without the picture.
"""

from __future__ import annotations

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
    Clip,
    Track,
    box_diagonal,
    box_sides,
    growth_of_bones,
    lengths_of_bones,
    median,
)
from anatomy_tf.skeletons import Skeleton

MISSED = 0.15
"""Seconds out of sight that a piece of a track bridges by itself."""

HANDOVER = 0.3
"""Largest time for which a detector finds somebody twice, in an old and a new track, seconds."""


def associate(clip: Clip) -> tuple[Track, ...]:
    """Join the detections of all frames into one track for each person.

    Returns:
        The tracks; each detection is in one of them. The longest track (most detections) is first,
        among equals the larger person.
    """
    tracks = _linked(clip, _pieces(clip))
    return tuple(
        sorted(tracks, key=lambda track: (len(track), mean_area(clip.poses(track))), reverse=True)
    )


def mean_area(keypoints: NDArray[np.float32]) -> float:
    """Return the mean area of a person's box over the frames in which the person was seen.

    Args:
        keypoints: (T, J, 2) pixels, NaN where a joint was not detected.

    Returns:
        Square pixels; 0 for a person who was never seen.
    """
    sides = box_sides(keypoints)
    seen = ~np.isnan(keypoints).all(axis=(1, 2))
    return float(sides[seen].prod(axis=-1, dtype=np.float64).mean()) if seen.any() else 0.0


def _pieces(clip: Clip) -> list[Track]:
    """Return pieces of tracks, none with a gap longer than ``MISSED``."""
    pieces: list[list[tuple[int, int]]] = []
    poses: list[NDArray[np.float64]] = []
    speeds: list[NDArray[np.float64]] = []
    patience = max(1, round(MISSED * clip.fps))
    alive: list[int] = []
    for frame, found in enumerate(clip.frames):
        detections = np.asarray(found, np.float64)
        alive = [t for t in alive if frame - pieces[t][-1][0] <= patience]
        seconds = np.array([(frame - pieces[t][-1][0]) / clip.fps for t in alive])
        joined = _continued(
            [poses[t] for t in alive],
            [speeds[t] for t in alive],
            seconds,
            detections,
            clip.skeleton,
        )
        for detection, pose in enumerate(detections):
            if detection in joined:
                row = joined[detection]
                piece = alive[row]
                moved = median(pose - poses[piece]) / seconds[row]
                weight = 1 - np.exp(-seconds[row] / MEMORY)
                speeds[piece] = speeds[piece] + weight * (moved - speeds[piece])
                poses[piece] = pose
                pieces[piece].append((frame, detection))
            else:
                alive.append(len(pieces))
                pieces.append([(frame, detection)])
                poses.append(pose)
                speeds.append(np.zeros(2))
    return [Track(*np.array(piece, np.intp).T) for piece in pieces]


def _continued(
    known: Sequence[NDArray[np.float64]],
    speeds: Sequence[NDArray[np.float64]],
    seconds: NDArray[np.float64],
    detections: NDArray[np.float64],
    skeleton: Skeleton,
) -> dict[int, int]:
    """Return the known track that each detection continues, by the detection's index.

    Args:
        known: the last poses (J, 2) of K tracks.
        speeds: the speed of each, (2,) pixels a second.
        seconds: (K,) time since then.
        detections: (P, J, 2) the new detections.
        skeleton: the skeleton of the J joints.
    """
    if not len(known) or not len(detections):
        return {}
    before = np.stack(known)[:, None]
    moved = detections[None] - before
    expected = (np.stack(speeds) * seconds[:, None])[:, None]
    size = np.maximum(np.maximum(box_diagonal(before), box_diagonal(detections[None])), 1.0)
    middle = np.linalg.norm(median(moved, axis=2) - expected, axis=-1) / size
    distances = np.linalg.norm(moved - expected[:, :, None], axis=-1)
    common = ~np.isnan(distances)
    joints = np.where(common, distances, 0.0).sum(axis=-1) / np.maximum(common.sum(axis=-1), 1)
    # Where people overlap, their joints tell them apart better than their middles. A middle is NaN
    # where no joint was found both times.
    near = middle <= REACH + REACH_A_SECOND * seconds[:, None]
    bones = lengths_of_bones(before, skeleton), lengths_of_bones(detections[None], skeleton)
    alike = np.abs(np.log(growth_of_bones(*bones))) <= np.log(GROWTH)
    cost = np.where(near & alike, middle + joints / size, IMPOSSIBLE)
    return {column: row for row, column in _pairs(cost)}


def _linked(clip: Clip, pieces: list[Track]) -> list[Track]:
    """Join pieces across gaps of at most ``LONGEST_GAP`` and return the tracks.

    Where a piece goes on for up to ``HANDOVER`` after another began in its place, the later one
    counts.
    """
    begins = np.array([piece.frames[0] for piece in pieces])
    ends = np.array([piece.frames[-1] for piece in pieces])
    seconds = (begins - ends[:, None]) / clip.fps
    later = (begins[:, None] < begins) & (ends[:, None] < ends)
    near = later & (seconds >= -HANDOVER) & (seconds <= LONGEST_GAP)
    cost = np.full(near.shape, IMPOSSIBLE)
    for row, column in np.argwhere(near):
        before = pieces[row].before(int(begins[column]))
        cost[row, column] = clip.gap(before, pieces[column]).cost
    after = dict(_pairs(cost))
    tracks = []
    for first in sorted(set(range(len(pieces))) - set(after.values())):
        track, piece = pieces[first], first
        while piece in after:
            piece = after[piece]
            track = track.joined(pieces[piece])
        tracks.append(track)
    return tracks


def _pairs(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return pairs of rows and columns of costs (K, P) with the least sum, each at most once."""
    # SciPy takes half of this room's import time; files of our own formats do without it.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(cost)
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if cost[row, column] < IMPOSSIBLE
    ]
