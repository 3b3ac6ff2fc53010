"""Our CSV of keypoints: a line a person and frame, which anyone can write.

Columns ``person`` (may be left out), ``frame`` and for each joint ``JOINT_x, JOINT_y`` in pixels
and ``JOINT_visibility`` in [0, 1] (may be left out: 1 for every joint with a place). Joints are
those of a layout by name (``named_keypoints``); empty cells and frames without a line are gaps.
A first line of ``#`` and a JSON object may state ``fps`` and ``image_size`` [width, height].
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.text_file import (
    cell_triples,
    first_rows,
    read_rows,
    read_text,
    whole_number,
)
from anatomy_tf.formats.keypoints.keypoint_json import read_stated
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.formats.keypoints.reading.named_keypoints import in_layout, named_layout
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

_LONE = "0"


def is_keypoint_csv(path: Path) -> bool:
    """Whether the file begins with a column ``frame`` and places of joints."""
    rows = [row for row in first_rows(path, 2) if row and not row[0].startswith("#")]
    return bool(rows) and "frame" in rows[0] and any(cell.endswith("_x") for cell in rows[0])


def save_csv_keypoints(path: Path, sequences: Sequence[KeypointSequence]) -> None:
    """Writes the keypoints of a video's people, of one layout, frame rate and image size.

    Raises:
        AnatomyError: when two people have one identifier, or the file cannot be written.
    """
    identifiers = [person.person for person in sequences]
    if len(set(identifiers)) < len(identifiers):
        raise AnatomyError(f"{path}: expected people of different names, got {identifiers}")
    first = sequences[0]
    text = io.StringIO()
    stated = {"fps": first.fps, "image_size": [first.width, first.height]}
    text.write("# " + json.dumps(stated) + "\n")
    writer = csv.writer(text, lineterminator="\n")
    parts = ("x", "y", "visibility")
    joints = [f"{name}_{part}" for name in first.skeleton.joint_names for part in parts]
    writer.writerow(["person", "frame", *joints])
    for person in sequences:
        values = np.concatenate([person.keypoints, person.visibility[..., None]], axis=-1)
        for frame, row in enumerate(values.reshape(len(person), -1)):
            cells = ("" if np.isnan(value) else f"{value:.9g}" for value in row)
            writer.writerow([person.person, frame, *cells])
    with atomic_file(path) as file:
        file.write(text.getvalue().encode())


def load_csv_keypoints(
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
    rows = read_rows(path)
    stated: dict[str, Any] = {}
    if rows and rows[0][0].startswith("#"):
        first = read_text(path).lstrip().partition("\n")[0]
        try:
            stated = json.loads(first.removeprefix("#"))
        except (ValueError, RecursionError):
            raise AnatomyError(f"{path}: expected a JSON object after #") from None
        rows = rows[1:]
    fps, image_size = read_stated(stated, fps, image_size, path)
    header, *lines = rows or [[]]
    columns = {name: index for index, name in enumerate(header)}
    names = [name.removesuffix("_x") for name in header if name.endswith("_x")]
    lacking = [f"{name}_y" for name in names if f"{name}_y" not in columns]
    if "frame" not in columns or not names or lacking:
        raise AnatomyError(f"{path}: expected the columns frame, JOINT_x and JOINT_y")
    layout = named_layout(names, skeleton, path)
    triples = [(f"{name}_x", f"{name}_y", f"{name}_visibility") for name in names]
    frames: dict[int, list[Detection]] = {}
    for line in lines:
        if len(line) != len(header):
            raise AnatomyError(f"{path}: expected {len(header)} cells in a line, got {len(line)}")
        number = whole_number(line[columns["frame"]], f"{path}: frame")
        where = f"{path}: frame {number}"
        values = cell_triples(line, columns, triples, where)
        points = in_layout(names, layout, values)
        detected = detected_points(points[:, :2], points[:, 2], where, highest=1)
        person = line[columns["person"]] if "person" in columns else _LONE
        frames.setdefault(number, []).append(Detection(detected, f"frame {number}", person))
    if not frames:
        raise AnatomyError(f"{path}: expected at least one line, got none")
    return tracked_people(path, frames, skeleton=layout, fps=fps, image_size=image_size)
