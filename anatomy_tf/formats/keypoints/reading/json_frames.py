"""The frames of a video in JSON, in any of the usual arrangements.

A file holds a list of frames, of detections that name their frame, or of results as JSON text, one
for each frame; an object with such a list beside facts (``{"fps": 25, "frames": [...]}``); an
object of frames by name; or people by name with frames by name. A folder holds a file for each
image. Readers see one list of frames for all of these.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.json_file import read_json, shown
from anatomy_tf.files.limits import FRAME_NUMBER
from anatomy_tf.files.numbered_names import check_mostly_there, files_of, numbers_of_names
from anatomy_tf.formats.keypoints.reading.detections import Detection
from anatomy_tf.formats.keypoints.reading.json_records import of_columns, records
from anatomy_tf.formats.keypoints.reading.known_keys import NUMBERS, spell
from anatomy_tf.formats.keypoints.reading.point_lists import SCORE_AT, SCORE_KEYS, TRACK_KEYS
from anatomy_tf.formats.keypoints.reading.times import TIME_KEYS, are_even, numbers_of_times
from anatomy_tf.formats.stated import FACTS, INSIDE, one_size, stated_rate

FRAME_KEYS = (
    *("image_id", "frame_id", "frame", "frame_idx", "frame_index", "frame_number"),
    *("frame_num", "frame_no", "frame_nr", "frame_i", "frameid", "frame_count", "img_id"),
    *("image_name", "file_name", "filename", "image", "image_path", "img_name", "img_path"),
)
"""Keys of an entry's frame, which is a number or the name of an image."""

LIST_KEYS = (
    *("frames", "instance_info", "results", "predictions", "detections"),
    *("data", "frame_data", "sequence"),
)
"""Keys of an object's list of entries."""

PEOPLE_KEYS = (
    *("people", "instances", "bodies", "persons", "predictions", "detections", "poses", "results"),
    *("landmarks", "pose_landmarks", "poseLandmarks"),
)
"""Keys of a frame's list of people."""

POINT_KEYS = ("keypoints", "pose_keypoints_2d", "joints", "landmark")
"""Keys of a person's keypoints."""

KNOWN_KEYS = {
    *(*FRAME_KEYS, *LIST_KEYS, *PEOPLE_KEYS, *POINT_KEYS),
    *(*TIME_KEYS, *TRACK_KEYS, *SCORE_KEYS, *FACTS, *INSIDE, *NUMBERS),
}
"""Keys that are known in any spelling."""

LARGEST_TIME = 1e18
_FEWEST_NUMBERS = 12
"""Fewer numbers in a list are something else than a person, such as a box."""

_ENOUGH_TIMES = 10
"""Fewer numbers may be evenly spaced by chance."""

_TIME = re.compile(r"[0-9]{1,12}\.[0-9]{1,12}")


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


