"""``anatomy-tf data``: check, prepare and look at data sets."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.options import arg
from anatomy_tf.startup_notes import startup_notes_hidden

if TYPE_CHECKING:
    from rich.table import Table

    from anatomy_tf.data.datasets.summary import PersonSummary
    from anatomy_tf.skeletons import Skeleton

Name = Annotated[str, tyro.conf.Positional, arg(metavar="NAME")]
Folder = Annotated[Path, arg(metavar="DIR")]
Kept = Annotated[Path | None, arg(metavar="DIR")]
Workers = Annotated[int | None, arg(metavar="N")]


def check(name: Name, dir: Folder, workers: Workers = None) -> None:
    """Read all files of a data set and list those that are missing, short or inconsistent.

    Args:
        name: human36m/cpn, mpi_inf_3dhp, cmu_mocap, ...
        dir: where you have the original files.
        workers: processes; by default one a core, at most 8.
    """
    from anatomy_tf.errors import AnatomyError
    from anatomy_tf_datasets.preparation import check as find_problems

    console = plain_console(soft_wrap=True)
    with _progress("checking") as progress:
        problems = find_problems(name, dir, workers, progress)
    for problem in problems:
        console.print(problem)
    if problems:
        raise AnatomyError(f"{name}: {len(problems)} problems with the files in {dir}")
    console.print(f"{name}: all files in {dir} are as expected")


def prepare(name: Name, dir: Folder, to: Kept = None, workers: Workers = None) -> None:
    """Prepare a data set for training. If interrupted, the same command continues.

    Args:
        name: human36m/cpn, mpi_inf_3dhp, cmu_mocap, ...
        dir: where you have the original files.
        to: where data sets are kept; by default $ANATOMY_TF_DATA or ~/anatomy_tf_data.
        workers: processes; by default one a core, at most 8.
    """
    from anatomy_tf.data.datasets.sources import data_directory
    from anatomy_tf_datasets.preparation import prepare as make

    with _progress("reading") as progress, startup_notes_hidden():
        made = make(name, dir, data_directory(to), workers, progress)
    plain_console(soft_wrap=True).print(f"{name} is in {made}")


def stats(
    name: Name,
    data: Kept = None,
    split: Annotated[str | None, arg(metavar="SPLIT")] = None,
    picture: Annotated[Path | None, arg(metavar="FILE.png")] = None,
) -> None:
    """Print people, clips, hours and bone lengths of a data set, and draw it.

    Args:
        name: name of a prepared or imported data set, or of one whose archives are in DIR.
        data: where data sets are kept; by default $ANATOMY_TF_DATA or ~/anatomy_tf_data.
        split: train, test, ...; by default all.
        picture: also draw some of its people and everyone's bones.
    """

    if picture is not None:
        from anatomy_tf.files.paths import check_output
        from anatomy_tf.visualization.drawing.output import optional_module

        # Said before the data set is read, not after.
        picture = check_output(picture, ".png")
        optional_module("matplotlib")
    with startup_notes_hidden():
        from anatomy_tf.data.datasets.sources import load
        from anatomy_tf.data.datasets.summary import summarize

        store = load(name, data, split)
    people = summarize(store)
    console = plain_console(soft_wrap=True)
    console.print(_counts(name, people))
    console.print(_bones(store.skeleton, people))
    if picture is not None:
        from anatomy_tf.visualization.data_set_sheet import data_set_sheet

        title = name if split is None else f"{name}, {split}"
        data_set_sheet(store, people, picture, title)
        console.print(f"Wrote {picture}")


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr during the block, if stderr is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _counts(name: str, people: list[PersonSummary]) -> Table:
    """Return a table of each person's clips, views, frames and hours."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(name), box=None, pad_edge=False, title_justify="left")
    table.add_column("person", no_wrap=True)
    for column in ("clips", "views", "frames", "hours"):
        table.add_column(column, justify="right")
    rows = [[p.clips, p.sequences, p.frames, p.hours] for p in people]
    names = [*(p.subject for p in people), f"{len(people)} people"]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    for name, (clips, views, frames, hours) in zip(names, rows, strict=True):
        table.add_row(Text(name), f"{clips}", f"{views}", f"{frames:,}", f"{hours:.3g}")
    return table


def _bones(skeleton: Skeleton, people: list[PersonSummary]) -> Table:
    """Return a table of each person's mean bone lengths, left and right together, in cm."""
    import numpy as np
    from rich.table import Table

    bones: dict[str, list[int]] = {}
    for index, bone in enumerate(skeleton.bone_names):
        bones.setdefault(bone.removeprefix("left_").removeprefix("right_"), []).append(index)
    names = [name.replace("_", " ") for name in bones]
    table = Table(
        title="bone to ..., cm", box=None, pad_edge=False, title_justify="left", padding=(0, 1)
    )
    table.add_column("person", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for person in people:
        lengths = (np.mean(person.bone_lengths[i]) * 100 for i in bones.values())
        table.add_row(person.subject, *(f"{length:.1f}" for length in lengths))
    return table
