"""TRC: marker trajectories of one person, the text that OpenSim reads.

Lengths are in metres or the given ``unit``, which the file states: OpenSim reads ``Units`` and
converts to metres (run in 4.6 for m and mm). y is up, each joint is a marker, and tabs separate
cells. The layout is that of OpenSim's documentation (Marker (.trc) Files): three lines of header,
two that name the markers and their coordinates, then one line for each frame with its number,
counted from 1, and its time in the video.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.text_file import read_text
from anatomy_tf.formats.poses.axes import UNITS, from_y_up, metres_of_unit, y_up
from anatomy_tf.formats.poses.named_markers import marker_poses
from anatomy_tf.formats.stated import check_first_frame, check_next_frame
from anatomy_tf.sequences import PoseSequence

BEGINNING = "PathFileType"
"""The first word of a TRC file."""

PIXELS = 50.0
"""Numbers above it are no metres from the origin of a room."""

_HEADER = 5
"""Lines before those of frames."""

_KEYS = (
    *("DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units"),
    *("OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"),
)


def save_trc(path: Path, poses: Sequence[PoseSequence], *, unit: str) -> None:
    """Write one person's poses to a TRC file.

    Args:
        path: the file.
        poses: one person's poses.
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
        [BEGINNING, "4", "(X/Y/Z)", path.name],
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


def load_trc(path: Path) -> list[PoseSequence]:
    """Read markers that are named like the joints of a registered layout, in world axes.

    Raises:
        AnatomyError: when the file is no TRC, its numbers are malformed, a marker or a frame is
            missing, its times do not have its rate, or no layout has these joints.
    """
    markers = read_markers(path)
    metres = metres_of_unit(markers.unit, f"{path}: expected Units")
    # The first frame's number, counted from 1.
    first = check_first_frame(max(0, markers.first_number - 1), path)
    positions = metres * from_y_up(markers.points)
    return [marker_poses(path, markers.names, positions, markers.rate, first)]


@dataclasses.dataclass(frozen=True, eq=False)
class Markers:
    """The content of a TRC file.

    Attributes:
        names: of the J markers.
        points: (T, J, 3) x, y, z in the file's unit; NaN where it is missing.
        first_number: of the first frame, as the file counts them.
        rate: frames a second.
        unit: as the file states it.
    """

    names: tuple[str, ...]
    points: NDArray[np.float64]
    first_number: int
    rate: float
    unit: str


def read_markers(path: Path) -> Markers:
    """Return the markers of a TRC file.

    Raises:
        AnatomyError: when the file is no TRC, its numbers are malformed, a frame is missing, or its
            times do not have its rate.
    """
    lines = [[cell.strip() for cell in line.split("\t")] for line in read_text(path).splitlines()]
    if len(lines) < 6 or not lines[0][0].startswith(BEGINNING):
        raise AnatomyError(f"{path}: expected a TRC file, which begins with {BEGINNING}")
    stated = dict(zip(lines[1], lines[2], strict=False))
    rate = _number(stated.get("DataRate", ""), f"{path}: DataRate")
    rows = [line for line in lines[_HEADER:] if any(line)]
    if not rows:
        raise AnatomyError(f"{path}: expected frames, got none")
    places = _places(lines[3])
    points = np.empty((len(rows), len(places), 3))
    for row, cells in enumerate(rows):
        where = f"{path}: frame {cells[0]!r:.20}"
        values = [_coordinate(c, where) for _, p in places for c in cells[p : p + 3]]
        if len(values) != 3 * len(places):
            raise AnatomyError(f"{where}: expected {3 * len(places)} numbers, got {len(values)}")
        points[row] = np.reshape(values, (-1, 3))
    _check_times(path, rows, rate)
    first_number = round(_number(rows[0][0], f"{path}: Frame#"))
    names = tuple(name for name, _ in places)
    return Markers(names, points, first_number, rate, stated.get("Units", ""))


def _places(cells: list[str]) -> list[tuple[str, int]]:
    """Return the names and first columns of markers; a marker without a name is passed over."""
    columns = [(name, column) for column, name in enumerate(cells) if column >= 2 and name]
    if [column for _, column in columns] == list(range(2, 2 + len(columns))):
        # Names without the empty cells between them.
        columns = [(name, 2 + 3 * place) for place, (name, _) in enumerate(columns)]
    return columns


def is_in_picture(beginning: str) -> bool:
    """Return whether the text of a TRC file begins with pixels of a picture, whose z is 0."""
    rows = [line.split("\t") for line in beginning.splitlines()[_HEADER:-1]]
    depths = {cell.strip() for row in rows for cell in row[4::3]}
    try:
        across = [float(cell) for row in rows for cell in row[2:] if cell.strip()]
        return not any(float(depth or 0) for depth in depths) and max(across, default=0) > PIXELS
    except ValueError:
        return False


def _check_times(path: Path, rows: list[list[str]], rate: float) -> None:
    """Raise ``AnatomyError`` where a frame is missing, or the times are not those of the rate."""
    numbers = [_number(row[0], f"{path}: Frame#") for row in rows]
    for before, after in itertools.pairwise(numbers):
        check_next_frame(before, after, path)
    first, last = (
        _coordinate(row[1] if len(row) > 1 else "", f"{path}: Time") for row in (rows[0], rows[-1])
    )
    # One frame for times that are rounded, and 1 % for a rate that is.
    count = len(rows) - 1
    if last > first and abs((last - first) * rate - count) > 1 + 0.01 * count:
        raise AnatomyError(
            f"{path}: expected times of DataRate {rate:g}, got {count / (last - first):.4g} frames "
            "a second"
        )


def _coordinate(text: str, where: str) -> float:
    """Return a cell's number, which may have a decimal comma; NaN where it is missing."""
    return math.nan if text.lower() in ("", "nan") else _number(text.replace(",", "."), where)


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise AnatomyError(f"{where}: expected a number, got {text!r:.20}")
    return value