@dataclasses.dataclass(frozen=True)
class JsonFrames:
    """The frames in a JSON file or a folder of JSON files.

    Attributes:
        path: the file or folder.
        content: the file's value; for a folder a dict of the files' values by name.
    """

    path: Path
    content: Any

    @classmethod
    def read(cls, path: Path) -> JsonFrames:
        """Read a JSON file, or the JSON files of a folder.

        Raises:
            AnatomyError: when a file cannot be read or is no JSON.
        """
        if not path.is_dir():
            return cls(path, _decoded(read_json(path, many=True), str(path)))
        files = files_of(path, ".json")
        # Beside the frames, such as metadata.json.
        numbered = [file for file in files if re.search(r"[0-9]", file.stem)]
        return cls(
            path,
            {file.name: _decoded(read_json(file), str(file)) for file in numbered or files},
        )

    @cached_property
    def folder(self) -> bool:
        """Whether the path is a folder with a file for each image."""
        return self.path.is_dir()

    @cached_property
    def entries(self) -> list[Frame]:
        """The entries in the file's order; empty where it holds no frames."""
        if self.folder:
            return [Frame(n, n, str(self.path / n), v) for n, v in self.content.items()]
        return list(_entries(self.content, str(self.path)))

    @cached_property
    def by_name(self) -> bool:
        """Whether entries come by their frame's name instead of in a list."""
        listed = isinstance(self.content, dict) and _listed(self.content) is not None
        one = any(frame.value is self.content for frame in self.entries)
        return isinstance(self.content, dict) and not listed and not one

    def numbers(self) -> list[int]:
        """Return each entry's frame number.

        Raises:
            AnatomyError: when a number is impossible, or names do not show it.
        """
        names = [frame.name for frame in self.entries]
        for frame in self.entries:
            if isinstance(frame.name, int):
                FRAME_NUMBER.check(frame.name, frame.where)
        if self.entries and all(frame.time is not None for frame in self.entries):
            times = [frame.time for frame in self.entries if frame.time is not None]
            return numbers_of_times(times, self.path)
        texts = [name for name in names if isinstance(name, str)]
        numbers = numbers_of_names(texts, self.path)
        found = [numbers[name] if isinstance(name, str) else name for name in names]
        if self.folder:
            check_mostly_there(found, self.path)
        return found

    def detections(
        self, people: Callable[[Frame], Iterable[Detection]]
    ) -> dict[int, list[Detection]]:
        """Return the detections of each frame by its number.

        Args:
            people: function from an entry to its detections.

        Raises:
            AnatomyError: when there is no entry, or an entry that lists people names a frame again.
        """
        if not self.entries:
            raise AnatomyError(f"{self.path}: expected frames, got {described(self.content)}")
        found: dict[int, list[Detection]] = {}
        for number, frame in zip(self.numbers(), self.entries, strict=True):
            if number in found and people_key(frame.value) is not None:
                raise AnatomyError(f"{self.path}: frame {number} is there twice")
            found.setdefault(number, []).extend(people(frame))
        return found

    def facts(self) -> dict[str, Any]:
        """Return the frame rate and image size that file or frames state, for ``Recording``.

        Raises:
            AnatomyError: when frames state different sizes.
        """
        top = {} if self.folder else self.content
        # A person may state the size of a box.
        frames = [f.value for f in self.entries if people_key(f.value) is not None]
        return {"fps": stated_rate(top), "image_size": one_size((top, *frames), self.path)}

    def first_person(self) -> Any:
        """Return the first person in the entries; ``None`` without any."""
        return next((p for frame in self.entries for p in people_in(frame.value) if p), None)


def people_key(frame: Any) -> str | None:
    """Return the key of a frame's list of people; ``None`` where it has none."""
    return next((k for k in PEOPLE_KEYS if isinstance(frame, dict) and k in frame), None)


def names_frame(entry: Any) -> bool:
    """Return whether an entry states its frame by number or name."""
    return isinstance(entry, dict) and any(type(entry.get(k)) in (int, str) for k in FRAME_KEYS)


def people_in(frame: Any) -> list[Any]:
    """Return the people of a frame, in any form; ``null`` is nobody.

    A frame is a list of people, an object with such a list, also as its keypoints, or one person.
    """
    key = people_key(frame)
    found = frame if key is None else frame[key]
    if isinstance(found, dict) and are_flat_people(points := _points(found)):
        return points
    if not found or (key is None and _is_number_alone(found)):
        return []
    if not isinstance(found, list) or is_landmarks(found) or is_points(found):
        return [found]
    people = [person for person in found if person is not None]
    if people and all(isinstance(p, list) and not is_landmarks(p) for p in people):
        if any(map(is_points, people)):
            return people
        # A list of images in a result of one image.
        return [person for image in people for person in image if person is not None]
    return people


def _points(person: dict[str, Any]) -> Any:
    return next((person[key] for key in POINT_KEYS if key in person), None)


def are_flat_people(value: Any) -> bool:
    """Return whether a value is a list of people, each a flat list of numbers."""
    people = [person for person in value if person] if isinstance(value, list) else []
    return bool(people) and all(is_points(p) and not isinstance(p[0], list) for p in people)


def _is_number_alone(value: Any) -> bool:
    """Return whether a value states a frame or time and no more, as where nobody was found."""
    return isinstance(value, dict) and not any(
        key in POINT_KEYS or isinstance(inner, list | dict) for key, inner in value.items()
    )


def is_landmarks(value: Any) -> bool:
    """Return whether a value is a list of points with names, ``{"x": ..., "y": ...}``."""
    # A box that a detector gives by its middle has keypoints beside.
    return isinstance(value, list) and any(
        isinstance(p, dict) and {"x", "y"} <= set(p) and "keypoints" not in p for p in value
    )


def is_points(value: Any) -> bool:
    """Return whether a value is a list of points without names: ``[x, y, ...]`` each, or flat."""
    listed = value if isinstance(value, list) else ()
    first = next((entry for entry in listed if entry is not None), None)
    if type(first) in (int, float):
        return len(listed) >= _FEWEST_NUMBERS and all(map(_is_number, listed))
    return isinstance(first, list) and len(first) in SCORE_AT and all(map(_is_number, first))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float, type(None))


