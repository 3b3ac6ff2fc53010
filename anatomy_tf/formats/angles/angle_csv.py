"""Joint angles as CSV: ``time`` in seconds of the video, then a column an angle in degrees.

A cell is empty where the joints do not show the angle. ``poses.angles`` defines the angles.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.poses import JointAngles


def save_csv_angles(path: Path, angles: JointAngles) -> None:
    """Writes one person's angles.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time", *angles.names])
    for time, row in zip(angles.times, angles.degrees, strict=True):
        cells = ("" if value != value else f"{value:.3f}" for value in row)
        writer.writerow([f"{time:.6f}", *cells])
    with atomic_file(path) as file:
        file.write(text.getvalue().encode())
