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
    tracks = []
    for track in associate(dataclasses.replace(clip, frames=once)):
        pairs = zip(track.frames, track.detections, strict=True)
        detections = np.array([found[frame][0][place] for frame, place in pairs])
        tracks.append(Track(track.frames, detections))
    owner = {
        (int(frame), int(detection)): number
        for number, track in enumerate(tracks)
        for frame, detection in zip(track.frames, track.detections, strict=True)
    }
    begins = np.array([track.frames[0] for track in tracks])
    ends = np.array([track.frames[-1] for track in tracks])
    doubled = [0] * len(tracks)
    passing: list[dict[int, int]] = [{} for _ in tracks]
    for frame, (_, doubles) in enumerate(found):
        for double, person in doubles.items():
            pose = clip.frames[frame][double]
            around = np.flatnonzero((begins < frame) & (frame < ends)).tolist()
            number = next((n for n in around if _is_expected(clip, tracks[n], frame, pose)), None)
            if number is None:
                doubled[owner[frame, person]] += 1
            else:
                passing[number][frame] = double
    return [
        (_with(track, beside), count)
        for track, beside, count in zip(tracks, passing, doubled, strict=True)
    ]


def _is_expected(clip: Clip, track: Track, frame: int, pose: NDArray[np.floating]) -> bool:
    """Return whether a track lacks this frame, and would have this pose in it.

    Args:
        clip: the detections.
        track: begins before the frame and ends after it.
        frame: the frame.
        pose: (J, 2) pixels.
    """
    before, after = track.before(frame), track.since(frame)
    if after.frames[0] == frame:
        return False
    ends = (before.frames[-1], before.detections[-1]), (after.frames[0], after.detections[0])
    share = (frame - ends[0][0]) / (ends[1][0] - ends[0][0])
    one, other = (clip.frames[at][detection] for at, detection in ends)
    return bool(lie_together(pose, one + share * (other - one)))


def _with(track: Track, detections: Mapping[int, int]) -> Track:
    """Return a track with detections in further frames."""
    pairs = sorted([*zip(track.frames, track.detections, strict=True), *detections.items()])
    return Track(*np.array(pairs, np.intp).T)
