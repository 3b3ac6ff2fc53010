"""Tracking: the detections of one person in successive frames, by position and motion.

First, detections of successive frames are joined to pieces of tracks, then pieces to tracks across
the gaps between them; both by the least sum of costs (the Hungarian method), without the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.formats.keypoints.reading.online_tracking import (
    MISSED,
    PieceTracker,
    cheapest_pairs,
)
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
    begins = np.array([piece.frames[0] for piece in pieces])
    ends = np.array([piece.frames[-1] for piece in pieces])
    seconds = (begins - ends[:, None]) / clip.fps
    later = (begins[:, None] < begins) & (ends[:, None] < ends)
    near = later & (seconds >= -HANDOVER) & (seconds <= LONGEST_GAP)
    cost = np.full(near.shape, IMPOSSIBLE)
    for row, column in np.argwhere(near):
        before = pieces[row].before(int(begins[column]))
        cost[row, column] = clip.gap(before, pieces[column]).cost
    after = dict(cheapest_pairs(cost))
    tracks = []
    for first in sorted(set(range(len(pieces))) - set(after.values())):
        track, piece = pieces[first], first
        while piece in after:
            piece = after[piece]
            track = track.joined(pieces[piece])
        tracks.append(track)
    return tracks
