"""``anatomy-tf lift VIDEO``: the keypoints that a detector finds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from anatomy_tf.cli.other_files import check_other_file
from anatomy_tf.startup_notes import startup_notes_hidden

if TYPE_CHECKING:
    from rich.console import Console

    from anatomy_tf.cli.detector_options import DetectorOptions
    from anatomy_tf.sequences import KeypointSequence


def is_video(path: Path) -> bool:
    """Return whether the input is a video file, by its name."""
    from anatomy_tf.formats.video.video_file import VIDEO_SUFFIXES

    return path.suffix.lower() in VIDEO_SUFFIXES and path.is_file()


def video_people(
    video: Path,
    detector: DetectorOptions,
    *,
    fps: float | None,
    every: int,
    saved: Path | None,
    console: Console,
) -> list[KeypointSequence]:
    """Find the people of a video, with a progress bar on a terminal.

    Args:
        video: the file.
        detector: what finds them, named.
        fps: the rate at which the video was recorded, if the file says another.
        every: look for people in each n-th frame only.
        saved: where to write the keypoints of all of them; checked before the long work.
        console: shows the progress and what was found; a quiet one shows nothing.

    Raises:
        AnatomyError: when something cannot be used, or nobody is found.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from anatomy_tf.detection import Video, detect_people
    from anatomy_tf.files.paths import check_output
    from anatomy_tf.formats import save_keypoints
    from anatomy_tf.formats.keypoints.registry import KEYPOINT_WRITERS

    if saved is not None:
        saved = check_output(saved, *KEYPOINT_WRITERS)
        check_other_file(saved, video, option="--save-keypoints")
    facts = Video.open(video)
    # Detectors write notes of their own, from C++, when they start, run and end.
    with startup_notes_hidden():
        finder = detector.load(console)
        with Progress(
            TextColumn("finding people"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as bar:
            task = bar.add_task("", total=facts.frame_count or None)
            found = detect_people(
                video,
                finder,
                fps=fps,
                every=every,
                progress=lambda done, _: bar.update(task, completed=done),
            )
    console.print(
        f"{detector.detector} found {len(found)} {'person' if len(found) == 1 else 'people'} in "
        f"{len(found[0])} frames of {facts.width}x{facts.height} at {found[0].fps:g} fps",
        soft_wrap=True,
    )
    if saved is not None:
        save_keypoints(saved, found)
        console.print(f"Keypoints in {saved}", soft_wrap=True)
    return found
