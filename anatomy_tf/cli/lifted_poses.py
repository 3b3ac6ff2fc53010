"""What is printed of lifted poses: a table, warnings, or JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from anatomy_tf.sequences import KeypointSequence, PoseSequence

COLUMNS = 4
"""People in the printed table; more do not fit a terminal."""


def summary(
    paths: list[Path], poses: list[PoseSequence], seconds: float, assumed: str | None
) -> dict[str, Any]:
    """Return the facts that ``--json`` prints: names, metres and seconds.

    Args:
        paths: the written files.
        poses: the people.
        seconds: what lifting took.
        assumed: a line about what was assumed (``RoomOptions.remark``).
    """
    return {
        "files": [str(path) for path in paths],
        "assumed": assumed,
        "seconds": round(seconds, 3),
        "people": [
            {
                "person": clip.person,
                "frames": len(clip),
                "first_frame": clip.first_frame,
                "frames_seen": int(clip.seen.sum()),
                "fps": clip.fps,
                "layout": clip.skeleton.name,
                "bone_lengths": None
                if clip.bone_lengths is None
                else dict(
                    zip(
                        clip.skeleton.bone_names,
                        (round(float(length), 4) for length in clip.bone_lengths),
                        strict=True,
                    )
                ),
                "warnings": list(clip.warnings),
            }
            for clip in poses
        ],
    }


def print_warnings(poses: list[PoseSequence]) -> None:
    """Print a line on stderr for each reason to doubt the poses, with the people it is about."""
    about: dict[str, list[str]] = {}
    for clip in poses:
        for warning in clip.warnings:
            about.setdefault(warning, []).append(clip.person)
    for warning, people in about.items():
        who = f"person {', '.join(people)}" if len(people) <= COLUMNS else f"{len(people)} people"
        print(f"anatomy-tf: warning: {who}: {warning}", file=sys.stderr)


def print_left_out(people: Sequence[KeypointSequence]) -> None:
    """Print a line on stderr about people who were not lifted, if there are any.

    Args:
        people: those of whom no joint was found.
    """
    from anatomy_tf.sequences.gaps import NOT_FOUND

    if not people:
        return
    names = ", ".join(one.person for one in people[:COLUMNS])
    more = f" and {len(people) - COLUMNS} more" if len(people) > COLUMNS else ""
    print(
        f"anatomy-tf: warning: left out: {names}{more}, of whom no joint has a score of at "
        f"least {NOT_FOUND:g}",
        file=sys.stderr,
    )


def print_poses(console: Console, poses: list[PoseSequence], seconds: float) -> None:
    """Print how many people and frames, how fast, and everyone's bone lengths."""
    from rich.table import Table
    from rich.text import Text

    frames = sum(len(p) for p in poses)
    rate = frames / seconds if seconds > 0 else float("inf")
    line = f"{counted(poses)}, lifted at {rate:,.0f} frames a second"
    console.print(line, soft_wrap=True)
    if all(pose.bone_lengths is None for pose in poses):
        return
    console.print("Estimated bone lengths in cm, a bone named by its far joint:")
    table = Table("bone")
    for pose in poses[:COLUMNS]:
        # Square brackets in a name are not rich's markup.
        heading = Text(f"person {pose.person}\nseen in {pose.seen.sum()}")
        table.add_column(heading, justify="right")
    estimated = [pose.bone_lengths for pose in poses[:COLUMNS]]
    for bone, name in enumerate(poses[0].skeleton.bone_names):
        table.add_row(name, *("-" if e is None else f"{100 * e[bone]:.1f}" for e in estimated))
    console.print(table)
    if len(poses) > COLUMNS:
        console.print(f"and {len(poses) - COLUMNS} more people in the file")


def counted(poses: Sequence[PoseSequence], written: int | None = None) -> str:
    """Return how many people and frames there are, at which rate, and where they begin.

    Args:
        poses: the people.
        written: how many of their frames were written, if not all.
    """
    people, frames, first = len(poses), max(map(len, poses)), poses[0].first_frame
    some = "" if written in (None, frames) else f"{written} of "
    return (
        f"{people} {'person' if people == 1 else 'people'}, {some}{frames} "
        f"frame{'s' * (frames != 1)} at "
        f"{poses[0].fps:g} fps{f' from frame {first} on' if first else ''}"
    )
