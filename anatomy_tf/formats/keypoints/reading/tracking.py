"""Which detections of successive frames are one person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GATE = 0.3
"""A person's keypoints move less than this share of the body's box diagonal between detections."""

_FORBIDDEN = 1e6

Track = dict[int, int]
"""The place of a person's detection in each frame that has one."""


def associate(frames: Sequence[NDArray[np.float32]], patience: int) -> tuple[Track, ...]:
    """Join the detections of each frame into tracks.

    Frame by frame the detections are assigned to the tracks so that the sum of the mean keypoint
    distances is least (the Hungarian method); a pair further apart than ``GATE`` is not joined, and
    a detection without a track begins one.

    Args:
        frames: for each of T frames (P, J, 2) pixels of its P detections, P may be 0; NaN where a
            joint was not detected.
        patience: frames after which a person who is not seen is given up; who comes later is new.

    Returns:
        The longest track (most detections) first, among equals the larger person.
    """
    tracks: list[Track] = []
    alive: dict[int, int] = {}
    """The frame in which each track was last seen."""
    for frame, detections in enumerate(frames):
        alive = {track: seen for track, seen in alive.items() if frame - seen <= patience}
        names = list(alive)
        known = [frames[alive[track]][tracks[track][alive[track]]] for track in names]
        found = _assigned(known, detections)
        for detection in range(len(detections)):
            if detection in found:
                track = names[found[detection]]
            else:
                track = len(tracks)
                tracks.append({})
            tracks[track][frame] = detection
            alive[track] = frame

    def rank(track: Track) -> tuple[int, float]:
        return len(track), mean_area(np.stack([frames[t][place] for t, place in track.items()]))

    return tuple(sorted(tracks, key=rank, reverse=True))


def mean_area(keypoints: NDArray[np.float32]) -> float:
    """Return the mean area of a person's box over the frames in which the person was seen.

    Args:
        keypoints: (T, J, 2) pixels, NaN where a joint was not detected.

    Returns:
        Square pixels; 0 for a person who was never seen.
    """
    sides = _box_sides(keypoints)
    seen = ~np.isnan(keypoints).all(axis=(1, 2))
    return float(sides[seen].prod(axis=-1, dtype=np.float64).mean()) if seen.any() else 0.0


def _assigned(
    known: Sequence[NDArray[np.float32]], detections: NDArray[np.float32]
) -> dict[int, int]:
    """For each detection (P, J, 2) that continues one of the K known (J, 2) its place there."""
    if not len(known) or not len(detections):
        return {}
    # SciPy's import is half of this room's; a file of our own format does without it.
    from scipy.optimize import linear_sum_assignment

    before, now = np.stack(known)[:, None].astype(np.float64), detections[None].astype(np.float64)
    distances = np.linalg.norm(before - now, axis=-1)
    both = ~np.isnan(distances)
    size = np.maximum(_diagonal(before), _diagonal(now))
    total = np.where(both, distances, 0.0).sum(axis=-1)
    share = total / np.maximum(both.sum(axis=-1), 1) / np.maximum(size, 1.0)
    cost = np.where((share <= GATE) & both.any(axis=-1), share, _FORBIDDEN)
    rows, columns = linear_sum_assignment(cost)
    return {
        int(column): int(row)
        for row, column in zip(rows, columns, strict=True)
        if cost[row, column] < _FORBIDDEN
    }


def _box_sides(keypoints: NDArray[np.floating]) -> NDArray[np.floating]:
    """(..., 2) width and height of the box round (..., J, 2) keypoints; 0 without any."""
    low = np.where(np.isnan(keypoints), np.inf, keypoints).min(axis=-2)
    high = np.where(np.isnan(keypoints), -np.inf, keypoints).max(axis=-2)
    return np.maximum(high - low, 0.0)


def _diagonal(keypoints: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.linalg.norm(_box_sides(keypoints), axis=-1)
