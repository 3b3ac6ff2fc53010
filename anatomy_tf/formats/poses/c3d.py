"""C3D: marker trajectories of one person, through ezc3d.

Lengths are in millimetres, as most programs expect, or the given ``unit``; z is up (``X_SCREEN``
+X, ``Y_SCREEN`` +Z); each joint is a marker; frames have their numbers in the video; the person is
the subject (``SUBJECTS:NAMES``). A file is read in a separate process (``files.separate_process``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.regular_file import read_head
from anatomy_tf.files.separate_process import read_apart
from anatomy_tf.formats.poses.axes import UNITS, from_y_up, metres_of_unit, z_up
from anatomy_tf.formats.poses.named_markers import marker_poses
from anatomy_tf.formats.stated import check_first_frame
from anatomy_tf.sequences import PoseSequence

_C3D = 0x50
_START = ("TRIAL", "ACTUAL_START_FIELD")
"""The parameter with the whole number of the first frame; the header has 16 bits for it."""
_LONGEST = 255
"""Bytes of a text in a parameter."""
_WORD = 1 << 16
_UP = {"+Z": lambda positions: positions, "+Y": from_y_up}
"""Conversion to world axes, by the axis that points up on the screen (``Y_SCREEN``)."""


def save_c3d(path: Path, poses: Sequence[PoseSequence], *, unit: str) -> None:
    """Write one person's poses to a C3D file.

    Args:
        path: the file.
        poses: one person's poses.
        unit: one of ``UNITS``.

    Raises:
        AnatomyError: saying what to install when ezc3d is missing, or when the file cannot be
            written or the first frame's number does not fit into it.
    """
    (person,) = poses
    if person.first_frame + 1 >= _WORD**2:
        raise AnatomyError(
            f"{path}: a C3D file counts frames up to {_WORD**2:,}, the first one is "
            f"{person.first_frame:,}"
        )
    content = _ezc3d().c3d()
    content["parameters"]["POINT"]["RATE"]["value"] = [person.fps]
    content["parameters"]["POINT"]["LABELS"]["value"] = list(person.skeleton.joint_names)
    content["parameters"]["POINT"]["UNITS"]["value"] = [unit]
    content.add_parameter("POINT", "X_SCREEN", ["+X"])
    content.add_parameter("POINT", "Y_SCREEN", ["+Z"])
    first = person.first_frame
    if first + len(person) < _WORD:
        content["header"]["points"]["first_frame"] = first
    # Counted from 1, in two words.
    content.add_parameter(*_START, [(first + 1) % _WORD, (first + 1) // _WORD])
    if len(person.person.encode()) <= _LONGEST:
        content.add_parameter("SUBJECTS", "NAMES", [person.person])
    points = np.ones((4, person.skeleton.joint_count, len(person)))
    points[:3] = z_up(person).transpose(2, 1, 0) / UNITS[unit]
    content["data"]["points"] = points
    with atomic_file(path) as file:
        # ezc3d opens the file by its name and writes all of it.
        content.write(file.name)
        _check_whole(Path(file.name), points)


def load_c3d(path: Path) -> list[PoseSequence]:
    """Read markers that are named like the joints of a registered layout, in world axes.

    z is up unless ``Y_SCREEN`` states that y is.

    Raises:
        AnatomyError: saying what to install when ezc3d is missing; when the file is damaged or no
            C3D, a marker is missing from a frame, or no layout has these joints.
    """
    head = read_head(path, 2)
    if len(head) < 2 or head[1] != _C3D:
        raise AnatomyError(f"{path}: expected a C3D file, which has 80 as its second byte")
    _ezc3d()
    arrays = read_apart(_parsed, path, expected="C3D file")
    unit, up = (" ".join(arrays[name].tolist()) for name in ("units", "y_screen"))
    metres = metres_of_unit(unit, f"{path}: expected POINT:UNITS")
    if (up or "+Z") not in _UP:
        raise AnatomyError(f"{path}: expected POINT:Y_SCREEN +Z or +Y, got {up!r:.40}")
    points, labels = arrays["points"], arrays["labels"].tolist()
    first = check_first_frame(int(arrays["first"]), path)
    if points.ndim != 3 or points.shape[1] != len(labels) or not points.shape[2]:
        raise AnatomyError(
            f"{path}: expected frames of {len(labels)} named markers, got an array {points.shape}"
        )
    positions = _UP[up or "+Z"](metres * points.transpose(2, 1, 0))
    rate = float(arrays["rate"])
    subjects = arrays["subjects"].tolist()
    subject = subjects[0] if len(subjects) == 1 else ""
    return [marker_poses(path, tuple(labels), positions, rate, first, subject)]


def _check_whole(path: Path, points: np.ndarray) -> None:
    """Raise ``OSError`` for a file that lacks points: ezc3d does not see that a disk is full."""
    # The header says, in its ninth word, in which block of 512 bytes points begin, counted from 1.
    begin = int.from_bytes(read_head(path, 18)[16:], "little")
    size = path.stat().st_size
    if not begin or size < 512 * (begin - 1) + 4 * points.size:
        raise OSError(f"only {size:,} bytes could be written; is the disk full?")


def _parsed(path: str) -> dict[str, np.ndarray]:
    """Return the arrays of a C3D file that poses need, of numbers and text."""
    content = _ezc3d().c3d(path)

    def texts(name: str, group: str = "POINT") -> np.ndarray:
        values = _values(content, group, name)
        return np.array([str(value).strip() for value in values], np.str_)

    # Programs that have more than 255 markers go on in LABELS2.
    labels = np.concatenate([texts("LABELS"), texts("LABELS2")])
    return {
        "points": np.asarray(content["data"]["points"], np.float64)[:3],
        "labels": labels.astype(np.str_),
        "units": texts("UNITS"),
        "y_screen": texts("Y_SCREEN"),
        "subjects": texts("NAMES", "SUBJECTS"),
        "first": _first_frame(content),
        "rate": np.asarray(content["header"]["points"]["frame_rate"], np.float64),
    }


def _first_frame(content: Any) -> np.ndarray:
    """Return the first frame's number, counted from 0, from the trial or else the header."""
    words = _values(content, *_START)
    if len(words) == 2:
        # Programs write words with a sign.
        low, high = (int(word) % _WORD for word in words)
        return np.array(max(0, low + _WORD * high - 1), np.int64)
    return np.asarray(max(0, content["header"]["points"]["first_frame"]), np.int64)


def _values(content: Any, group: str, name: str) -> Sequence[Any]:
    values: Sequence[Any] = content["parameters"].get(group, {}).get(name, {}).get("value", ())
    return values


def _ezc3d() -> Any:
    return extra_module("ezc3d", "c3d", "C3D files need")
