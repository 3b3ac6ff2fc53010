"""The entries of frames in JSON, in any of the usual arrangements.

A file holds a list of frames, of detections that name their frame, or of results as JSON text, one
for each frame; an object with such a list beside facts (``{"fps": 25, "frames": [...]}``); an
object of frames by name; or people by name with frames by name.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.keypoints.reading.doubts import VIEWS, check_one_view
from anatomy_tf.formats.keypoints.reading.json_columns import lines_of_table
from anatomy_tf.formats.keypoints.reading.json_people import (
    FRAME_KEYS,
    KNOWN_KEYS,
    LIST_KEYS,
    POINT_KEYS,
    is_landmarks,
    is_points,
    names_frame,
    people_key,
)
from anatomy_tf.formats.keypoints.reading.point_lists import TRACK_KEYS
from anatomy_tf.formats.keypoints.reading.times import (
    TIME_KEYS,
    are_milliseconds,
    counted,
    frame_times,
    is_time,
    times_of,
)
from anatomy_tf.formats.stated import ANY_INSIDE, INSIDE

LARGEST_TIME = 1e18
_LONGEST_TIME = 40
"""Characters of a time."""
_TIME = re.compile(r"[0-9]{1,12}\.[0-9]{1,12}|[0-9.]{1,25}\s?(s|ms|us|ns)|.*[0-9]:[0-9].*")
"""What names entries by their time: a number with decimals or a unit, or a clock's."""
_WHOLE = re.compile(r"[0-9]{1,12}\.0{1,12}")
"""A frame's number as pandas writes it where some are missing."""
_OF_FRAME = re.compile(r"frame|ima?ge?|\.[a-z]{3,4}$", re.IGNORECASE)
_OF_PERSON = re.compile(r"person|people|track|player|subject|id", re.IGNORECASE)
"""Words that tell whether a name with a number is a frame's or a person's."""
_CLIPS = ("people", "persons", "tracks")
"""Keys of a list of people with their frames."""


@dataclasses.dataclass(frozen=True)
class Frame:
    """An entry of one frame.

    Attributes:
        name: the frame's number, or text that holds it.
        place: the place in the file, or the file's name in a folder, for messages.
        where: the same with the path.
        value: the entry's JSON value.
        person: the person's name, where people come by name.
        time: the time in any unit, where entries state it instead of a frame.
    """

    name: int | str
    place: str
    where: str
    value: Any
    person: str | None = None
    time: float | None = None


def entries_of(content: Any, where: str) -> Iterable[Frame]:
    """Return the entries of frames in a file's JSON; none where it holds no frames.

    Args:
        content: the file's value.
        where: the file, for messages.

    Raises:
        AnatomyError: when an entry does not say its frame as the others do.
    """
    if isinstance(content, list):
        return _of_list(content, where)
    if not isinstance(content, dict):
        return []
    listed = listed_frames(content)
    if listed is not None:
        return entries_of(listed, where)
    clips = _clips_by_person(content)
    if clips:
        return [
            dataclasses.replace(frame, person=person, place=f"person {person:.40}, {frame.place}")
            for person, clip in clips.items()
            for frame in _of_list(clip, f"{where}: person {person:.40}")
        ]
    if people_key(content) is not None or any(key in content for key in POINT_KEYS):
        return [Frame(0, "frame 0", f"{where}: frame 0", content)]
    frames_outside = are_frames_of_people(content)
    if frames_outside is not None:
        return entries_of_two_names(content, where, frames_outside)
    if not _names_numbers(content):
        return []
    places = {name: f"frame {name!s:.40}" for name in content}
    times = times_of(list(content), where) if _names_times(content) else [None] * len(content)
    return [
        Frame(n, places[n], f"{where}: {places[n]}", v, time=time)
        for (n, v), time in zip(content.items(), times, strict=True)
    ]


def _names_times(content: dict[str, Any]) -> bool:
    """Return whether entries are named by their times."""
    if all(map(_WHOLE.fullmatch, content)):
        return False
    timed = (len(n) < _LONGEST_TIME and _TIME.fullmatch(n) and is_time(n) for n in content)
    return all(timed) or are_milliseconds(content)