def described(content: Any) -> str:
    """Return a description of a JSON value in a few words."""
    if isinstance(content, dict):
        return f"a JSON object {_keys(content)}"
    if not isinstance(content, list):
        return f"JSON that is {shown(content)}"
    if not content:
        return "an empty JSON list"
    first = next((value for value in content if value), content[0])
    if isinstance(first, dict):
        return f"a JSON list of objects {_keys(first)}"
    if isinstance(first, list):
        inner = next((value for value in first if value), None)
        kind = f"objects {_keys(inner)}" if isinstance(inner, dict) else "numbers or lists"
        return f"a JSON list of lists of {kind}"
    return "a JSON list of numbers or texts"


def _keys(value: dict[str, Any]) -> str:
    names = [f"{key:.20}" for key in list(value)[:4]]
    return (
        f"with {', '.join(names)}{', ...' if len(value) > 4 else ''}" if names else "without keys"
    )


def _entries(content: Any, where: str) -> Iterable[Frame]:
    if isinstance(content, list):
        return _of_list(content, where)
    if not isinstance(content, dict):
        return []
    listed = _listed(content)
    if listed is not None:
        return _entries(listed, where)
    clips = _clips_by_person(content)
    if clips:
        return [
            dataclasses.replace(frame, person=person, place=f"person {person:.40}, {frame.place}")
            for person, clip in clips.items()
            for frame in _of_list(clip, f"{where}: person {person:.40}")
        ]
    if people_key(content) is not None or any(key in content for key in POINT_KEYS):
        return [Frame(0, "frame 0", f"{where}: frame 0", content)]
    if not _names_numbers(content):
        return []
    by_person = all(isinstance(v, dict) and _names_numbers(v) for v in content.values())
    if not by_person:
        places = {name: f"frame {name!s:.40}" for name in content}
        timed = all(_TIME.fullmatch(name) for name in content)
        return [
            Frame(n, places[n], f"{where}: {places[n]}", v, time=float(n) if timed else None)
            for n, v in content.items()
        ]
    found = [
        (outer, inner, value)
        for outer, frames in content.items()
        for inner, value in frames.items()
    ]
    if len(content) > len({inner for _, inner, _ in found}):
        # There are fewer people than frames: people stand inside.
        found = [(inner, outer, value) for outer, inner, value in found]
    entries = []
    for person, frame, value in found:
        place = f"person {person:.40}, frame {frame:.40}"
        entries.append(Frame(frame, place, f"{where}: {place}", value, person))
    return entries


