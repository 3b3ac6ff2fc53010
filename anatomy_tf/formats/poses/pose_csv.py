"""Our CSV of poses, for spreadsheets and pandas (``read_csv(path, comment="#")``).

The first line is ``#`` and a JSON object of what ``pose_json`` says once about all people, with
``bone_lengths`` by person; the second names the columns ``person, frame, time`` (seconds) and
``JOINT_x, JOINT_y, JOINT_z`` (metres to the micrometre) for each joint, and where poses were lifted
with uncertainty ``JOINT_spread`` (metres, empty for a person without); then a line a frame and
person, each person's frames in order, with their numbers and times in the video.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.table import Table
from anatomy_tf.formats.poses.pose_json import (
    FORMAT,
    bone_lengths_by_name,
    clip_facts,
    read_bone_lengths,
    read_clip_facts,
    to_single,
)
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import Skeleton


def save_csv_poses(path: Path, poses: Sequence[PoseSequence]) -> None:
    """Writes the poses of a video's people.

    Raises:
        AnatomyError: when the file cannot be written, or two people have one identifier.
    """
    identifiers = [person.person for person in poses]
    if len(set(identifiers)) < len(identifiers):
        raise AnatomyError(f"{path}: expected people of different names, got {identifiers}")
    lengths = {person.person: bone_lengths_by_name(person) for person in poses}
    text = io.StringIO()
    text.write("# " + json.dumps({**clip_facts(poses[0]), "bone_lengths": lengths}) + "\n")
    writer = csv.writer(text, lineterminator="\n")
    unsure = any(person.spread is not None for person in poses)
    skeleton = poses[0].skeleton
    writer.writerow([*_columns(skeleton), *(_spread_columns(skeleton) if unsure else ())])
    for person in poses:
        for index, points in enumerate(person.positions.reshape(len(person), -1)):
            frame = person.first_frame + index
            cells = [f"{value:.6f}" for value in points]
            if person.spread is not None:
                cells += [f"{value:.6f}" for value in person.spread[index]]
            elif unsure:
                cells += [""] * skeleton.joint_count
            writer.writerow([person.person, frame, f"{frame / person.fps:.6f}", *cells])
    with atomic_file(path) as file:
        file.write(text.getvalue().encode())


def load_csv_poses(path: Path) -> list[PoseSequence]:
    """Reads a file of ``save_csv_poses``, one sequence a person.

    Raises:
        AnatomyError: when the file cannot be read or does not hold what the module's docstring
            lists.
    """
    table = Table(path)
    try:
        content = json.loads(table.comment)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise AnatomyError(f"{path}: expected our CSV of poses, which begins with # and JSON")
    facts = read_clip_facts(content, path)
    rows = table.rows()
    _, header = next(rows, ("", []))
    columns, spread_columns = _columns(facts["skeleton"]), _spread_columns(facts["skeleton"])
    if header not in (columns, columns + spread_columns):
        raise AnatomyError(f"{path}: the columns are not those of {facts['skeleton'].name}")
    people: dict[str, list[list[str]]] = {}
    for where, row in rows:
        if len(row) != len(header):
            raise AnatomyError(f"{where}: expected {len(header)} cells, got {len(row)}")
        mine = people.setdefault(row[0], [])
        if row[1] != str(facts["first_frame"] + len(mine)):
            raise AnatomyError(
                f"{where}: person {row[0]}: expected frame {facts['first_frame'] + len(mine)}, "
                f"got {row[1]!r:.20}"
            )
        mine.append(row[3:])
    if not people:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    lengths = content.get("bone_lengths")
    lengths = lengths if isinstance(lengths, dict) else {}
    loaded = []
    for person, cells in people.items():
        where = f"{path}: person {person}"
        places = len(columns) - 3
        spreads: list[list[str]] | None = [row[places:] for row in cells]
        if not any(cell for row in spreads or () for cell in row):
            spreads = None
        try:
            values = np.array([row[:places] for row in cells], np.float64)
            spread = None if spreads is None else to_single(np.array(spreads, np.float64))
        except ValueError as error:
            raise AnatomyError(f"{where}: {error}") from None
        loaded.append(
            PoseSequence(
                positions=to_single(values.reshape(len(cells), -1, 3)),
                bone_lengths=read_bone_lengths(
                    lengths.get(person), facts["skeleton"], f"{where}: bone_lengths"
                ),
                person=person,
                source=str(path),
                spread=spread,
                **facts,
            )
        )
    return loaded


def _columns(skeleton: Skeleton) -> list[str]:
    joints = [f"{name}_{axis}" for name in skeleton.joint_names for axis in "xyz"]
    return ["person", "frame", "time", *joints]


def _spread_columns(skeleton: Skeleton) -> list[str]:
    return [f"{name}_spread" for name in skeleton.joint_names]
