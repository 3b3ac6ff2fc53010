"""Tracks that jump from one person to another, and people who follow each other: cut, and said."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from anatomy_tf.formats.keypoints.reading.track_gaps import LONGEST_GAP, Clip, Track

WORTH_SAYING = 0.5
"""Seconds; who is seen for less is more likely a false alarm than a person."""


@dataclasses.dataclass(frozen=True)
class FollowedPerson:
    """A person who was followed through a clip.

    Attributes:
        name: of the person.
        track: its detections.
        warnings: reasons to doubt that the track is all of one person, a line each.
    """

    name: str
    track: Track
    warnings: tuple[str, ...] = ()


def cut_at_jumps(clip: Clip, name: str, track: Track) -> list[FollowedPerson]:
    """The people of a detector's track, which is cut where it comes back as somebody else.

    It does so where it was out of sight and is then too far away, or too large or small.
    """
    parts: list[FollowedPerson] = []
    rest = track
    warnings: tuple[str, ...] = ()
    for place in np.flatnonzero(np.diff(track.frames) > 1):
        lost, frame = clip.seconds(track.frames[place]), int(track.frames[place + 1])
        gap = clip.gap(rest.before(frame), rest.since(frame))
        if not gap.reason:
            continue
        other = f"{name}-{len(parts) + 2}"
        said = (
            f"the detector's track {name} is lost at {lost:.1f} s and found {gap.seconds:.1f} s "
            f"later {gap.reason}; taken for another person, {other}"
        )
        parts.append(FollowedPerson(_part(name, parts), rest.before(frame), (*warnings, said)))
        rest, warnings = rest.since(frame), (said,)
    return [*parts, FollowedPerson(_part(name, parts), rest, warnings)]


def _part(name: str, parts: Sequence[FollowedPerson]) -> str:
    return f"{name}-{len(parts) + 1}" if parts else name


def with_successions(clip: Clip, people: Sequence[FollowedPerson]) -> list[FollowedPerson]:
    """The people, with a warning where one is lost and the next who is found is taken for another.

    Only where nobody else is seen meanwhile; among several people it goes without saying.
    """
    least = WORTH_SAYING * clip.fps
    known = [index for index, person in enumerate(people) if len(person.track) >= least]
    begins = {index: int(people[index].track.frames[0]) for index in known}
    ends = {index: int(people[index].track.frames[-1]) for index in known}
    said: dict[int, list[str]] = {index: [] for index in range(len(people))}
    for after in known:
        earlier = [index for index in known if ends[index] < begins[after]]
        if not earlier:
            continue
        before = max(earlier, key=lambda index: ends[index])
        others = set(known) - {before, after}
        if any(begins[i] <= begins[after] and ends[i] >= ends[before] for i in others):
            continue
        gap = clip.gap(people[before].track, people[after].track)
        reason = gap.reason
        if gap.seconds > LONGEST_GAP:
            reason = f"after more than {LONGEST_GAP:g} s"
        if reason:
            line = (
                f"person {people[before].name} is lost at {clip.seconds(ends[before]):.1f} s; "
                f"who is found {gap.seconds:.1f} s later, {reason}, is taken for another person, "
                f"{people[after].name}"
            )
            said[before].append(line)
            said[after].append(line)
    return [
        dataclasses.replace(person, warnings=(*person.warnings, *said[index]))
        for index, person in enumerate(people)
    ]
