"""Tracking: the detections of one person in successive frames, by position and motion.

First, detections of successive frames are joined to pieces of tracks, then pieces to tracks across
the gaps between them; both by the least sum of costs (the Hungarian method), without the picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.formats.keypoints.reading.online_tracking import MISSED, PieceTracker
from anatomy_tf.formats.keypoints.reading.track_gaps import (
    IMPOSSIBLE,
    LONGEST_GAP,
    Clip,
    Track,
    box_sides,
)

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
    tracker = PieceTracker(clip.skeleton, max(1, round(MISSED * clip.fps)) / clip.fps)
    pieces: list[list[tuple[int, int]]] = []
    for frame, found in enumerate(clip.frames):
        numbers = tracker.push(np.asarray(found, np.float64), frame / clip.fps)
        for detection, number in enumerate(numbers):
            if number == len(pieces):
                pieces.append([])
            pieces[number].append((frame, detection))
    return [Track(*np.array(piece, np.intp).T) for piece in pieces]


def _linked(clip: Clip, pieces: list[Track]) -> list[Track]:
    """Join pieces across gaps of at most ``LONGEST_GAP`` and return the tracks.

    Where a piece goes on for up to ``HANDOVER`` after another began in its place, the later one
    counts.
    """
    begins = np.array([piece.frames[0] for piece in pieces], np.intp)
    costs: dict[tuple[int, int], float] = {}
    for row, piece in enumerate(pieces):
        begin, end = int(piece.frames[0]), int(piece.frames[-1])
        # Pieces are in the order in which they begin.
        low = np.searchsorted(begins, max(begin + 1, end - math.ceil(HANDOVER * clip.fps)))
        high = np.searchsorted(begins, end + math.ceil(LONGEST_GAP * clip.fps), "right")
        for column in range(int(low), int(high)):
            later = pieces[column]
            seconds = (begins[column] - end) / clip.fps
            if end < later.frames[-1] and -HANDOVER <= seconds <= LONGEST_GAP:
                cost = clip.gap(piece.before(int(begins[column])), later).cost
                if cost < IMPOSSIBLE:
                    costs[row, column] = cost
    after = _cheapest_links(costs, len(pieces))
    tracks = []
    for first in sorted(set(range(len(pieces))) - set(after.values())):
        track, number = pieces[first], first
        while number in after:
            number = after[number]
            track = track.joined(pieces[number])
        tracks.append(track)
    return tracks


def _cheapest_links(costs: Mapping[tuple[int, int], float], count: int) -> dict[int, int]:
    """Return each piece's next one, with as many links as possible and then the least sum of costs.

    Args:
        costs: the cost of each possible link, by the numbers of the earlier and the later piece.
            They are few, so that time and memory do not grow with the square of ``count``.
        count: the number of pieces.
    """
    # SciPy takes half of this room's import time; files of our own formats do without it.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    if not costs:
        return {}
    rows, columns = np.array([*costs]).T
    # A piece without a next one takes a column of its own. A weight of 0 would be no link.
    own = np.arange(count)
    weights = 1 + np.concatenate([[*costs.values()], np.full(count, IMPOSSIBLE)])
    places = np.concatenate([rows, own]), np.concatenate([columns, own + count])
    graph = coo_array((weights, places), shape=(count, 2 * count)).tocsr()
    pairs = zip(*min_weight_full_bipartite_matching(graph), strict=True)
    return {int(row): int(column) for row, column in pairs if column < count}