def _clips_by_person(content: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the list of each person's frames, by name or as a list of people; empty without."""
    people = content.get("people", content.get("persons"))
    if isinstance(people, list) and all(isinstance(p, dict) and "frames" in p for p in people):
        clips = {}
        for index, person in enumerate(people):
            name = next((person[key] for key in TRACK_KEYS if key in person), index)
            clips[f"{name!s:.80}"] = person["frames"]
    else:
        clips = content
    whole = all(isinstance(clip, list) and clip for clip in clips.values())
    if whole and all(names_frame(entry) for clip in clips.values() for entry in clip):
        return clips
    return {}


def _listed(content: dict[str, Any]) -> Any:
    return next(
        (content[k] for k in LIST_KEYS if isinstance(content.get(k), list | dict)),
        None,
    )


def _of_list(content: list[Any], where: str) -> Iterable[Frame]:
    first = next((entry for entry in content if isinstance(entry, dict)), {})
    key = next((k for k in FRAME_KEYS if type(first.get(k)) in (int, float, str)), None)
    # Entries that are no frames but detections are counted as such.
    word = "detection" if key is not None and people_key(first) is None else "frame"
    times = _times(content) if key is None else None
    pairs = bool(content) and all(map(_is_numbered_pair, content))
    for index, entry in enumerate(content):
        if pairs:
            place = f"frame {entry[0]}"
            yield Frame(entry[0], place, f"{where}: {place}", entry[1])
            continue
        place = f"{word} {index}"
        name: Any = index
        if key is not None and entry is not None:
            name = entry.get(key) if isinstance(entry, dict) else None
            if isinstance(name, float) and name.is_integer():
                name = int(name)
            if type(name) not in (int, str):
                raise AnatomyError(f"{where}: {place}: expected a number or name as {key}")
            place = place if word == "detection" else f"frame {name!s:.40}"
        time = None if times is None else times[index]
        yield Frame(name, place, f"{where}: {place}", entry, time=time)


def _is_numbered_pair(entry: Any) -> bool:
    """Return whether an entry is ``[frame, people]``."""
    of_two = isinstance(entry, list) and len(entry) == 2
    return of_two and type(entry[0]) is int and isinstance(entry[1], list | dict | None)


def _times(content: list[Any]) -> list[float] | None:
    """Return the time of each entry, where all state one, and it ascends or is evenly spaced.

    Otherwise it is something else, such as the time that the detector took, or whole seconds.
    """
    first = content[0] if content and isinstance(content[0], dict) else {}
    key = next((k for k in TIME_KEYS if type(first.get(k)) in (int, float)), None)
    if key is None:
        return None
    times: list[Any] = [entry.get(key) if isinstance(entry, dict) else None for entry in content]
    if any(type(time) not in (int, float) or not abs(time) < LARGEST_TIME for time in times):
        return None
    apart = any(people_key(entry) is not None for entry in content)
    pairs = itertools.pairwise(times)
    ascending = all(a < b or (a == b and not apart) for a, b in pairs) and times[0] < times[-1]
    # Programs that work at several frames at once write them as they finish.
    mixed = len(set(times)) == len(times) >= _ENOUGH_TIMES and are_even(times)
    return [float(time) for time in times] if ascending or mixed else None


def _names_numbers(content: dict[str, Any]) -> bool:
    return bool(content) and all(re.search(r"[0-9]", name) for name in content)


def _decoded(content: Any, where: str) -> Any:
    """Return JSON with keys as readers know them, and texts that hold JSON as its values."""
    content = _without_texts(content, where)
    spell(content, KNOWN_KEYS)
    return _in_lines(content)


def _in_lines(content: Any) -> Any:
    """Return a table whose cells hold keypoints as an object with a list of its lines.

    The lines of other tables have no lists (``json_table``). Columns stand beside the file's facts.
    """
    if not isinstance(content, dict):
        return content
    lines = _split_or_by_number(content)
    facts = {key: content[key] for key in FACTS if key in content}
    if lines is None:
        columns = _columns(content)
        facts = {key: value for key, value in content.items() if key not in columns}
        lines = of_columns(columns)
    if not lines or not any(isinstance(line.get(k), list) for line in lines for k in POINT_KEYS):
        return content
    return {**facts, "frames": [{_singular(key): v for key, v in line.items()} for line in lines]}


def _split_or_by_number(content: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the lines of a table in two of pandas' orientations; ``None`` without them.

    Objects by the line's number are lines if they name their frames, which the numbers are not.
    """
    lines = records(content)
    if lines is not None and ("columns" in content or "data" not in content):
        return lines if "columns" in content or all(map(names_frame, lines)) else None
    return None


def _columns(content: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a table, which are as long as that of frames, times or keypoints.

    Keypoints alone are a column where they come by the line's number, as pandas writes them; in a
    list they may be the people of one frame.
    """
    numbered = next((content[k] for k in content if _numbers_lines(k, content[k])), None)
    if numbered is None:
        points = (content[key] for key in POINT_KEYS if isinstance(content.get(key), dict))
        numbered = next((p for p in points if p and all(map(_is_persons, p.values()))), None)
    if numbered is None:
        return {}
    return {
        key: value
        for key, value in content.items()
        if type(value) is type(numbered) and len(value) == len(numbered) and key not in FACTS
    }


def _numbers_lines(key: str, column: Any) -> bool:
    """Return whether a column has the frames or times of lines."""
    cells = list(column.values()) if isinstance(column, dict) else column
    known = _singular(key) in (*FRAME_KEYS, *TIME_KEYS)
    return known and isinstance(cells, list) and all(type(c) in (int, float, str) for c in cells)


def _is_persons(value: Any) -> bool:
    """Return whether a value is a person's points, those of several people, or nobody's."""
    people = value if isinstance(value, list) else [value]
    return value is None or is_points(value) or all(map(is_points, people))


def _singular(key: str) -> str:
    """Return a column's title in the singular where a line knows it so: ``frames, track_ids``."""
    one = key.removesuffix("s")
    return one if one in (*FRAME_KEYS, *TRACK_KEYS) else key


def _without_texts(content: Any, where: str) -> Any:
    """Return JSON texts, alone or in a list or object, as the values that they hold."""

    def loaded(text: str) -> Any:
        with reading(where, "JSON text in JSON"):
            return json.loads(text) if text.strip() else None

    if isinstance(content, str):
        return loaded(content)
    values = content.values() if isinstance(content, dict) else content
    if not isinstance(content, list | dict) or not all(isinstance(v, str) for v in values):
        return content
    if isinstance(content, dict):
        return {name: loaded(text) for name, text in content.items()}
    return [loaded(text) for text in content]
