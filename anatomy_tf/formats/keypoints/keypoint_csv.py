"""The package's CSV of keypoints, which anyone can write: one line for each person and frame.

Columns ``person`` (may be left out), ``frame`` (a number from 0, or an image's name that holds it)
and for each joint ``JOINT_x, JOINT_y`` in pixels and ``JOINT_visibility`` in [0, 1] (may be left
out: 1 for every joint with a place). Joints are those of a layout by name (``named_keypoints``), or
numbered, such as ``x0, y0``; empty cells and frames without a line are gaps. Lines of one person
may state their time instead of the frame, or nothing (``reading.rows``). A first line of ``#`` and
a JSON object may state ``fps``, ``image_size`` [width, height] and ``first_frame``, the number of a
clip's first line in the video. Separators and decimal commas of any spreadsheet are read
(``files.table``).
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.json_file import parsed_json
from anatomy_tf.files.table import Table
from anatomy_tf.formats.keypoints import landmark_table, listed_points, sleap
from anatomy_tf.formats.keypoints.keypoint_json import read_stated
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.keypoints.reading.rows import (
    columns_of_joints,
    plain_titles,
    row_detections,
)
from anatomy_tf.formats.people_alike import check_names_differ
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.sequences.labelled_arrays import KEYPOINT_ENDINGS, joint_columns
from anatomy_tf.skeletons import Skeleton


def marks(content: Content) -> Marks:
    """Return whether a table has columns of joints, and is of no other format that has them."""
    found = columns_of_joints(plain_titles(content.value.header())).people
    others = [sleap.marks, landmark_table.marks]
    if any(len(joints) == 1 for joints in found.values()):
        # What looks like one joint may be lists of all joints' x and y.
        others.append(listed_points.marks)
    return {
        "columns JOINT_x and JOINT_y": bool(found)
        and not any(all(marks(content).values()) for marks in others)
    }


def save_csv_keypoints(path: Path, sequences: Sequence[KeypointSequence]) -> None:
    """Write the keypoints of a video's people, of one layout, frame rate and image size.

    Raises:
        AnatomyError: when two people have one identifier, one of several has none, or the file
            cannot be written.
    """
    check_names_differ(path, sequences)
    if len(sequences) > 1 and not all(person.person.strip() for person in sequences):
        names = [person.person for person in sequences]
        raise AnatomyError(f"{path}: expected a name for each person, got {names}")
    first = sequences[0]
    text = io.StringIO()
    stated = {
        "fps": first.fps,
        "image_size": [first.width, first.height],
        "first_frame": first.first_frame,
    }
    text.write("# " + json.dumps(stated) + "\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["person", "frame", *joint_columns(first.skeleton, KEYPOINT_ENDINGS)])
    for person in sequences:
        rows = person.points.reshape(len(person), -1)
        for frame, row in enumerate(rows, start=first.first_frame):
            cells = ("" if np.isnan(value) else f"{value:.9g}" for value in row)
            writer.writerow([person.person, frame, *cells])
    with atomic_file(path) as file:
        file.write(text.getvalue().encode())


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    table: Table = content.value
    recording = row_detections(table, given)
    if not table.comment:
        return recording
    try:
        stated = parsed_json(table.comment)
    except (ValueError, RecursionError) as error:
        raise AnatomyError(f"{table.path}: expected a JSON object after # ({error})") from None
    facts = read_stated(stated, table.path)
    first = facts.pop("first_frame")
    # Files made by hand do not state it; then numbers may begin at 1.
    exact = first is not None
    frames = recording.frames
    if exact and min(frames, default=first) == 0:
        # Lines without a number count from 0.
        frames = {first + number: found for number, found in frames.items()}
    return dataclasses.replace(
        recording, frames=frames, first_number=0 if exact else None, exact=exact, **facts
    )


READER = Reader("table", marks, parse)
