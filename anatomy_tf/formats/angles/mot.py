"""Joint angles as OpenSim's motion file (.mot), degrees, for its full-body models.

Coordinates have the names and signs of Rajagopal's model (2016) and of models made from it. Angles
go on beyond 180 without a jump. Where the joints do not show an angle it is interpolated in time,
and it is 0 where they never do: OpenSim takes no gaps. The pelvis is at the hips' middle, y up, in
the axes of our TRC of level poses.

Compared with OpenSim 4.6: a model of this family was posed at random and its joints' centres given
to ``joint_angles``. Trunk and pelvis came back exactly, hips, knees and ankles within 4 degrees,
arms within 15 (its elbow's axis is oblique).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.poses import JointAngles

COORDINATES = {
    **{
        coordinate.format(side[0]): (f"{side}_{angle}", sign)
        for side in ("right", "left")
        for coordinate, angle, sign in (
            ("hip_flexion_{}", "hip_flexion", 1),
            ("hip_adduction_{}", "hip_abduction", -1),
            ("hip_rotation_{}", "hip_rotation", 1),
            ("knee_angle_{}", "knee_flexion", 1),
            ("ankle_angle_{}", "ankle_flexion", 1),
            ("arm_flex_{}", "shoulder_flexion", 1),
            ("arm_add_{}", "shoulder_abduction", -1),
            ("arm_rot_{}", "shoulder_rotation", 1),
            ("elbow_flex_{}", "elbow_flexion", 1),
        )
    },
    "lumbar_extension": ("trunk_flexion", -1),
    "lumbar_bending": ("trunk_bending", 1),
    "lumbar_rotation": ("trunk_rotation", 1),
}
"""OpenSim's coordinate to our angle and its sign."""

_PELVIS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
_PLACE = ("pelvis_tx", "pelvis_ty", "pelvis_tz")


def save_mot(path: Path, angles: JointAngles) -> None:
    """Write one person's joint angles to a MOT file.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    # Imported here, so that only writing rotations waits for SciPy.
    from scipy.spatial.transform import Rotation

    turns = np.unwrap(
        Rotation.from_matrix(angles.pelvis).as_euler("ZXY", degrees=True), period=360, axis=0
    )
    root = np.zeros((len(angles), 3)) if angles.root is None else angles.root
    columns = dict(zip(_PELVIS, turns.T, strict=True)) | dict(zip(_PLACE, root.T, strict=True))
    for coordinate, (angle, sign) in COORDINATES.items():
        if angle in angles.names:
            columns[coordinate] = sign * _without_gaps(angles[angle])
    names = ["time", *columns]
    lines = [
        path.stem,
        "version=1",
        f"nRows={len(angles)}",
        f"nColumns={len(names)}",
        "inDegrees=yes",
        "endheader",
        "\t".join(names),
    ]
    rows = np.stack(list(columns.values()), axis=-1)
    for time, row in zip(angles.times, rows, strict=True):
        lines.append("\t".join([f"{time:.6f}", *(f"{v:.6f}" for v in row)]))
    with atomic_file(path) as file:
        file.write(("\n".join(lines) + "\n").encode())


def _without_gaps(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return angles (T,) without jumps of 360, with gaps interpolated; 0 where all are gaps."""
    known = np.flatnonzero(~np.isnan(degrees))
    if not len(known):
        return np.zeros_like(degrees)
    return np.interp(np.arange(len(degrees)), known, np.unwrap(degrees[known], period=360))
