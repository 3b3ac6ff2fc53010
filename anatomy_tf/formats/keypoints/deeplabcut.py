"""DeepLabCut's CSV of an analysed video, or of labelled images.

Header rows name each column: ``scorer``, with several animals ``individuals``, ``bodyparts``,
``coords`` (x, y and, from a network, likelihood); then one line for each frame, its number first
(DeepLabCut's documentation, "Analyze videos": a MultiIndex of scorer, bodyparts and coords;
``save_as_csv``), or the image's name in one or three cells (``CollectedData``). x and y are pixels;
the likelihood in [0, 1] is taken as it is. Empty cells are gaps. The row ``scorer`` may be missing,
and other coords, such as Lightning Pose's variances, are left out; but 3D places are refused.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import JOINTS
from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.named_keypoints import named_layout
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.keypoints.reading.rows import LONE, frame_numbers
from anatomy_tf.skeletons import Skeleton

_COORDINATES = ("x", "y", "likelihood")
_HEADERS = tuple(
    (*scorer, *people, "bodyparts", "coords")
    for scorer in (("scorer",), ())
    for people in ((), ("individuals",))
)


def marks(content: Content) -> Marks:
    """Return whether the first cells are those of the header."""
    first = tuple(row[0] for row in content.value.first_rows(4))
    return {
        "rows scorer, bodyparts and coords": any(first[: len(h)] == h for h in _HEADERS),
    }


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the individuals of each frame; body parts are joints by name."""
    table: Table = content.value
    path = table.path
    rows = table.rows()
    header = _header(rows, path)
    coordinates = header["coords"]
    width = len(coordinates)
    # Images are named in several cells: folder, video, image.
    first = next((c for c in range(1, width) if coordinates[c]), width)
    columns = _columns(header, first, path)
    people = list(dict.fromkeys(person for person, _, _ in columns))
    names = list(dict.fromkeys(part for _, part, _ in columns))
    if not names:
        raise AnatomyError(f"{path}: expected columns of body parts, got none")
    JOINTS.check(len(names), path)
    # Before a line is read that nobody can use.
    named_layout(names, given, path)
    scored = "likelihood" in coordinates

    cells = {
        person: [[columns.get((person, part, axis)) for axis in _COORDINATES] for part in names]
        for person in people
    }

    def points(person: str, row: list[str], where: str) -> NDArray[np.float32]:
        values = np.array(
            [
                [np.nan if cell is None else table.number(row[cell], where) for cell in of_part]
                for of_part in cells[person]
            ]
        )
        seen = values[:, 2] if scored else np.ones(len(values))
        return detected_points(values[:, :2], seen, where)

    found: dict[str, list[Detection]] = {}
    for where, row in rows:
        if len(row) != width:
            raise AnatomyError(f"{where}: expected {width} cells, got {len(row)}")
        if not found and not any(row[first:]) and row[0].isalpha():
            # The name of pandas' index on a line of its own.
            continue
        name = "/".join(row[:first])
        if name in found:
            raise AnatomyError(f"{where}: frame {name:.60} is there twice")
        place = where.removeprefix(f"{path}: ")
        found[name] = [Detection(points(one, row, where), place, one) for one in people]
    if not found:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    numbers = frame_numbers(table, list(found))
    return Recording({numbers[name]: frame for name, frame in found.items()}, names=names)


def _header(rows: Iterable[tuple[str, list[str]]], path: Path) -> dict[str, list[str]]:
    """Return the header's rows by their titles, such as ``bodyparts``; ``rows`` go on after it."""
    head: list[list[str]] = []
    for _, row in itertools.islice(rows, 4):
        head.append(row)
        if row[0] == "coords":
            break
    titles = tuple(row[0] for row in head)
    if titles not in _HEADERS:
        raise AnatomyError(f"{path}: expected DeepLabCut's header of scorer, bodyparts and coords")
    width = len(head[-1])
    if any(len(row) != width for row in head):
        raise AnatomyError(f"{path}: expected {width} cells in every line")
    return dict(zip(titles, head, strict=True))


def _columns(
    header: dict[str, list[str]], first: int, path: Path
) -> dict[tuple[str, str, str], int]:
    """Return the columns from ``first`` on by individual, body part and coordinate."""
    coordinates, parts = header["coords"], header["bodyparts"]
    people = header.get("individuals") or [LONE] * len(parts)
    columns: dict[tuple[str, str, str], int] = {}
    for column in range(first, len(parts)):
        key = people[column], parts[column], coordinates[column]
        if key[2] == "z":
            raise AnatomyError(f"{path}: holds 3D places; expected those in the picture, x and y")
        if key in columns:
            raise AnatomyError(f"{path}: column {column + 1}: expected {key[2]:.40} once")
        if key[2] in _COORDINATES:
            columns[key] = column
    return columns


READER = Reader("table", marks, parse)
