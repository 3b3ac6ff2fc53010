"""YOLO-pose predictions as Ultralytics writes them: text a frame, or JSON.

Text (``predict(save_txt=True)``, ``Results.save_txt``): a folder with a file ``NAME_FRAME.txt`` for
each frame with detections, a line a person, ``class x y width height``, then ``x y score`` for each
of COCO's 17 keypoints, then the box's confidence if it was asked for (``save_conf=True``) and the
track's number if people were tracked; places are shares of the image's width and height.

JSON: the list of ``result.summary()`` for each frame, a person ``{"name", "class", "confidence",
"box", "keypoints": {"x": [...], "y": [...], "visible": [...]}, "track_id"}`` in pixels. (Both as in
ultralytics 8.4, ``engine/results.py``.) Keypoint scores are in [0, 1].
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import json_head, number_array, read_json
from anatomy_tf.files.numbered_files import files_of, numbered_files
from anatomy_tf.files.text_file import read_text
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.formats.stated import required_image_size
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import COCO_17, Skeleton

_BOX = 5
_LONGEST_TAIL = 2


def is_ultralytics_text(path: Path) -> bool:
    """Whether the path is a folder that holds text files and no JSON."""
    return path.is_dir() and bool(files_of(path, ".txt")) and not files_of(path, ".json")


def is_ultralytics_json(path: Path) -> bool:
    """Whether the file begins like a list of lists of persons."""
    return json_head(path, r'\[\s*(\[\s*\]\s*,\s*)*\[\s*\{\s*"name"\s*:\s*"[^"]*"\s*,\s*"class"')


def load_ultralytics_text(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video; frames before the first detection are not in the folder.

    Args:
        path: the folder ``labels``.
        skeleton: layout of the keypoints; COCO's 17 by default.
        fps: frames a second.
        image_size: (width, height), pixels.

    Raises:
        AnatomyError: when a file is malformed, or something is neither in it nor given.
    """
    if not path.is_dir():
        raise AnatomyError(f"{path}: expected a folder of Ultralytics text files, got a file")
    layout = skeleton or COCO_17
    files = numbered_files(path, ".txt", "text files of Ultralytics")
    size = required_image_size(image_size, path)
    rows = {number: _rows(file, layout) for number, file in files.items()}
    numbers = _BOX + 3 * layout.joint_count
    tails = {len(row) - numbers for frame in rows.values() for row in frame}
    # With one number more it is a track where all are whole, else a confidence.
    last = [row[-1] for frame in rows.values() for row in frame if len(row) > numbers]
    tracked = tails == {2} or (tails == {1} and all(v >= 1 and v % 1 == 0 for v in last))
    frames = {}
    for number, frame in rows.items():
        detections = []
        for row in frame:
            points = row[_BOX:numbers].reshape(-1, 3)
            detected = detected_points(points[:, :2] * size, points[:, 2], str(files[number]))
            track = f"{row[-1]:.0f}" if tracked else None
            detections.append(Detection(detected, files[number].name, track))
        frames[number] = detections
    return tracked_people(path, frames, skeleton=layout, fps=fps, image_size=size)


def load_ultralytics_json(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video.

    Raises:
        AnatomyError: when the file is malformed, or something is neither in it nor given.
    """
    content = read_json(path)
    if not isinstance(content, list) or not all(isinstance(frame, list) for frame in content):
        raise AnatomyError(f"{path}: expected a list of the persons of each frame")
    frames = {
        number: [_person(person, f"{path}: frame {number}") for person in people]
        for number, people in enumerate(content)
    }
    if not frames:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    layout = skeleton or COCO_17
    return tracked_people(path, frames, skeleton=layout, fps=fps, image_size=image_size)


def _rows(file: Path, layout: Skeleton) -> list[np.ndarray]:
    shortest = _BOX + 3 * layout.joint_count
    rows = []
    for line in read_text(file).splitlines():
        try:
            row = np.array(line.split(), np.float64)
        except ValueError:
            raise AnatomyError(f"{file}: expected numbers, got {line!r:.60}") from None
        if not shortest <= len(row) <= shortest + _LONGEST_TAIL or not np.isfinite(row).all():
            raise AnatomyError(
                f"{file}: expected a box and x, y, score of {layout.joint_count} keypoints in a "
                f"line, {shortest} to {shortest + _LONGEST_TAIL} numbers, got {len(row)}"
            )
        rows.append(row)
    return rows


def _person(person: Any, where: str) -> Detection:
    found = person.get("keypoints") if isinstance(person, dict) else None
    if not isinstance(found, dict):
        raise AnatomyError(f"{where}: expected keypoints of each person")
    x = number_array(found.get("x"), (None,), f"{where}: x")
    y = number_array(found.get("y"), (len(x),), f"{where}: y")
    # A model without scores of keypoints writes none.
    scores = found.get("visible", [1] * len(x))
    visible = number_array(scores, (len(x),), f"{where}: visible")
    track = person.get("track_id")
    if track is not None and type(track) is not int:
        raise AnatomyError(f"{where}: expected a whole track_id, got {track!r:.40}")
    points = detected_points(np.column_stack([x, y]), visible, where)
    return Detection(points, where.rpartition(": ")[2], None if track is None else str(track))
