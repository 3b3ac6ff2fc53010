"""C3D: marker trajectories of one person, through ezc3d.

Millimetres, as most programs expect, or what ``unit`` asks for; z up (``X_SCREEN`` +X,
``Y_SCREEN`` +Z), a marker a joint. A file is read in a process of its own with a limit of time: on
a damaged one ezc3d (1.7.2) may crash or not return.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.formats.poses.axes import UNITS, from_y_up, z_up
from anatomy_tf.formats.poses.named_markers import marker_poses
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import Skeleton

_C3D = 0x50
_UP = {"+Z": lambda positions: positions, "+Y": from_y_up}
"""To world axes, by the axis that points up on the screen (``Y_SCREEN``)."""

PATIENCE = 120.0
"""Seconds that reading may take."""


def save_c3d(path: Path, poses: Sequence[PoseSequence], *, unit: str) -> None:
    """Writes one person's poses.

    Args:
        path: the file.
        poses: of one person.
        unit: one of ``UNITS``.

    Raises:
        AnatomyError: saying what to install when ezc3d is missing, or when the file cannot be
            written.
    """
    (person,) = poses
    content = _ezc3d().c3d()
    content["parameters"]["POINT"]["RATE"]["value"] = [person.fps]
    content["parameters"]["POINT"]["LABELS"]["value"] = list(person.skeleton.joint_names)
    content["parameters"]["POINT"]["UNITS"]["value"] = [unit]
    content.add_parameter("POINT", "X_SCREEN", ["+X"])
    content.add_parameter("POINT", "Y_SCREEN", ["+Z"])
    points = np.ones((4, person.skeleton.joint_count, len(person)))
    points[:3] = z_up(person).transpose(2, 1, 0) / UNITS[unit]
    content["data"]["points"] = points
    with atomic_file(path) as file:
        # ezc3d opens the file by its name and writes it whole.
        content.write(file.name)


def load_c3d(path: Path, skeleton: Skeleton | None = None) -> list[PoseSequence]:
    """Reads markers that are named like the joints of a known layout, in world axes.

    z is up unless ``Y_SCREEN`` says that y is.

    Args:
        path: the file.
        skeleton: the layout; by default the registered one whose joints the markers are.

    Raises:
        AnatomyError: saying what to install when ezc3d is missing; when the file is damaged or no
            C3D, a marker is missing from a frame, or no layout has these joints.
    """
    try:
        with path.open("rb") as file:
            head = file.read(2)
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    if len(head) < 2 or head[1] != _C3D:
        raise AnatomyError(f"{path}: expected a C3D file, which has 80 as its second byte")
    arrays = _read(path)
    unit, up = (" ".join(arrays[name].tolist()) for name in ("units", "y_screen"))
    if unit not in UNITS:
        raise AnatomyError(f"{path}: expected POINT:UNITS m, cm or mm, got {unit!r:.40}")
    if (up or "+Z") not in _UP:
        raise AnatomyError(f"{path}: expected POINT:Y_SCREEN +Z or +Y, got {up!r:.40}")
    points, labels = arrays["points"], arrays["labels"].tolist()
    if points.ndim != 3 or points.shape[1] != len(labels) or not points.shape[2]:
        raise AnatomyError(
            f"{path}: expected frames of {len(labels)} named markers, got an array {points.shape}"
        )
    positions = _UP[up or "+Z"](UNITS[unit] * points.transpose(2, 1, 0))
    return [marker_poses(path, tuple(labels), positions, float(arrays["rate"]), skeleton)]


def _read(path: Path) -> dict[str, Any]:
    """The arrays that ``c3d_process`` writes."""
    _ezc3d()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "content.npz"
        program = [sys.executable, "-m", "anatomy_tf.formats.poses.c3d_process"]
        try:
            run = subprocess.run(
                # Whole, since a name that begins with a dash would be an option.
                [*program, str(path.absolute()), str(target)],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            raise AnatomyError(
                f"{path}: not a readable C3D file (ezc3d did not come to its end in {PATIENCE:g} s)"
            ) from None
        if run.returncode:
            said = [line.strip() for line in run.stderr.splitlines() if line.strip()]
            reason = said[-1][:120] if said else f"ezc3d ended with signal {-run.returncode}"
            raise AnatomyError(f"{path}: not a readable C3D file ({reason})")
        return read_npz(target)


def _ezc3d() -> Any:
    return extra_module("ezc3d", "c3d", "C3D files need")
