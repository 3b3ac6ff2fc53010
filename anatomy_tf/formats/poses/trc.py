"""TRC: marker trajectories of one person, the text that OpenSim reads.

Metres, or what ``unit`` asks for, and stated in the file: OpenSim reads ``Units`` and turns what it
says into its own metres (run in 4.6 for m and mm). y up, a marker a joint, tabs between the cells.
The layout is that of OpenSim's documentation (Marker (.trc) Files): three lines of header, two that
name the markers and their coordinates, then a line a frame with its number, counted from 1, and its
time in the video.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.text_file import read_text
from anatomy_tf.formats.poses.axes import UNITS, from_y_up, y_up
from anatomy_tf.formats.poses.named_markers import marker_poses
from anatomy_tf.formats.stated import check_first_frame
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import Skeleton

_KEYS = (
    *("DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units"),
    *("OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"),
)


def save_trc(path: Path, poses: Sequence[PoseSequence], *, unit: str) -> None:
    """Writes one person's poses.

    Args:
        path: the file.
        poses: of one person.
        unit: one of ``UNITS``.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    (person,) = poses
    names, frames = person.skeleton.joint_names, len(person)
    rate = f"{person.fps:.10g}"
    values = (rate, rate, frames, len(names), unit, rate, person.first_frame + 1, frames)
    axes = [f"{axis}{joint + 1}" for joint in range(len(names)) for axis in "XYZ"]
    rows = [
        ["PathFileType", "4", "(X/Y/Z)", path.name],
        _KEYS,
        map(str, values),
        ["Frame#", "Time", *(cell for name in names for cell in (name, "", ""))],
        ["", "", *axes],
        [],
    ]
    points_of_frames = (y_up(person) / UNITS[unit]).reshape(frames, -1)
    for frame, points in enumerate(points_of_frames, start=person.first_frame):
        time = f"{frame / person.fps:.6f}"
        rows.append([str(frame + 1), time, *(f"{value:.6f}" for value in points)])
    with atomic_file(path) as file:
        file.write("".join("\t".join(row) + "\n" for row in rows).encode())


def load_trc(path: Path, skeleton: Skeleton | None = None) -> list[PoseSequence]:
    """Reads markers that are named like the joints of a known layout, in world axes.

    Args:
        path: the file.
        skeleton: the layout; by default the registered one whose joints the markers are.

    Raises:
        AnatomyError: when the file is no TRC, its numbers are malformed, a marker is missing from
            a frame, or no layout has these joints.
    """
    lines = [line.split("\t") for line in read_text(path).splitlines()]
    if len(lines) < 6 or not lines[0][0].startswith("PathFileType"):
        raise AnatomyError(f"{path}: expected a TRC file, which begins with PathFileType")
    stated = dict(zip(lines[1], lines[2], strict=False))
    unit = stated.get("Units", "").strip()
    if unit not in UNITS:
        raise AnatomyError(f"{path}: expected Units m, cm or mm, got {unit!r}")
    rate = _number(stated.get("DataRate", ""), f"{path}: DataRate")
    names = tuple(name.strip() for name in lines[3][2:] if name.strip())
    rows = [line for line in lines[5:] if any(cell.strip() for cell in line)]
    if not rows:
        raise AnatomyError(f"{path}: expected frames, got none")
    points = np.empty((len(rows), len(names), 3))
    for row, cells in enumerate(rows):
        where = f"{path}: frame {cells[0]!r:.20}"
        values = [_number(cell, where) for cell in cells[2 : 2 + 3 * len(names)]]
        if len(values) != 3 * len(names):
            raise AnatomyError(f"{where}: expected {3 * len(names)} numbers, got {len(values)}")
        points[row] = np.reshape(values, (-1, 3))
    # The first frame's number, counted from 1.
    number = _number(rows[0][0], f"{path}: Frame#")
    first = check_first_frame(max(0, round(number) - 1), path)
    positions = UNITS[unit] * from_y_up(points)
    return [marker_poses(path, names, positions, rate, skeleton, first)]


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise AnatomyError(f"{where}: expected a number, got {text!r:.20}")
    return value
