"""YOLO-pose predictions of Ultralytics: a text file for each frame, or JSON.

Text (``predict(save_txt=True)``, ``Results.save_txt``): a folder with a file ``NAME_FRAME.txt`` for
each frame with detections, frames counted from 1. A person's line has ``class x y width height``,
then ``x y score`` or ``x y`` for each keypoint, then the box's confidence if it was asked for
(``save_conf=True``) and the track's number if people were tracked; positions are shares of the
image's width and height.

JSON: the list of ``result.summary()``, or of the texts of ``result.to_json()``, for each frame, a
person ``{"name", "class", "confidence", "box", "keypoints": {"x": [...], "y": [...], "visible":
[...]}, "track_id"}`` in pixels or shares. (Both as in ultralytics 8.4, ``engine/results.py``.)
Keypoints are COCO's 17 unless a layout is given; without scores all are visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.numbered_names import numbers_of_names
from anatomy_tf.files.text_file import read_text
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import people_in
from anatomy_tf.formats.keypoints.reading.point_lists import person_points, stated_track
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import COCO_17, Skeleton

_BOX = 5
_TAILS = (0, 1, 2)
_NO_FRAMES = ("classes.txt", "obj.names.txt", "README.txt")
"""Text files beside label files that hold no labels."""


def json_marks(content: Content) -> Marks:
    """Return whether people have keypoints by coordinate."""
    frames: JsonFrames = content.value
    person = frames.first_person
    found = person.get("keypoints") if isinstance(person, dict) else None
    return {'"keypoints" {"x", "y"}': isinstance(found, dict) and {"x", "y"} <= set(found)}


def text_marks(content: Content) -> Marks:
    """Return whether a folder has text files with numbers."""
    return {"label files": content.kind == "text folder"}


def parse_json(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    frames: JsonFrames = content.value

    def people(frame: Frame) -> Iterator[Detection]:
        for person in people_in(frame.value):
            found = person.get("keypoints") if isinstance(person, dict) else None
            if not isinstance(found, dict):
                raise AnatomyError(f"{frame.where}: expected keypoints of each person")
            points = person_points(found, frame.where)
            yield Detection(points, frame.place, stated_track(person, frame.where))

    layout = given or COCO_17
    return Recording(frames.detections(people), layout=layout, **frames.facts())


def parse_text(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame; frames before the first detection have no file."""
    layout = given or COCO_17
    files = {file.name: file for file in content.value if file.name not in _NO_FRAMES}
    numbers = numbers_of_names(files, content.path)
    rows = {name: _rows(file, layout) for name, file in files.items()}
    flat = [row for of_file in rows.values() for row in of_file]
    parts = {len(points) // layout.joint_count for points, _ in flat}
    if len(parts) > 1:
        raise AnatomyError(f"{content.path}: expected scores of all keypoints or of none")
    # With one number more it is a track where all are whole, else a confidence.
    tails = {len(tail) for _, tail in flat}
    last = [tail[-1] for _, tail in flat if len(tail)]
    tracked = tails == {2} or (tails == {1} and all(v >= 1 and v % 1 == 0 for v in last))
    frames: dict[int, list[Detection]] = {}
    for name, of_file in rows.items():
        found = frames.setdefault(numbers[name], [])
        for points, tail in of_file:
            table = points.reshape(layout.joint_count, -1)
            seen = table[:, 2] if table.shape[1] == 3 else np.ones(len(table))
            detected = detected_points(table[:, :2], seen, str(files[name]))
            found.append(Detection(detected, name, f"{tail[-1]:.0f}" if tracked else None))
    return Recording(frames, layout=layout, first_number=1)


def _rows(file: Path, layout: Skeleton) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each person's numbers of keypoints, and the numbers after them."""
    expected = {_BOX + parts * layout.joint_count + t: parts for parts in (2, 3) for t in _TAILS}
    rows = []
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{file}: line {number}"
        try:
            row = np.array(line.split(), np.float64)
        except ValueError:
            raise AnatomyError(f"{where}: expected numbers, got {line!r:.60}") from None
        if len(row) not in expected or np.isinf(row).any():
            raise AnatomyError(
                f"{where}: expected a box and x, y or x, y, score of {layout.joint_count} "
                f"keypoints, {min(expected)} to {max(expected)} numbers, got {len(row)}"
            )
        end = _BOX + expected[len(row)] * layout.joint_count
        rows.append((row[_BOX:end], row[end:]))
    return rows


JSON_READER = Reader("json", json_marks, parse_json)
TEXT_READER = Reader("text folder", text_marks, parse_text)
