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

import numpy as np

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
    path = content.path
    table: Table = content.value
    rows = table.rows()
    head: list[list[str]] = []
    for _, row in itertools.islice(rows, 4):
        head.append(row)
        if row[0] == "coords":
            break
    titles = tuple(row[0] for row in head)
    if titles not in _HEADERS:
        raise AnatomyError(f"{path}: expected DeepLabCut's header of scorer, bodyparts and coords")
    levels = dict(zip(titles, head, strict=True))
    width = len(levels["coords"])
    if any(len(row) != width for row in head):
        raise AnatomyError(f"{path}: expected {width} cells in every line")
    # Images are named in several cells: folder, video, image.
    first = next((c for c in range(1, width) if levels["coords"][c]), width)
    columns: dict[tuple[str, str, str], int] = {}
    for column in range(first, width):
        person = levels["individuals"][column] if "individuals" in levels else LONE
        key = (person, levels["bodyparts"][column], levels["coords"][column])
        if key[2] == "z":
            raise AnatomyError(f"{path}: holds 3D places; expected those in the picture, x and y")
        if key in columns:
            raise AnatomyError(f"{path}: column {column + 1}: expected {key[2]:.40} once")
        if key[2] in _COORDINATES:
            columns[key] = column
    people = list(dict.fromkeys(person for person, _, _ in columns))
    names = list(dict.fromkeys(part for _, part, _ in columns))
    if not names:
        raise AnatomyError(f"{path}: expected columns of body parts, got none")
    JOINTS.check(len(names), path)
    # Before a line is read that nobody can use.
    named_layout(names, given, path)
    scored = any(coordinate == "likelihood" for _, _, coordinate in columns)
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
        found[name] = []
        for person in people:
            values = np.array(
                [
                    [
                        table.number(row[columns[key]], where) if key in columns else np.nan
                        for key in ((person, part, coordinate) for coordinate in _COORDINATES)
                    ]
                    for part in names
                ]
            )
            seen = values[:, 2] if scored else np.ones(len(values))
            points = detected_points(values[:, :2], seen, where)
            found[name].append(Detection(points, where.removeprefix(f"{path}: "), person))
    if not found:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    numbers = frame_numbers(table, list(found))
    return Recording({numbers[name]: people for name, people in found.items()}, names=names)


READER = Reader("table", marks, parse)
