"""The package's CSV of poses, for spreadsheets and pandas (``read_csv(path, comment="#")``).

The first line is ``#`` and a JSON object of the facts that ``pose_json`` states once for all
people, with ``bone_lengths`` by person and, where they are known, ``rooms`` with up and camera by
person; the second names the columns ``person, frame, time`` (seconds), ``seen`` (1, or 0 where
nothing of the person was found in the frame, so that the pose is a guess) and ``JOINT_x, JOINT_y,
JOINT_z`` (metres to the micrometre) for each joint, and where poses were lifted with uncertainty
``JOINT_spread`` (metres, empty for a person without); then one line for each person and frame, each
person's frames in order, with their numbers and times in the video. Frames in which a person was
not seen may be left out.

Columns are read by their names, so that other programs may write them in another order and add
columns, and numbers may have a decimal comma where no comma separates cells.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.json_file import parsed_json
from anatomy_tf.files.limits import FRAME_NUMBER, FRAMES
from anatomy_tf.files.table import TextTable
from anatomy_tf.formats.people_alike import check_names_differ
from anatomy_tf.formats.poses.pose_json import (
    FORMAT,
    bone_lengths_by_name,
    clip_facts,
    read_bone_lengths,
    read_clip_facts,
    read_room_facts,
    room_facts,
    to_single,
)
from anatomy_tf.sequences import POSE_ARRAYS, PoseSequence
from anatomy_tf.sequences.labelled_arrays import joint_columns
from anatomy_tf.skeletons import Skeleton

KEYS = ["person", "frame", "time"]
_NEEDED = KEYS[:2]
_TRUTH = {"0": False, "1": True, "false": False, "true": True}


def save_csv_poses(path: Path, poses: Sequence[PoseSequence], *, seen_only: bool = False) -> None:
    """Write the poses of a video's people to a CSV file.

    Args:
        path: the file.
        poses: the people's poses.
        seen_only: leave out the frames in which a person was not seen.

    Raises:
        AnatomyError: when the file cannot be written, or two people have one identifier.
    """
    check_names_differ(path, poses)
    lengths = {person.person: bone_lengths_by_name(person) for person in poses}
    text = io.StringIO()
    facts = {**clip_facts(poses[0]), "bone_lengths": lengths}
    rooms = {person.person: room_facts(person) for person in poses}
    if any(rooms.values()):
        facts["rooms"] = rooms
    text.write("# " + json.dumps(facts) + "\n")
    writer = csv.writer(text, lineterminator="\n")
    skeleton, arrays = poses[0].skeleton, [person.frame_arrays() for person in poses]
    columns = {
        name: _columns(name, skeleton)
        for name in POSE_ARRAYS
        if any(name in of_person for of_person in arrays)
    }
    writer.writerow(itertools.chain(KEYS, *columns.values()))
    for person, of_person in zip(poses, arrays, strict=True):
        for index in np.flatnonzero(person.seen | (not seen_only)).tolist():
            frame = person.first_frame + index
            row = [person.person, frame, f"{frame / person.fps:.6f}"]
            for name, names in columns.items():
                row += _cells(of_person[name][index]) if name in of_person else [""] * len(names)
            writer.writerow(row)
    with atomic_file(path) as file:
        file.write(text.getvalue().encode())


def load_csv_poses(path: Path) -> list[PoseSequence]:
    """Read a file of ``save_csv_poses``, one sequence for each person.

    Raises:
        AnatomyError: when the file cannot be read or is not as the module's docstring describes.
    """
    table = TextTable(path)
    try:
        content = parsed_json(table.comment)
        reason = ""
    except (ValueError, RecursionError) as error:
        content, reason = None, f" ({error})" if table.comment else ""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise AnatomyError(
            f"{path}: expected our CSV of poses, which begins with # and JSON{reason}"
        )
    facts = read_clip_facts(content, path)
    rows = table.rows()
    _, header = next(rows, ("", []))
    blocks = _blocks(header, facts["skeleton"], path)
    who, when = (header.index(key) for key in _NEEDED)
    people: dict[str, list[list[str]]] = {}
    for where, row in rows:
        if len(row) != len(header):
            raise AnatomyError(f"{where}: expected {len(header)} cells, got {len(row)}")
        people.setdefault(row[who], []).append(row)
    if not people:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    lengths, rooms = (_by_person(content.get(key)) for key in ("bone_lengths", "rooms"))
    loaded = []
    for person, lines in people.items():
        where = f"{path}: person {person}"
        frames = _frames([line[when] for line in lines], facts["first_frame"], where)
        arrays = {}
        for name, columns in blocks.items():
            cells = [[line[column] for column in columns] for line in lines]
            if POSE_ARRAYS[name].required or any(map(any, cells)):
                arrays[name] = _frame_array(table, name, cells, facts["skeleton"], where)
        loaded.append(
            PoseSequence(
                **_in_all_frames(arrays, frames),
                bone_lengths=read_bone_lengths(
                    lengths.get(person), facts["skeleton"], f"{where}: bone_lengths"
                ),
                person=person,
                source=str(path),
                **facts,
                **read_room_facts(rooms.get(person), where),
            )
        )
    return loaded


def _by_person(facts: Any) -> dict[str, Any]:
    """Return facts by the person's name as it stands in cells, without blanks at its ends."""
    return {name.strip(): fact for name, fact in facts.items()} if isinstance(facts, dict) else {}


