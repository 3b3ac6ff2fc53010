"""C3D: marker trajectories of one person, through ezc3d.

Millimetres, as most programs expect, z up (``X_SCREEN`` +X, ``Y_SCREEN`` +Z), a marker a joint.
Written only: on a damaged file ezc3d (1.7.2) may not return.
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
from anatomy_tf.sequences import PoseSequence

_MILLIMETRES = 1000.0


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


def _ezc3d() -> Any:
    try:
        return importlib.import_module("ezc3d")
    except ImportError:
        raise AnatomyError(
            'C3D files need ezc3d, which is not installed: pip install "anatomy_tf[c3d]"'
        ) from None
