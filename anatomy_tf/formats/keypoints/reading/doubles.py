"""People whom a detector found twice in a frame, by their places."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.formats.keypoints.reading.track_gaps import Clip, Track, box_diagonal
from anatomy_tf.formats.keypoints.reading.tracking import associate

SAME = 0.1
"""Share of a body's diagonal; two detections in a frame are of one person when their keypoints
are nearer than this in the mean."""


def lie_together(poses: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return whether two poses (..., J, 2) of a frame are one person's.

    Args:
        poses: pixels, NaN where a joint was not found.
        others: the same, of a shape that broadcasts.

    Returns:
        (...); false where the poses have no joint in common.
    """
    distances = np.linalg.norm(poses - others, axis=-1)
    known = ~np.isnan(distances)
    mean = np.where(known, distances, 0).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
    return np.asarray(known.any(axis=-1) & (mean <= SAME * box_diagonal(others)))


def without_doubles(poses: NDArray[np.floating]) -> tuple[list[int], dict[int, int]]:
    """Return which poses of a frame are people, and which are found again.

    Args:
        poses: (P, J, 2) pixels, the surest first, NaN where a joint was not found.

    Returns:
        The indices of the people; for each other index that of the person.
    """
    people: list[int] = []
    doubles: dict[int, int] = {}
    together = lie_together(poses[:, None], poses) if len(poses) > 1 else np.zeros((1, 1))
    for index in range(len(poses)):
        same = [person for person in people if together[index, person]]
        if same:
            doubles[index] = same[0]
        else:
            people.append(index)
    return people, doubles


def associate_once(clip: Clip) -> list[tuple[Track, int]]:
    """Join detections to tracks as ``associate`` does, with each person once in a frame.

    Where two people pass each other, and one of them would be missing, they are two.

    Args:
        clip: the detections; among several of one person the first counts.

    Returns:
        Each track, and the number of its frames in which the person was found again.
    """
    found = [without_doubles(poses) for poses in clip.frames]
    once = [poses[people] for poses, (people, _) in zip(clip.frames, found, strict=True)]
    tracks = [
        {
            int(frame): found[frame][0][place]
            for frame, place in zip(t.frames, t.detections, strict=True)
        }
        for t in associate(dataclasses.replace(clip, frames=once))
    ]
    doubled = [0] * len(tracks)
    passing: list[tuple[int, int, int]] = []
    for frame, (_, doubles) in enumerate(found):
        for double, person in doubles.items():
            pose = clip.frames[frame][double]
            missing = [
                n for n, track in enumerate(tracks) if _is_expected(clip, track, frame, pose)
            ]
            if missing:
                passing.append((missing[0], frame, double))
            else:
                doubled[
                    next(n for n, track in enumerate(tracks) if track.get(frame) == person)
                ] += 1
    for number, frame, double in passing:
        tracks[number][frame] = double
    return [
        (Track(*np.array(sorted(track.items()), np.intp).T), count)
        for track, count in zip(tracks, doubled, strict=True)
    ]


def _is_expected(
    clip: Clip, track: Mapping[int, int], frame: int, pose: NDArray[np.floating]
) -> bool:
    """Return whether a track lacks this frame between two others, and would have this pose."""
    if frame in track:
        return False
    before = max((f for f in track if f < frame), default=None)
    after = min((f for f in track if f > frame), default=None)
    if before is None or after is None:
        return False
    share = (frame - before) / (after - before)
    one, other = (clip.frames[f][track[f]] for f in (before, after))
    return bool(lie_together(pose, one + share * (other - one)))