def are_frames_of_people(content: dict[str, Any]) -> bool | None:
    """Return whether an object holds frames with people by name, or people with frames by name.

    Returns:
        ``True`` for frames, ``False`` for people, ``None`` for another object.
    """
    inside = [value for value in content.values() if value]
    if not inside or not all(isinstance(value, dict) for value in inside):
        return None
    inner = {name for value in inside for name in value}
    if inner & KNOWN_KEYS:
        return None
    numbered = _names_numbers(content), all(map(_names_numbers, inside))
    if numbered == (True, True):
        for names, others in ((content, inner), (inner, content)):
            told = all(map(_OF_FRAME.search, names)) or all(map(_OF_PERSON.search, others))
            if told and not all(map(_OF_FRAME.search, others)):
                return names is content
        # There are fewer people than frames.
        return len(content) > len(inner)
    people = all(_is_person(value) for one in inside for value in one.values())
    return numbered[0] if people and any(numbered) else None


def _is_person(value: Any) -> bool:
    """Return whether a value is a person's points, or empty where the person was not found."""
    of_person = isinstance(value, dict) and any(key in value for key in POINT_KEYS)
    return not value or of_person or is_points(value) or is_landmarks(value)


def entries_of_two_names(
    content: dict[str, Any], where: str, frames_outside: bool
) -> Iterable[Frame]:
    """Return the entries of frames with people by name, or of people with frames by name."""
    for outer, values in content.items():
        if frames_outside and not values:
            yield Frame(outer, f"frame {outer:.40}", f"{where}: frame {outer:.40}", None)
        for inner, value in (values or {}).items():
            frame, person = (outer, inner) if frames_outside else (inner, outer)
            place = f"person {person:.40}, frame {frame:.40}"
            yield Frame(frame, place, f"{where}: {place}", value, person)


def entries_of_named_people(frame: Frame) -> Iterable[Frame]:
    """Return the entries of a frame's people, where it has them by name; else the frame alone."""
    key = people_key(frame.value)
    people = None if key is None else frame.value[key]
    if not isinstance(people, dict) or not KNOWN_KEYS.isdisjoint(people):
        return [frame]
    if not people:
        return [dataclasses.replace(frame, value=None)]
    if not any(people.values()) or not all(map(_is_person, people.values())):
        return [frame]
    return [
        dataclasses.replace(
            frame,
            place=f"{frame.place}, person {name:.40}",
            where=f"{frame.where}, person {name:.40}",
            value=person,
            person=name,
        )
        for name, person in people.items()
    ]


