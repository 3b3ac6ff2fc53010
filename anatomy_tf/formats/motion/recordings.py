"""One camera's recording of one clip, 2D and 3D, as people write it themselves: npz, JSON or CSV.

npz and JSON hold ``keypoints`` (frames, J, 2), pixels from the image's upper left corner, and
``positions`` (frames, J, 3); ``visibility`` (frames, J) from 0 to 1 may be left out. A CSV file has
a line a frame and for each joint the columns ``JOINT_u, JOINT_v`` (pixels), ``JOINT_x, JOINT_y,
JOINT_z`` and, if known, ``JOINT_score``, in any order; ``frame`` and ``time`` are passed over. What
is not known is NaN in npz, ``null`` in JSON and empty in CSV.
"""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.skeletons import Skeleton

_COLUMNS = {"keypoints": ("u", "v"), "positions": ("x", "y", "z"), "visibility": ("score",)}
_PASSED_OVER = ("frame", "time")
_SIZES = {"keypoints": 2, "positions": 3, "visibility": None}
_MOST_TEXT = 1 << 30


@dataclasses.dataclass(frozen=True)
class Recording:
    """What a file holds; NaN where it does not know.

    Attributes:
        keypoints: (T, J, 2) pixels.
        positions: (T, J, 3) in the file's unit.
        visibility: (T, J); ``None`` where the file has none.
    """

    keypoints: NDArray[np.float64]
    positions: NDArray[np.float64]
    visibility: NDArray[np.float64] | None


def load_recording(path: Path, skeleton: Skeleton) -> Recording:
    """Reads a recording of a skeleton's joints.

    Raises:
        AnatomyError: when the file cannot be read, lacks an array or a column, or has another
            shape.
    """
    reader = RECORDING_FORMATS.get(path.suffix.lower())
    if reader is None:
        raise AnatomyError(f"{path}: expected a file {' or '.join(RECORDING_FORMATS)}")
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
    return Recording(arrays["keypoints"], arrays["positions"], arrays.get("visibility"))


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        AnatomyError: when it cannot be read.
    """
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise AnatomyError(f"{path}: not a readable JSON file ({error})") from None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_TEXT:
            raise AnatomyError(f"{path}: expected at most {_MOST_TEXT} bytes of text")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise AnatomyError(f"{path}: expected text in UTF-8") from None


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
    try:
        rows = [row for row in csv.reader(_text(path).splitlines()) if row]
    except csv.Error as error:
        raise AnatomyError(f"{path}: not a readable CSV file ({error})") from None
    if not rows:
        raise AnatomyError(f"{path}: expected a line with the columns' names, got none")
    header, *lines = ([cell.strip() for cell in row] for row in rows)
    known = {
        f"{joint}_{ending}": (name, index, place)
        for name, endings in _COLUMNS.items()
        for index, joint in enumerate(skeleton.joint_names)
        for place, ending in enumerate(endings)
    }
    unknown = [column for column in header if column not in known and column not in _PASSED_OVER]
    repeated = {column for column in header if header.count(column) > 1}
    missing = [c for c, (name, *_) in known.items() if c not in header and name != "visibility"]
    for what, columns in (
        ("unknown", unknown),
        ("repeated", sorted(repeated)),
        ("missing", missing),
    ):
        if columns:
            more = f" and {len(columns) - 3} more" if len(columns) > 3 else ""
            raise AnatomyError(
                f"{path}: {what} columns {', '.join(columns[:3])}{more}; expected JOINT_u, _v, _x, "
                f"_y, _z and maybe _score for the joints of {skeleton.name}"
            )
    values = np.full((len(lines), len(header)), np.nan)
    for number, line in enumerate(lines):
        if len(line) != len(header):
            raise AnatomyError(
                f"{path}: line {number + 2}: expected {len(header)} cells, got {len(line)}"
            )
        for column, cell in enumerate(line):
            if cell and header[column] in known:
                try:
                    values[number, column] = float(cell)
                except ValueError:
                    raise AnatomyError(
                        f"{path}: line {number + 2}, column {header[column]}: expected a number, "
                        f"got {cell!r:.40}"
                    ) from None
    joints = skeleton.joint_count
    arrays = {
        name: np.full((len(lines), joints, len(endings)), np.nan)
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


RECORDING_FORMATS: dict[str, Callable[[Path, Skeleton], dict[str, NDArray[np.float64]]]] = {
    ".npz": _from_npz,
    ".json": _from_json,
    ".csv": _from_csv,
}
"""A file's ending to its reader."""
