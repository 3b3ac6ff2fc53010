"""Who is who in a recording: by the names that its detections state, else by their places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from anatomy_tf.formats.keypoints.reading.detections import Detection
from anatomy_tf.formats.keypoints.reading.doubles import associate_once
from anatomy_tf.formats.keypoints.reading.track_gaps import Clip, Track, box_sides, median
from anatomy_tf.formats.keypoints.reading.track_jumps import FollowedPerson, cut_at_jumps

_COUNTED = re.compile(r"([A-Za-z_ -]*)([0-9]{1,9})")
"""A name that may count a frame's people, such as ``person_1``."""


def told_apart(
    clip: Clip, by_frame: Sequence[Sequence[int]], detections: Sequence[Detection]
) -> list[FollowedPerson]:
    """Return the people of a recording, the longest seen first.

    Args:
        clip: the poses of the detections in each frame.
        by_frame: the same detections of each frame, by their index.
        detections: all detections.
    """
    frames = [[detections[index] for index in of_frame] for of_frame in by_frame]
    problem = ""
    if all(detection.track is not None for frame in frames for detection in frame):
        stated, problem = _stated_tracks(clip, frames)
        if not problem:
            people = [
                part for name, track in stated.items() for part in cut_at_jumps(clip, name, track)
            ]
            return sorted(people, key=lambda person: -len(person.track))
    warnings = (f"{problem}: people are followed by their places",) if problem else ()
    return [
        FollowedPerson(str(n), track, (*warnings, *_said(doubled)))
        for n, (track, doubled) in enumerate(associate_once(clip))
    ]


def _stated_tracks(
    clip: Clip, frames: Sequence[Sequence[Detection]]
) -> tuple[dict[str, Track], str]:
    """Return the track of each name, and why names do not tell people apart; empty if they do."""
    problem = ""
    places: dict[str, dict[int, int]] = {}
    for number, frame in enumerate(frames):
        for place, detection in enumerate(frame):
            of_name = places.setdefault(str(detection.track), {})
            if number in of_name and not problem:
                problem = f"two people of one frame are named {detection.track} ({detection.place})"
            of_name[number] = place
    tracks = {
        name: Track(np.array([*of_name]), np.array([*of_name.values()]))
        for name, of_name in places.items()
    }
    if len(tracks) == sum(map(len, frames)) and sum(map(bool, frames)) > 1:
        problem = "nobody has the same name in two frames"
    if not problem and _count_detections(clip, tracks):
        problem = "the names only number the detections of each frame"
    return tracks, problem


def _said(doubled: int) -> tuple[str, ...]:
    """Return a warning of a person who was found twice in this number of frames."""
    frames = "frame" if doubled == 1 else "frames"
    return (f"found twice at one place in {doubled} {frames}; counted once",) if doubled else ()


def _count_detections(clip: Clip, stated: Mapping[str, Track]) -> bool:
    """Return whether people's names are their places in each frame's list, and change people.

    Args:
        clip: the detections.
        stated: the track of each name.
    """
    matches = [_COUNTED.fullmatch(name) for name in stated]
    numbers = [int(match[2]) for match in matches if match is not None]
    words = {match[1] for match in matches if match is not None}
    if len(stated) < 2 or len(numbers) < len(stated) or len(words) > 1:
        return False
    least = min(numbers)
    pairs = zip(numbers, stated.values(), strict=True)
    if least > 1 or any((track.detections != number - least).any() for number, track in pairs):
        return False
    for track in stated.values():
        poses = clip.poses(track).astype(np.float64)
        steps = median(np.linalg.norm(np.diff(poses, axis=0), axis=-1), axis=1)
        if (steps > np.linalg.norm(box_sides(poses[1:]), axis=-1)).any():
            return True
    return False
