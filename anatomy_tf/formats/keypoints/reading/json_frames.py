"""JSON files of keypoints, whose frames readers see as one list.

They are one file, whatever its arrangement (``json_entries``), or a folder with a file for each
image.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.json_file import parsed_json, read_json
from anatomy_tf.files.limits import FRAME_NUMBER
from anatomy_tf.files.numbered_names import check_mostly_there, files_of, numbers_of_names
from anatomy_tf.formats.keypoints.reading.detections import Detection
from anatomy_tf.formats.keypoints.reading.json_columns import lines_of_table
from anatomy_tf.formats.keypoints.reading.json_entries import (
    Frame,
    are_frames_of_people,
    entries_of,
    entries_of_named_people,
    entries_of_two_names,
    listed_frames,
)
from anatomy_tf.formats.keypoints.reading.json_people import (
    FRAME_KEYS,
    KNOWN_KEYS,
    PEOPLE_KEYS,
    POINT_KEYS,
    described,
    people_in,
    people_key,
)
from anatomy_tf.formats.keypoints.reading.known_keys import spell
from anatomy_tf.formats.keypoints.reading.times import TIME_KEYS, numbers_of_times, rate_of_times
from anatomy_tf.formats.stated import FACTS, one_size, stated_names, stated_rate


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
        if self.folder and are_frames_of_people(self.content):
            return list(entries_of_two_names(self.content, str(self.path), frames_outside=True))
        frames = (
            [Frame(n, n, str(self.path / n), v) for n, v in self.content.items()]
            if self.folder
            else entries_of(self.content, str(self.path))
        )
        return [entry for frame in frames for entry in entries_of_named_people(frame)]

    @cached_property
    def by_name(self) -> bool:
        """Whether entries come by their frame's name instead of in a list."""
        listed = isinstance(self.content, dict) and listed_frames(self.content) is not None
        one = any(frame.value is self.content for frame in self.entries)
        return isinstance(self.content, dict) and not listed and not one

    @cached_property
    def _times(self) -> list[float]:
        """The time of each entry; empty where not all state one."""
        times = [frame.time for frame in self.entries if frame.time is not None]
        return times if len(times) == len(self.entries) else []

    def numbers(self) -> list[int]:
        """Return each entry's frame number.

        Raises:
            AnatomyError: when a number is impossible, or names do not show it.
        """
        names = [frame.name for frame in self.entries]
        for frame in self.entries:
            if isinstance(frame.name, int):
                FRAME_NUMBER.check(frame.name, frame.where)
        if self._times:
            return numbers_of_times(self._times, self.path)
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
            people: function from an entry to its detections; they get the entry's person.

        Raises:
            AnatomyError: when there is no entry, or an entry that lists people names a frame again.
        """
        if not self.entries:
            raise AnatomyError(f"{self.path}: expected frames, got {described(self.content)}")
        found: dict[int, list[Detection]] = {}
        for number, frame in zip(self.numbers(), self.entries, strict=True):
            if number in found and people_key(frame.value) is not None:
                raise AnatomyError(f"{self.path}: frame {number} is there twice")
            detected = people(frame)
            if frame.person is not None:
                detected = (dataclasses.replace(one, track=frame.person) for one in detected)
            found.setdefault(number, []).extend(detected)
        return found

    def facts(self) -> dict[str, Any]:
        """Return rates, image size and joints' names that the file states, for ``Recording``.

        They may stand in frames, too.

        Raises:
            AnatomyError: when frames state different sizes.
        """
        top = {} if self.folder else self.content
        # Only frames with people: a person alone may state the size of a box.
        frames = [f.value for f in self.entries if people_key(f.value) is not None]
        first = self.entries[0].value if self.entries else None
        # Rates that differ from frame to frame are those of the detector's work.
        rates = {stated_rate(frame.value) for frame in self.entries}
        return {
            "fps": stated_rate(top) or (rates.pop() if len(rates) == 1 else None),
            "timed_fps": rate_of_times(self._times),
            "image_size": one_size((top, *frames), self.path),
            "names": stated_names(top) or stated_names(first),
        }

    @cached_property
    def first_person(self) -> Any:
        """The first person in the entries; ``None`` without any."""
        return next((p for frame in self.entries for p in people_in(frame.value) if p), None)


def _decoded(content: Any, where: str) -> Any:
    """Return JSON with keys as readers know them, and texts that hold JSON as its values."""
    content = _without_texts(content, where)
    spell(content, KNOWN_KEYS)
    if isinstance(content, list) and len(content) > 1 and _is_header(*content[:2]):
        content = {**content[0], "frames": content[1:]}
    return lines_of_table(content)


def _is_header(first: Any, second: Any) -> bool:
    """Return whether the first entry of a list has a recording's facts instead of a frame."""
    if not isinstance(first, dict) or not isinstance(second, dict):
        return False
    states_facts = not set(FACTS).isdisjoint(first) and set(FACTS).isdisjoint(second)
    of_frame = {*FRAME_KEYS, *TIME_KEYS, *PEOPLE_KEYS, *POINT_KEYS} & set(second)
    return states_facts and bool(of_frame) and of_frame.isdisjoint(first)


def _without_texts(content: Any, where: str) -> Any:
    """Return JSON texts, alone or in a list or object, as the values that they hold."""

    def loaded(text: str) -> Any:
        with reading(where, "JSON text in JSON"):
            return parsed_json(text) if text.strip() else None

    if isinstance(content, str):
        return loaded(content)
    values = content.values() if isinstance(content, dict) else content
    if not isinstance(content, list | dict) or not all(isinstance(v, str) for v in values):
        return content
    if isinstance(content, dict):
        return {name: loaded(text) for name, text in content.items()}
    return [loaded(text) for text in content]
