"""C3D: marker trajectories of one person, through ezc3d.

Millimetres, as most programs expect, z up (``X_SCREEN`` +X, ``Y_SCREEN`` +Z), a marker a joint.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.atomic import atomic_file
from anatomy_tf.formats.axes import z_up
from anatomy_tf.formats.named_markers import marker_poses
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import Skeleton

_MILLIMETRES = 1000.0
_METRES = {"m": 1.0, "cm": 1e-2, "mm": 1e-3}


def save_c3d(path: Path, poses: Sequence[PoseSequence]) -> None:
    """Writes one person's poses.

    Raises:
        AnatomyError: saying what to install when ezc3d is missing, or when the file cannot be
            written.
    """
    (person,) = poses
    content = _ezc3d().c3d()
    content["parameters"]["POINT"]["RATE"]["value"] = [person.fps]
    content["parameters"]["POINT"]["LABELS"]["value"] = list(person.skeleton.joint_names)
    content["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    content.add_parameter("POINT", "X_SCREEN", ["+X"])
    content.add_parameter("POINT", "Y_SCREEN", ["+Z"])
    points = np.ones((4, person.skeleton.joint_count, len(person)))
    points[:3] = _MILLIMETRES * z_up(person).transpose(2, 1, 0)
    content["data"]["points"] = points
    with atomic_file(path) as file:
        # ezc3d opens the file by its name and writes it whole.
        content.write(file.name)


def load_c3d(path: Path, skeleton: Skeleton | None = None) -> list[PoseSequence]:
    """Reads markers that are named like the joints of a known layout, in world axes.

    Args:
        path: a file with z up.
        skeleton: the layout; by default the registered one whose joints the markers are.

    Raises:
        AnatomyError: saying what to install when ezc3d is missing; when the file is no C3D, a
            marker is missing from a frame, or no layout has these joints.
    """
    module = _ezc3d()
    try:
        content = module.c3d(str(path))
        point = content["parameters"]["POINT"]
        names = tuple(str(name) for name in point["LABELS"]["value"])
        unit = str(point["UNITS"]["value"][0])
        rate = float(point["RATE"]["value"][0])
        points = np.array(content["data"]["points"][:3], np.float64).transpose(2, 1, 0)
    # ezc3d raises what its C++ throws, by the kind of damage.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise AnatomyError(f"{path}: not a readable C3D file ({reason})") from None
    if unit not in _METRES:
        raise AnatomyError(f"{path}: expected the unit m, cm or mm, got {unit!r}")
    if points.shape[1] != len(names):
        raise AnatomyError(f"{path}: {points.shape[1]} markers have {len(names)} labels")
    return [marker_poses(path, names, _METRES[unit] * points, rate, skeleton)]


def _ezc3d() -> Any:
    try:
        return importlib.import_module("ezc3d")
    except ImportError:
        raise AnatomyError(
            'C3D files need ezc3d, which is not installed: pip install "anatomy_tf[c3d]"'
        ) from None
