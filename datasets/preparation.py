"""Checking and preparing data sets, for ``anatomy-tf data``."""

from __future__ import annotations

import concurrent.futures
import contextlib
import importlib
import io
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from anatomy_tf.data.datasets.sources import SOURCES
from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.files.guard import PROGRAM_FAULTS
from anatomy_tf_datasets.parts import Parts
from anatomy_tf_datasets.recordings import RecordedClip, Recordings

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

    from anatomy_tf_datasets.view_builder import ViewBuilder

Progress = Callable[[int, int], None]
"""Function of the number of clips done and of all clips."""

PARTS = ".preparing"
"""Folder below the data directory for clips that were read, until their data set is complete."""

MOST_WORKERS = 8


def find_recordings(name: str, folder: Path) -> tuple[str, Recordings]:
    """Return the name and recordings of a data set in a folder.

    Args:
        name: such as ``"human36m/cpn"``; without ``/`` the first variant is taken.
        folder: folder with the data set's files.

    Returns:
        The full name, and its recordings.

    Raises:
        AnatomyError: for an unknown name or variant, or a missing folder or extra.
    """
    family, _, variant = name.partition("/")
    source = SOURCES.get(family)
    if source is None or source.recordings is None:
        known = [other.name for other in SOURCES.values() if other.recordings]
        raise AnatomyError(f"unknown data set {family!r}; known are {', '.join(known)}")
    module, _, function = source.recordings.partition(":")
    found = importlib.import_module(module)
    variant = variant or next(iter(source.variants))
    if variant not in found.VARIANTS:
        raise AnatomyError(
            f"{family}: unknown variant {variant!r}; known are {', '.join(found.VARIANTS)}"
        )
    if not folder.is_dir():
        raise AnatomyError(f"{folder}: expected the folder of {family}, which is not there")
    return f"{family}/{variant}", getattr(found, function)(folder, variant)


def check(
    name: str, folder: Path, workers: int | None = None, progress: Progress | None = None
) -> list[str]:
    """Read all files once, without keeping anything, and return what is wrong.

    Args:
        name: such as ``"human36m/cpn"``.
        folder: folder with the data set's files.
        workers: number of processes; by default one for each core, at most 8.
        progress: called after each clip.

    Returns:
        One line for each file that is missing, short, damaged or inconsistent; empty if all are
            good.

    Raises:
        AnatomyError: as ``find_recordings``.
    """
    _, recordings = find_recordings(name, folder)
    missing: list[str] = []
    try:
        missing = recordings.missing()
        clips = recordings.clips()
    except AnatomyError as error:
        return missing or [str(error)]
    # A missing file is reported once, not for each clip that needs it.
    whole = [clip for clip in clips if all(path.is_file() for path in clip.files)]
    return [*missing, *_problems(whole, _read, workers, progress)]


def prepare(
    name: str,
    folder: Path,
    data_directory: Path,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write the TFDS data set.

    Each clip that was read is kept until the data set is complete, so that a preparation that was
    interrupted, or found a damaged file, continues where it stopped. The data set appears whole or
    not at all.

    Args:
        name: such as ``"human36m/cpn"``.
        folder: folder with the data set's files.
        data_directory: folder in which data sets are kept.
        workers: number of processes; by default one for each core, at most 8.
        progress: called after each clip.

    Returns:
        The data set's folder; nothing is done when it exists already.

    Raises:
        AnatomyError: naming all files that are missing or damaged; when the data set cannot be
            written; or as ``find_recordings``.
    """
    name, recordings = find_recordings(name, folder)
    problems = recordings.missing()
    if problems:
        raise AnatomyError("; ".join(problems))
    make = _builder(name)
    builder = make(data_dir=data_directory)
    if (builder.data_path / "dataset_info.json").exists():
        return Path(builder.data_path)
    parts = Parts(data_directory / PARTS / name / str(builder.version))
    with _writing(data_directory):
        parts.folder.mkdir(parents=True, exist_ok=True)
    problems = _problems(recordings.clips(), parts.keep, workers, progress)
    if problems:
        raise AnatomyError("; ".join(problems))
    with _writing(data_directory):
        build(make(data_dir=data_directory, parts=parts), folder, parts.folder / "downloads")
        shutil.rmtree(parts.folder)
        for empty in (parts.folder.parent, parts.folder.parent.parent, data_directory / PARTS):
            if not any(empty.iterdir()):
                empty.rmdir()
    return Path(builder.data_path)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what fails while files are written to a folder into an AnatomyError.

    A programming error still shows.
    """
    try:
        yield
    except (AnatomyError, *PROGRAM_FAULTS):
        raise
    # TensorFlow's errors of writing are no OSError.
    except Exception as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise AnatomyError(f"{folder}: cannot be written ({reason})") from None


def _builder(name: str) -> Callable[..., ViewBuilder]:
    family, _, variant = name.partition("/")
    try:
        module = importlib.import_module(f"anatomy_tf_datasets.{family}.{family}_dataset_builder")
        # download_and_prepare needs this package, but TFDS does not require it.
        importlib.import_module("importlib_resources")
    except ImportError as error:
        raise AnatomyError(
            f'preparing a data set needs {error.name}: pip install "anatomy_tf[datasets]"'
        ) from None

    def make(**options: object) -> ViewBuilder:
        return module.Builder(config=variant, **options)

    return make


def build(builder: tfds.core.DatasetBuilder, folder: Path, scratch: Path) -> None:
    """Write a builder's data set, quietly.

    Args:
        builder: a builder with its data directory.
        folder: the files that the data set is made from.
        scratch: folder for TFDS's temporary files.
    """
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    options = tfds.download.DownloadConfig(
        manual_dir=folder, compute_stats=tfds.download.ComputeStatsMode.SKIP
    )
    # TFDS announces a download that does not happen, on stdout.
    with contextlib.redirect_stdout(io.StringIO()):
        builder.download_and_prepare(download_dir=scratch, download_config=options)


def _read(clip: RecordedClip) -> None:
    clip.examples()


def _problems(
    clips: list[RecordedClip],
    work: Callable[[RecordedClip], None],
    workers: int | None,
    progress: Progress | None,
) -> list[str]:
    """Return the errors that the clips raise, in their order, each line once."""
    lines = []
    for done, line in enumerate(_results(clips, work, workers), start=1):
        if line:
            lines.append(line)
        if progress is not None:
            progress(done, len(clips))
    return list(dict.fromkeys(lines))


def _results(
    clips: list[RecordedClip], work: Callable[[RecordedClip], None], workers: int | None
) -> Iterator[str | None]:
    workers = min(workers or min(os.cpu_count() or 1, MOST_WORKERS), len(clips))
    if workers <= 1:
        yield from (_attempt(work, clip) for clip in clips)
        return
    # Not forked: TensorFlow's threads do not survive that.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(workers, mp_context=context) as pool:
        try:
            yield from pool.map(_attempt, [work] * len(clips), clips, chunksize=1)
        finally:
            # Waits for clips that are being read: Python's end and that of the pool's thread,
            # where nobody waits for it, may meet in a traceback.
            pool.shutdown(cancel_futures=True)


def _attempt(work: Callable[[RecordedClip], None], clip: RecordedClip) -> str | None:
    try:
        work(clip)
    except AnatomyError as error:
        return str(error)
    return None
