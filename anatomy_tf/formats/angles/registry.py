"""The formats of joint angles, and the function that writes any of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import check_output
from anatomy_tf.formats.angles.angle_csv import save_csv_angles
from anatomy_tf.formats.angles.mot import save_mot
from anatomy_tf.poses import JointAngles

ANGLE_FORMATS: dict[str, Callable[[Path, JointAngles], None]] = {
    ".csv": save_csv_angles,
    ".mot": save_mot,
}
"""Writers by suffix."""


def save_angles(path: str | Path, angles: JointAngles) -> Path:
    """Write one person's joint angles in the format of the file's suffix.

    Args:
        path: ends in one of ``ANGLE_FORMATS``; an existing file is replaced completely or not at
            all.
        angles: the angles, from ``poses.joint_angles``.

    Returns:
        The path.

    Raises:
        AnatomyError: when the suffix is unknown or the file cannot be written.
    """
    path = check_output(path, *ANGLE_FORMATS)
    if not isinstance(angles, JointAngles):
        raise AnatomyError(
            f"{path}: expected one person's JointAngles, got {type(angles).__name__}"
        )
    ANGLE_FORMATS[path.suffix](path, angles)
    return path
