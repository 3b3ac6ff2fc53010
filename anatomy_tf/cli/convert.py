"""``anatomy-tf convert``: poses from one file format to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.lifted_poses import counted
from anatomy_tf.cli.options import arg
from anatomy_tf.cli.other_files import check_other_file
from anatomy_tf.cli.read_poses import chosen_people, read_poses
from anatomy_tf.cli.written_poses import FileOptions, print_written


def convert(
    input: Annotated[Path, tyro.conf.Positional, arg(metavar="IN")],
    output: Annotated[Path, tyro.conf.Positional, arg(metavar="OUT")],
    person: Annotated[int | None, arg(metavar="N")] = None,
    file: tyro.conf.OmitArgPrefixes[FileOptions] = FileOptions(),  # noqa: B008
) -> None:
    """Convert 3D poses to another file format; the suffix of each file chooses its format.

    Args:
        input: poses to read: .npz, .json, .csv, .trc or .c3d.
        output: the file to write: .npz, .json, .csv, .glb, .bvh, .trc or .c3d. Of the last three
            each person gets one. Existing files are replaced.
        person: convert this person only, counted from 0.
        file: how the file is written.
    """
    output = file.check(output)
    check_other_file(output, input, option="OUT")
    people = chosen_people(read_poses(input), person)
    written = file.save(output, people)
    console = plain_console()
    frames = max(one.frames for one in written)
    console.print(f"{counted(people, frames)}, {people[0].skeleton.name}", soft_wrap=True)
    print_written(console, written, constant=False)
