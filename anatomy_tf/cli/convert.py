"""``anatomy-tf convert``: poses from one file format to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from anatomy_tf.errors import AnatomyError


def convert(
    input: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="IN")],
    output: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="OUT")],
    person: Annotated[int | None, tyro.conf.arg(metavar="N")] = None,
    seen_only: tyro.conf.FlagCreatePairsOff[bool] = False,
) -> None:
    """Convert 3D poses between file formats, each chosen by the file's suffix.

    Args:
        input: poses to read: .npz, .json, .csv, .trc or .c3d.
        output: the file to write: .npz, .json, .csv, .bvh, .trc, .c3d or .glb; an existing one is
            replaced.
        person: convert this person only, counted from 0; .bvh, .trc and .c3d hold one.
        seen_only: leave out the frames in which nobody was seen; .bvh, .trc, .c3d and .glb, which
            have a pose at every time, begin and end with somebody.
    """
    from rich.console import Console

    from anatomy_tf.formats import load_poses, save_poses
    from anatomy_tf.formats.poses.registry import check_pose_output

    output = check_pose_output(output)
    people = load_poses(input)
    if output.exists() and output.samefile(input):
        raise AnatomyError(f"{output}: is the input; give another OUT")
    if person is not None:
        if not 0 <= person < len(people):
            raise AnatomyError(f"--person: expected 0..{len(people) - 1}, got {person}")
        people = [people[person]]
    save_poses(output, people, seen_only=seen_only)
    first = people[0]
    Console(highlight=False).print(
        f"{len(people)} {'person' if len(people) == 1 else 'people'}, "
        f"{max(map(len, people))} frames at {first.fps:g} fps, {first.skeleton.name}, in {output}",
        soft_wrap=True,
    )
