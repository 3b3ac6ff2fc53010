"""``anatomy-tf detector``: which detectors there are, and their model files."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.options import arg
from anatomy_tf.startup_notes import startup_notes_hidden

if TYPE_CHECKING:
    from rich.console import Console

Name = Annotated[str, tyro.conf.Positional, arg(metavar="NAME")]


def list_detectors() -> None:
    """List the detectors, whether they are installed, and their model files."""
    from anatomy_tf.detection.model_files.model_cache import cache_folder, cached_path
    from anatomy_tf.detection.registry import DETECTORS
    from anatomy_tf.extras import install_command, is_installed

    for name, entry in DETECTORS.items():
        if not is_installed(entry.package):
            print(f"{name}: not installed ({install_command(entry.package, entry.extra)})")
            continue
        files = entry.files()
        print(f"{name}: installed" + ("" if files else ", its models are yours (--detector-model)"))
        for file in files:
            path = cached_path(file)
            state = _megabytes(path.stat().st_size) if path.exists() else "not fetched yet"
            print(f"  {file.name}: {state}")
    print(f"Model files are kept in {cache_folder()}")


def fetch(name: Name) -> None:
    """Fetch the model files of a detector, unless they are there.

    Args:
        name: rtmlib or mediapipe.
    """
    from anatomy_tf.detection.registry import model_files

    console = plain_console(soft_wrap=True)
    with startup_notes_hidden(), fetching(console) as progress:
        files = model_files(name, progress)
    for path in files:
        console.print(f"{path}: {_megabytes(path.stat().st_size)}")
    if not files:
        console.print(f"{name} fetches its models itself, or you name yours (--detector-model)")


def where(
    name: Annotated[str | None, tyro.conf.Positional, arg(metavar="[NAME]")] = None,
) -> None:
    """Print where the model files of a detector are, or will be, and nothing else.

    Args:
        name: rtmlib or mediapipe; by default the folder of all.
    """
    from anatomy_tf.detection.model_files.model_cache import cache_folder, cached_path
    from anatomy_tf.detection.registry import installed_detector

    if name is None:
        print(cache_folder())
        return
    for file in installed_detector(name).files():
        print(cached_path(file))


@contextlib.contextmanager
def fetching(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar of fetched files during the block, then a line for each.

    Yields:
        A function of a file's name, the bytes so far and all of them (0: unknown).
    """
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("fetching {task.description}", markup=False),
        BarColumn(20),
        DownloadColumn(),
    )
    with Progress(
        *columns,
        TransferSpeedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        tasks: dict[str, Callable[..., None]] = {}

        def progress(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = functools.partial(bar.update, bar.add_task(name, total=None))
            tasks[name](completed=done, total=of or None)

        yield progress
    for name in tasks:
        console.print(f"Fetched {name}", soft_wrap=True)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
