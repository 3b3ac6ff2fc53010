"""Our CSV of poses, for spreadsheets and pandas (``read_csv(path, comment="#")``).

The first line is ``#`` and a JSON object of what ``pose_json`` says once about all people, with
``bone_lengths`` by person; the second names the columns ``person, frame, time`` (seconds), ``seen``
(1, or 0 where nothing of the person was found in the frame, so that the pose is a guess) and
``JOINT_x, JOINT_y, JOINT_z`` (metres to the micrometre) for each joint, and where poses were lifted
with uncertainty ``JOINT_spread`` (metres, empty for a person without); then a line a frame and
person, each person's frames counted from 0 in order. Frames that were not seen may be left out.
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
from anatomy_tf.files.text_file import read_rows, read_text
from anatomy_tf.formats.poses.pose_json import (
    FORMAT,
    bone_lengths_by_name,
    clip_facts,
    read_bone_lengths,
    read_clip_facts,
    to_single,
)
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.sequences.resampling import bridge_frames
from anatomy_tf.skeletons import Skeleton

SEEN = "seen"
LONGEST_GAP = 1000
"""Frames left out for each that is written; frame numbers that need more are none."""


def save_csv_poses(path: Path, poses: Sequence[PoseSequence], seen_only: bool = False) -> None:
    """Writes the poses of a video's people.

    Args:
        path: of the file.
        poses: of the people.
        seen_only: leave out the frames in which a person was not seen.

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
        for frame, points in enumerate(person.positions.reshape(len(person), -1)):
            seen = bool(person.seen[frame])
            if seen_only and not seen:
                continue
            cells = [f"{value:.6f}" for value in points]
            if person.spread is not None:
                cells += [f"{value:.6f}" for value in person.spread[frame]]
            elif unsure:
                cells += [""] * skeleton.joint_count
            time = f"{frame / person.fps:.6f}"
            writer.writerow([person.person, frame, time, int(seen), *cells])
    with atomic_file(path) as file:
        file.write(text.getvalue().encode())


def load_csv_poses(path: Path) -> list[PoseSequence]:
    """Reads a file of ``save_csv_poses``, one sequence a person.

    Raises:
        AnatomyError: when the file cannot be read or does not hold what the module's docstring
            lists.
    """
    first, _, _ = read_text(path).partition("\n")
    try:
        content = json.loads(first.removeprefix("#"))
    except (ValueError, RecursionError):
        content = None
    if (
        not first.startswith("#")
        or not isinstance(content, dict)
        or content.get("format") != FORMAT
    ):
        raise AnatomyError(f"{path}: expected our CSV of poses, which begins with # and JSON")
    facts = read_clip_facts(content, path)
    header, *rows = read_rows(path)[1:] or [[]]
    columns, spread_columns = _columns(facts["skeleton"]), _spread_columns(facts["skeleton"])
    # Files of older versions have no column for what was seen.
    older = [name for name in columns if name != SEEN]
    known = (columns, columns + spread_columns, older, older + spread_columns)
    if header not in known:
        raise AnatomyError(f"{path}: the columns are not those of {facts['skeleton'].name}")
    people: dict[str, list[list[str]]] = {}
    for row in rows:
        if len(row) != len(header):
            raise AnatomyError(f"{path}: expected {len(header)} cells in a line, got {len(row)}")
        people.setdefault(row[0], []).append(row)
    if not people:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    lengths = content.get("bone_lengths")
    lengths = lengths if isinstance(lengths, dict) else {}
    joints = facts["skeleton"].joint_count
    loaded = []
    for person, lines in people.items():
        where = f"{path}: person {person}"
        frames = _frame_numbers([line[1] for line in lines], where)
        cells = np.array(lines)[:, 3:]
        written = np.isin(np.arange(frames[-1] + 1), frames)
        seen = written.copy()
        if SEEN in header:
            if not np.isin(cells[:, 0], ("0", "1")).all():
                raise AnatomyError(f"{where}: expected 0 or 1 in the column {SEEN}")
            seen[frames] = cells[:, 0] == "1"
            cells = cells[:, 1:]
        positions = np.full((len(seen), joints, 3), np.nan)
        spread = None
        try:
            positions[frames] = cells[:, : 3 * joints].astype(np.float64).reshape(-1, joints, 3)
            if (cells[:, 3 * joints :] != "").any():
                spread = np.zeros((len(seen), joints))
                spread[frames] = cells[:, 3 * joints :].astype(np.float64)
                spread = to_single(bridge_frames(spread, written))
        except ValueError as error:
            raise AnatomyError(f"{where}: {error}") from None
        loaded.append(
            PoseSequence(
                positions=to_single(positions),
                bone_lengths=read_bone_lengths(
                    lengths.get(person), facts["skeleton"], f"{where}: bone_lengths"
                ),
                person=person,
                source=str(path),
                spread=spread,
                seen=seen,
                **facts,
            )
        )
    return loaded


def _frame_numbers(cells: Sequence[str], where: str) -> np.ndarray:
    """A person's frame numbers, which rise."""
    frames: list[int] = []
    for cell in cells:
        least = frames[-1] + 1 if frames else 0
        if not cell.isdecimal() or not least <= int(cell) < LONGEST_GAP * len(cells):
            raise AnatomyError(f"{where}: expected frame {least} or a later one, got {cell!r:.20}")
        frames.append(int(cell))
    return np.array(frames)


def _columns(skeleton: Skeleton) -> list[str]:
    joints = [f"{name}_{axis}" for name in skeleton.joint_names for axis in "xyz"]
    return ["person", "frame", "time", SEEN, *joints]


def _spread_columns(skeleton: Skeleton) -> list[str]:
    return [f"{name}_spread" for name in skeleton.joint_names]
