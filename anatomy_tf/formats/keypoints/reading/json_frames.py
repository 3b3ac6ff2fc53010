"""The frames of a video in JSON, however a program or person arranged them.

A file holds a list of frames, of detections that name their frame, or of results as JSON text, one
a frame; an object with such a list beside facts (``{"fps": 25, "frames": [...]}``); an object of
frames by name; or people by name with frames by name. A folder holds a file an image. Readers see
one list of frames for all of these.
"""

from __future__ import annotations

import dataclasses
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
from anatomy_tf.formats.stated import one_size, stated_rate

FRAME_KEYS = (
    *("image_id", "frame_id", "frame", "frame_idx", "frame_index", "frame_number"),
    *("image_name", "file_name", "filename", "image", "image_path"),
)
"""What an entry calls its frame: a number, or the name of its image."""

LIST_KEYS = ("frames", "instance_info", "results", "predictions", "detections")
"""What an object calls its list of entries."""

PEOPLE_KEYS = (
    *("people", "instances", "bodies", "persons", "predictions", "detections", "poses"),
    *("landmarks", "pose_landmarks", "poseLandmarks"),
)
"""What a frame calls its list of people."""

POINT_KEYS = ("keypoints", "pose_keypoints_2d", "joints", "landmark")
"""What a person calls the keypoints."""


@dataclasses.dataclass(frozen=True)
class Frame:
    """An entry of one frame.

    Attributes:
        name: the frame's number, or text that holds it.
        place: the place in the file, or the file's name in a folder, for messages.
        where: the same with the path.
        value: what JSON gave.
        person: who it is, where people come by name.
    """

    name: int | str
    place: str
    where: str
    value: Any
    person: str | None = None


@dataclasses.dataclass(frozen=True)
class JsonFrames:
    """What a JSON file or a folder of JSON files holds.

    Attributes:
        path: the file or folder.
        content: the file's value; of a folder a dict of the files' values by name.
    """

    path: Path
    content: Any

    @classmethod
    def read(cls, path: Path) -> JsonFrames:
        """Return what lies at a path.

        Raises:
            AnatomyError: when a file cannot be read or is no JSON.
        """
        if not path.is_dir():
            return cls(path, _decoded(read_json(path, lines=True), str(path)))
        files = files_of(path, ".json")
        return cls(path, {file.name: _decoded(read_json(file), str(file)) for file in files})

    @cached_property
    def folder(self) -> bool:
        """Whether it is a folder with a file an image."""
        return self.path.is_dir()

    @cached_property
    def entries(self) -> list[Frame]:
        """The entries in the file's order; empty where it holds nothing of the kind."""
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
            AnatomyError: when a number is impossible, or names do not tell it.
        """
        names = [frame.name for frame in self.entries]
        for frame in self.entries:
            if isinstance(frame.name, int):
                FRAME_NUMBER.check(frame.name, frame.where)
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
            people: gives those of one entry.

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
        """Return the frame rate and image size that file or frames state, as ``Recording`` has it.

        Raises:
            AnatomyError: when frames state different sizes.
        """
        top = {} if self.folder else self.content
        # What a person states may be the size of a box.
        frames = [f.value for f in self.entries if people_key(f.value) is not None]
        return {"fps": stated_rate(top), "image_size": one_size((top, *frames), self.path)}

    def first_person(self) -> Any:
        """Return the first person in the entries; ``None`` without any."""
        return next((p for frame in self.entries for p in people_in(frame.value) if p), None)


def people_key(frame: Any) -> str | None:
    """Return what a frame calls its list of people; ``None`` where it has none."""
    return next((k for k in PEOPLE_KEYS if isinstance(frame, dict) and k in frame), None)


def people_in(frame: Any) -> list[Any]:
    """Return the people of a frame, of any kind; ``null`` is nobody.

    A frame is a list of people, an object with such a list, or one person.
    """
    key = people_key(frame)
    found = frame if key is None else frame[key]
    if not found:
        return []
    if not isinstance(found, list) or is_landmarks(found):
        return [found]
    people = [person for person in found if person is not None]
    if people and all(isinstance(p, list) and not is_landmarks(p) for p in people):
        # A list of images in a result of one image.
        return [person for image in people for person in image if person is not None]
    return people


def is_landmarks(value: Any) -> bool:
    """Whether a value is a list of points with names, ``{"x": ..., "y": ...}``."""
    return isinstance(value, list) and any(
        isinstance(point, dict) and {"x", "y"} <= set(point) for point in value
    )


def described(content: Any) -> str:
    """Return in a few words what a JSON value is."""
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
    if people_key(content) is not None or any(key in content for key in POINT_KEYS):
        return [Frame(0, "frame 0", f"{where}: frame 0", content)]
    if not _names_numbers(content):
        return []
    by_person = all(isinstance(v, dict) and _names_numbers(v) for v in content.values())
    if not by_person:
        places = {name: f"frame {name!s:.40}" for name in content}
        return [Frame(n, places[n], f"{where}: {places[n]}", v) for n, v in content.items()]
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
    for index, entry in enumerate(content):
        place = f"{word} {index}"
        name: Any = index
        if key is not None and entry is not None:
            name = entry.get(key) if isinstance(entry, dict) else None
            if isinstance(name, float) and name.is_integer():
                name = int(name)
            if type(name) not in (int, str):
                raise AnatomyError(f"{where}: {place}: expected a number or name as {key}")
            place = place if word == "detection" else f"frame {name!s:.40}"
        yield Frame(name, place, f"{where}: {place}", entry)


def _names_numbers(content: dict[str, Any]) -> bool:
    return bool(content) and all(re.search(r"[0-9]", name) for name in content)


def _decoded(content: Any, where: str) -> Any:
    """Return JSON texts, alone or in a list or object, as what they hold."""

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
