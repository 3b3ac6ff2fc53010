"""``anatomy-tf angles``: joint angles of 3D poses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.options import arg
from anatomy_tf.cli.other_files import check_other_file
from anatomy_tf.cli.read_poses import chosen_people, read_poses

if TYPE_CHECKING:
    from rich.console import Console

    from anatomy_tf.poses import JointAngles

COLUMNS = 3
"""People in the printed table; more do not fit a terminal."""


def angles(
    input: Annotated[Path, tyro.conf.Positional, arg(metavar="IN")],
    output: Annotated[tuple[Path, ...], arg(metavar="PATH [PATH ...]")] = (),
    person: Annotated[int | None, arg(metavar="N")] = None,
) -> None:
    """Measure the angles of hips, knees, shoulders, elbows, trunk and pelvis in 3D poses.

    Angles are in degrees. Flexion, abduction and inward rotation are positive. The definitions
    follow the International Society of Biomechanics as far as joint positions allow
    (docs/joint_angles.md).

    Args:
        input: the poses, a file that anatomy-tf lift wrote.
        output: files to write: .csv, OpenSim's .mot, or curves as .png, .pdf or .svg; existing ones
            are replaced. Each of several people gets a file, with the person's number before the
            suffix.
        person: measure this person only, counted from 0.
    """
    from anatomy_tf.files.paths import check_output, person_files
    from anatomy_tf.formats import ANGLE_FORMATS, save_angles
    from anatomy_tf.poses import joint_angles
    from anatomy_tf.visualization.angle_curves import SUFFIXES, plot_angles

    targets = [check_output(path, *ANGLE_FORMATS, *SUFFIXES) for path in output]
    people = chosen_people(read_poses(input), person)
    measured = [joint_angles(poses) for poses in people]
    places = [
        place
        for target in targets
        for place in zip(person_files(target, len(measured)), measured, strict=True)
    ]
    for place, _ in places:
        check_other_file(place, input)
    console = plain_console()
    for place, one in places:
        if place.suffix in ANGLE_FORMATS:
            save_angles(place, one)
        else:
            plot_angles(one, place)
        console.print(f"Angles in {place}", soft_wrap=True)
    _print_ranges(console, measured)


def _print_ranges(console: Console, measured: list[JointAngles]) -> None:
    """Print the smallest, median and largest value of each angle in degrees."""
    import numpy as np
    from rich.table import Table
    from rich.text import Text

    console.print("Smallest / median / largest angle in degrees; - where it cannot be measured:")
    table = Table("angle")
    for one in measured[:COLUMNS]:
        # Square brackets in a name are not rich's markup.
        table.add_column(Text(f"person {one.person}"), justify="right")
    for name in measured[0].names:
        cells = []
        for one in measured[:COLUMNS]:
            known = one[name][~np.isnan(one[name])]
            quantiles = np.quantile(known, (0, 0.5, 1)) if len(known) else ()
            cells.append(" / ".join(f"{value:z.0f}" for value in quantiles) or "-")
        table.add_row(name.replace("_", " "), *cells)
    console.print(table)
    if len(measured) > COLUMNS:
        console.print(f"and {len(measured) - COLUMNS} more people")