def _clips_by_person(content: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the list of each person's frames, by name or as a list of people; empty without."""
    people = next((content[key] for key in _CLIPS if key in content), None)
    if isinstance(people, dict):
        return _clips_by_person(people)
    people = list(map(lines_of_table, people)) if isinstance(people, list) else []
    if people and all(isinstance(p, dict) and "frames" in p for p in people):
        clips = {}
        for index, person in enumerate(people):
            name = next((person[key] for key in TRACK_KEYS if key in person), index)
            clips[f"{name!s:.80}"] = person["frames"]
    else:
        clips = content
    whole = all(isinstance(clip, list) and clip for clip in clips.values())
    entries = [entry for clip in clips.values() for entry in clip] if whole else []
    # Names without numbers are no frames'.
    people = not any(re.search(r"[0-9]", name) for name in clips) and KNOWN_KEYS.isdisjoint(clips)
    of_frames = (people and all(map(_is_person, entries))) or all(map(names_frame, entries))
    return clips if entries and of_frames else {}


def listed_frames(content: dict[str, Any]) -> Any:
    """Return the list or object of frames beside an object's facts; ``None`` without one."""
    return next(
        (content[k] for k in LIST_KEYS if isinstance(content.get(k), list | dict)),
        None,
    )


def _of_list(content: list[Any], where: str) -> Iterable[Frame]:
    content = [_with_inner_frame(entry) for entry in content]
    first = next((entry for entry in content if isinstance(entry, dict)), {})
    for kind, keys in VIEWS.items():
        view = next((k for k in keys if type(first.get(k)) in (int, str)), None)
        if view is not None:
            named = {str(entry.get(view, "")) for entry in content if isinstance(entry, dict)}
            check_one_view(named - {""}, kind, where)
    key, tells = _frame_key(first, content)
    times = None if tells else _times(content, where)
    if times is not None:
        key = None
    # Entries that are no frames but detections are counted as such.
    word = "detection" if key is not None and people_key(first) is None else "frame"
    numbers = _counted(content) if key is None and times is None else None
    pairs = bool(content) and all(map(_is_numbered_pair, content))
    for index, entry in enumerate(content):
        if pairs:
            place = f"frame {entry[0]}"
            yield Frame(entry[0], place, f"{where}: {place}", entry[1])
            continue
        place = f"{word} {index}"
        name: Any = index if numbers is None else numbers[index]
        if key is not None:
            if entry is None:
                # Nobody, in a frame that is not stated.
                continue
            name = entry.get(key) if isinstance(entry, dict) else None
            if isinstance(name, float) and name.is_integer():
                name = int(name)
            if type(name) not in (int, str):
                raise AnatomyError(f"{where}: {place}: expected a number or name as {key}")
            place = place if word == "detection" else f"frame {name!s:.40}"
        time = None if times is None else times[index]
        yield Frame(name, place, f"{where}: {place}", entry, time=time)


def _frame_key(first: dict[str, Any], content: list[Any]) -> tuple[str | None, bool]:
    """Return the key by which entries state their frame, if any, and whether it tells them apart.

    One that is the same in all of them, such as the video's name, counts only where no times do.
    """
    keys = [k for k in FRAME_KEYS if type(first.get(k)) in (int, float, str)]
    entries = [entry for entry in content if isinstance(entry, dict)]
    telling = (k for k in keys if any(entry.get(k) != first[k] for entry in entries))
    key = next(telling, None)
    return (key, True) if key is not None else (next(iter(keys), None), False)


def _with_inner_frame(entry: Any) -> Any:
    """Return an entry with the frame or time that stands in an object of its facts."""
    if not isinstance(entry, dict) or ANY_INSIDE.isdisjoint(entry):
        return entry
    inner = (entry[key] for key in INSIDE if key in entry)
    stated = {
        key: facts[key]
        for facts in inner
        if isinstance(facts, dict)
        for key in (*FRAME_KEYS, *TIME_KEYS)
        if type(facts.get(key)) in (int, float, str)
    }
    return {**stated, **entry} if stated else entry


def _is_numbered_pair(entry: Any) -> bool:
    """Return whether an entry is ``[frame, people]``."""
    of_two = isinstance(entry, list) and len(entry) == 2
    return of_two and type(entry[0]) is int and isinstance(entry[1], list | dict | None)


def _times(content: list[Any], where: str) -> list[float] | None:
    """Return the time of each entry, where all state one."""
    first = content[0] if content and isinstance(content[0], dict) else {}
    key = next((k for k in TIME_KEYS if type(first.get(k)) in (int, float, str)), None)
    if key is None:
        return None
    times: list[Any] = [entry.get(key) if isinstance(entry, dict) else None for entry in content]
    # An empty text is none, as null is.
    if not all((isinstance(time, str) and time) or _is_time(time) for time in times):
        return None
    apart = any(people_key(entry) is not None for entry in content)
    return frame_times(times, where, apart=apart)


def _is_time(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < LARGEST_TIME


def _counted(content: list[Any]) -> list[int] | None:
    """Return the number of each entry by a key whose values count them, whatever its name."""
    if not content or not all(isinstance(entry, dict) for entry in content):
        return None
    keys = [key for key, value in content[0].items() if _is_time(value)]
    return counted([entry.get(key) for entry in content] for key in keys)


def _names_numbers(content: dict[str, Any]) -> bool:
    return bool(content) and all(re.search(r"[0-9]", name) for name in content)
