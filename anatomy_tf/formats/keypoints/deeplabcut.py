"""DeepLabCut's CSV of an analysed video.

Rows of header name each column: ``scorer``, with several animals ``individuals``, ``bodyparts``,
``coords`` (x, y, likelihood); then a line a frame, its number first (DeepLabCut's documentation,
"Analyze videos": a MultiIndex of scorer, bodyparts and coords; ``save_as_csv``). x and y are
pixels; the likelihood in [0, 1] is taken as it is. Empty cells are gaps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.text_file import cell_number, first_rows, read_rows, whole_number
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.formats.keypoints.reading.named_keypoints import in_layout, named_layout
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

_COORDINATES = ("x", "y", "likelihood")
_HEADERS = (("scorer", "bodyparts", "coords"), ("scorer", "individuals", "bodyparts", "coords"))
_LONE = "0"


def is_deeplabcut(path: Path) -> bool:
    """Whether the file begins with one of the two headers."""
    first = tuple(row[0] for row in first_rows(path, 4) if row)
    return any(first[: len(header)] == header for header in _HEADERS)


def load_deeplabcut(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video; body parts are joints by name (``named_keypoints``).

    Raises:
        AnatomyError: when the file is malformed, or something is neither in it nor given.
    """
    rows = read_rows(path)
    header = next(
        (h for h in _HEADERS if tuple(row[0] for row in rows[: len(h)]) == h),
        None,
    )
    if header is None:
        raise AnatomyError(f"{path}: expected DeepLabCut's header of scorer, bodyparts and coords")
    levels = dict(zip(header, rows, strict=False))
    width = len(levels["coords"])
    if any(len(row) != width for row in rows):
        raise AnatomyError(f"{path}: expected {width} cells in every line")
    columns: dict[tuple[str, str, str], int] = {}
    for column in range(1, width):
        person = levels["individuals"][column] if "individuals" in levels else _LONE
        key = (person, levels["bodyparts"][column], levels["coords"][column])
        if key[2] not in _COORDINATES or key in columns:
            raise AnatomyError(f"{path}: column {column + 1}: expected x, y or likelihood once")
        columns[key] = column
    people = list(dict.fromkeys(person for person, _, _ in columns))
    names = list(dict.fromkeys(part for _, part, _ in columns))
    layout = named_layout(names, skeleton, path)
    frames: dict[int, list[Detection]] = {}
    for row in rows[len(header) :]:
        number = whole_number(row[0], f"{path}: frame")
        if number in frames:
            raise AnatomyError(f"{path}: frame {number} is there twice")
        where = f"{path}: frame {number}"
        frames[number] = []
        for person in people:
            values = [
                [
                    cell_number(row[columns[key]], where) if key in columns else np.nan
                    for key in ((person, name, coordinate) for coordinate in _COORDINATES)
                ]
                for name in names
            ]
            points = in_layout(names, layout, np.array(values))
            detected = detected_points(points[:, :2], points[:, 2], where)
            frames[number].append(Detection(detected, f"frame {number}", person))
    if not frames:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    return tracked_people(path, frames, skeleton=layout, fps=fps, image_size=image_size)