def _cells(values: np.ndarray) -> list[str]:
    """Return a frame's entry of an array as the texts of its cells."""
    form = "d" if values.dtype == np.bool_ else ".6f"
    return [format(value, form) for value in values.reshape(-1).tolist()]


def _frame_array(
    table: TextTable, name: str, cells: list[list[str]], skeleton: Skeleton, where: str
) -> np.ndarray:
    """Return an array of ``POSE_ARRAYS`` from its cells, for the frames in the file."""
    array = POSE_ARRAYS[name]
    if array.truth:
        if not {cell.lower() for row in cells for cell in row} <= set(_TRUTH):
            raise AnatomyError(f"{where}: expected 0 or 1 in the column {name}")
        values = np.array([[_TRUTH[cell.lower()] for cell in row] for row in cells])
    else:
        try:
            values = to_single(np.array(cells, np.float64))
        except ValueError:
            # Slower: gaps and decimal commas.
            place = f"{where}: {name}"
            values = to_single(np.array([[table.number(c, place) for c in row] for row in cells]))
    return values.reshape(len(cells), *array.shape(skeleton.joint_count))


def _in_all_frames(arrays: dict[str, np.ndarray], frames: np.ndarray) -> dict[str, Any]:
    """Return arrays of all frames, with NaN or false in the frames that the file leaves out."""
    written = {"seen": np.ones(len(frames), np.bool_), **arrays}
    whole = {}
    for name, values in written.items():
        blank = False if POSE_ARRAYS[name].truth else np.nan
        whole[name] = np.full((frames[-1] + 1, *values.shape[1:]), blank, values.dtype)
        whole[name][frames] = values
    return whole


def _frames(cells: Sequence[str], first: int, where: str) -> np.ndarray:
    """Return a person's ascending frames, counted from the clip's first; cells hold the video's."""
    frames: list[int] = []
    for cell in cells:
        # Spreadsheets and pandas may make it 3.0.
        cell = cell.removesuffix(".0")
        least = frames[-1] + 1 if frames else 0
        known = cell.isdecimal() and len(cell) <= len(str(int(FRAME_NUMBER.most)))
        frame = int(cell) - first if known else -1
        if not least <= frame < FRAMES.most:
            raise AnatomyError(
                f"{where}: expected frame {first + least} or a later one, got {cell!r:.20}"
            )
        frames.append(frame)
    return np.array(frames)


def _blocks(header: list[str], skeleton: Skeleton, path: Path) -> dict[str, list[int]]:
    """Return the columns of each array of ``POSE_ARRAYS`` that is there.

    Raises:
        AnatomyError: when a column is missing or there twice.
    """
    places = {title: column for column, title in enumerate(header)}
    blocks, needed = {}, list(_NEEDED)
    for name, array in POSE_ARRAYS.items():
        columns = _columns(name, skeleton)
        if array.required or any(title in places for title in columns):
            needed += columns
            blocks[name] = [places.get(title, -1) for title in columns]
    wrong = next((title for title in needed if header.count(title) != 1), None)
    if wrong is not None:
        count = header.count(wrong)
        raise AnatomyError(
            f"{path}: the columns are not those of {skeleton.name}: {wrong} is there "
            f"{count} times instead of once"
        )
    return blocks


def _columns(name: str, skeleton: Skeleton) -> list[str]:
    """Return the names of the columns of an array of ``POSE_ARRAYS``."""
    size = POSE_ARRAYS[name].size
    if not size:
        return [name]
    endings = "xyz" if len(size) == 2 else (name,)
    return joint_columns(skeleton, endings)
