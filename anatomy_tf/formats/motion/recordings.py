"""Reading a user's recording of one clip by one camera, 2D and 3D: npz, JSON or CSV.

npz and JSON hold ``keypoints`` (frames, J, 2), pixels from the image's upper left corner, and
``positions`` (frames, J, 3); ``visibility`` (frames, J) from 0 to 1 may be left out. A CSV file has
one line for each frame and for each joint the columns ``JOINT_u, JOINT_v`` (pixels), ``JOINT_x,
JOINT_y, JOINT_z`` and, if known, ``JOINT_score``, in any order; ``frame``, if there, counts by one,
and ``time`` is ignored. Unknown values are NaN in npz, ``null`` in JSON and empty in CSV, or zero
in all of a point's coordinates, as detectors and motion capture programs write points that they did
not find.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.table import TextTable
from anatomy_tf.formats.stated import check_next_frame
from anatomy_tf.skeletons import Skeleton

_COLUMNS = {"keypoints": ("u", "v"), "positions": ("x", "y", "z"), "visibility": ("score",)}
_PASSED_OVER = ("frame", "time")
_SIZES = {"keypoints": 2, "positions": 3, "visibility": None}


@dataclasses.dataclass(frozen=True)
class Recording:
    """The arrays of a recording; NaN where a value is unknown.

    Attributes:
        keypoints: (T, J, 2) pixels.
        positions: (T, J, 3) in the file's unit.
        visibility: (T, J); ``None`` where the file has none.
    """

    keypoints: NDArray[np.float64]
    positions: NDArray[np.float64]
    visibility: NDArray[np.float64] | None


def load_recording(path: Path, skeleton: Skeleton) -> Recording:
    """Read a recording of a skeleton's joints.

    Raises:
        AnatomyError: when the file cannot be read, lacks an array or a column, or has another
            shape.
    """
    reader = RECORDING_FORMATS.get(path.suffix.lower())
    if reader is None:
        raise AnatomyError(f"{path}: expected a file {' or '.join(RECORDING_FORMATS)}")
    with reading(path, "recording"):
        arrays = reader(path, skeleton)
    missing = [name for name in ("keypoints", "positions") if name not in arrays]
    if missing:
        raise AnatomyError(f"{path}: expected {' and '.join(missing)}, which are not there")
    frames = len(arrays["keypoints"]) if arrays["keypoints"].ndim else 0
    for name, size in _SIZES.items():
        shape = (
            (frames, skeleton.joint_count) if size is None else (frames, skeleton.joint_count, size)
        )
        if name in arrays and arrays[name].shape != shape:
            raise AnatomyError(
                f"{path}: expected {name} {shape} for {skeleton.name}, got {arrays[name].shape}"
            )
        if name in arrays and np.isinf(arrays[name]).any():
            raise AnatomyError(f"{path}: {name} has an infinite number")
    if frames == 0:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    for name in ("keypoints", "positions"):
        arrays[name][(arrays[name] == 0).all(axis=-1)] = np.nan
    return Recording(arrays["keypoints"], arrays["positions"], arrays.get("visibility"))


def _from_npz(path: Path, skeleton: Skeleton) -> dict[str, NDArray[np.float64]]:
    return {
        name: _numbers(value, path, name) for name, value in read_npz(path, tuple(_SIZES)).items()
    }


def _from_json(path: Path, skeleton: Skeleton) -> dict[str, NDArray[np.float64]]:
    content = read_json(path)
    if not isinstance(content, dict):
        raise AnatomyError(
            f"{path}: expected an object with keypoints and positions, got {type(content).__name__}"
        )
    return {name: _numbers(content[name], path, name) for name in _SIZES if name in content}


def _numbers(value: Any, path: Path, name: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiuO":
            raise ValueError(f"got {array.dtype}")
        # None becomes NaN.
        return array.astype(np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise AnatomyError(
            f"{path}: expected {name} to be an array of numbers ({reason})"
        ) from None


def _from_csv(path: Path, skeleton: Skeleton) -> dict[str, NDArray[np.float64]]:
    table = TextTable(path)
    rows = table.rows()
    _, header = next(rows, ("", []))
    if not header:
        raise AnatomyError(f"{path}: expected a line with the columns' names, got none")
    known = _columns_of(skeleton)
    _check_columns(header, known, skeleton, path)
    lines = []
    counted = header.index("frame") if "frame" in header else None
    before: float | None = None
    for where, row in rows:
        if len(row) != len(header):
            raise AnatomyError(f"{where}: expected {len(header)} cells, got {len(row)}")
        if counted is not None:
            frame = table.number(row[counted], f"{where}, column frame")
            check_next_frame(before, frame, where)
            before = frame
        lines.append(
            [
                table.number(cell, f"{where}, column {title}") if title in known else np.nan
                for title, cell in zip(header, row, strict=True)
            ]
        )
    values = np.array(lines).reshape(len(lines), len(header))
    arrays = {
        name: np.full((len(lines), skeleton.joint_count, len(endings)), np.nan)
        for name, endings in _COLUMNS.items()
    }
    for column, title in enumerate(header):
        if title in known:
            name, joint, place = known[title]
            arrays[name][:, joint, place] = values[:, column]
    visibility = arrays.pop("visibility")[..., 0]
    if any(title.endswith("_score") for title in header):
        arrays["visibility"] = visibility
    return arrays


def _columns_of(skeleton: Skeleton) -> dict[str, tuple[str, int, int]]:
    """Return the array, the joint and the place in its entry of each column that may be there."""
    return {
        f"{joint}_{ending}": (name, index, place)
        for name, endings in _COLUMNS.items()
        for index, joint in enumerate(skeleton.joint_names)
        for place, ending in enumerate(endings)
    }


def _check_columns(
    header: Sequence[str],
    known: Mapping[str, tuple[str, int, int]],
    skeleton: Skeleton,
    path: Path,
) -> None:
    """Raise ``AnatomyError`` for columns that are unknown, repeated or missing."""
    needed = [column for column, (name, *_) in known.items() if name != "visibility"]
    wrong = {
        "unknown": [c for c in header if c not in known and c not in _PASSED_OVER],
        "repeated": [c for c, count in Counter(header).items() if count > 1],
        "missing": [c for c in needed if c not in header],
    }
    for what, columns in wrong.items():
        if columns:
            more = f" and {len(columns) - 3} more" if len(columns) > 3 else ""
            # pandas leaves the title of its index empty.
            some = ", ".join(title or repr(title) for title in columns[:3])
            raise AnatomyError(
                f"{path}: {what} columns {some}{more}; expected JOINT_u, _v, _x, "
                f"_y, _z and maybe _score for the joints of {skeleton.name}"
            )


RECORDING_FORMATS: dict[str, Callable[[Path, Skeleton], dict[str, NDArray[np.float64]]]] = {
    ".npz": _from_npz,
    ".json": _from_json,
    ".csv": _from_csv,
}
"""A file's ending to its reader."""
