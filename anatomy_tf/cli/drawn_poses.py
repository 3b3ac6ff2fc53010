"""Pictures, films and viewers of poses, for the verbs that write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from anatomy_tf.cli.console import plain_console

if TYPE_CHECKING:
    from rich.console import Console

    from anatomy_tf.sequences import KeypointSequence, PoseSequence

PICTURE, FILMS, VIEWER = ".png", (".mp4", ".gif"), ".html"
DRAWINGS = (PICTURE, *FILMS, VIEWER)
"""Suffixes of the files to draw."""

NOTED = 1.0
"""Seconds by which a video may be longer than the poses before a line says so."""


def check_drawing(path: Path, video: Path | None) -> Path:
    """Return the path, when it can be drawn; call this before the long work.

    Args:
        path: ends in one of ``DRAWINGS``.
        video: what is to be behind the keypoints.

    Raises:
        AnatomyError: for another suffix or a missing folder, or saying what to install.
    """
    from anatomy_tf.files.paths import check_output
    from anatomy_tf.visualization.drawing.output import optional_module

    path = check_output(path, *DRAWINGS)
    needed = {
        "PIL": path.suffix == ".gif" or (path.suffix == VIEWER and video is not None),
        "imageio_ffmpeg": path.suffix == ".mp4" or video is not None,
        "matplotlib": path.suffix != VIEWER,
    }
    for module, needs in needed.items():
        if needs:
            optional_module(module)
    return path


def draw(
    path: Path,
    poses: Sequence[PoseSequence],
    keypoints: Sequence[KeypointSequence],
    *,
    title: str,
    video: Path | None = None,
    beside: Sequence[PoseSequence] = (),
    view: float | None = None,
    console: Console | None = None,
) -> None:
    """Draw poses and say where; of several people a sheet or film shows the first.

    Args:
        path: of ``check_drawing``.
        poses: everyone to draw.
        keypoints: what they were lifted from; may be empty.
        title: heading of a viewer.
        video: the file in which the keypoints were found.
        beside: a second clip, for a viewer.
        view: a film's view, degrees around the person; by default it turns.
        console: says it; by default standard output.

    Raises:
        AnatomyError: see ``contact_sheet``, ``animate``, ``write_viewer``.
    """
    from anatomy_tf.visualization import animate, contact_sheet, write_viewer
    from anatomy_tf.visualization.drawing.clip_video import ClipVideo

    console = plain_console() if console is None else console

    def say(line: str) -> None:
        console.print(line, soft_wrap=True)

    first = keypoints[0] if keypoints else None
    behind = None
    if video is not None:
        behind = ClipVideo.open(video, poses[0], first)
        if behind.seconds_after > NOTED:
            say(f"{video}: goes on for {behind.seconds_after:.1f} s after the poses")
    with console.status("drawing"):
        if path.suffix == VIEWER:
            write_viewer(
                poses,
                path,
                keypoints=keypoints or None,
                title=title,
                video=behind,
                beside=beside,
                remark=say,
            )
        elif path.suffix == PICTURE:
            contact_sheet(first, poses[0], path, video=behind)
        else:
            around: Literal["turning"] | float = "turning" if view is None else view
            animate(first, poses[0], path, view=around, video=behind)
    if path.suffix != VIEWER and len(poses) > 1:
        say(f"It shows the first of {len(poses)} people; --person N shows another")
    say(f"Drawn in {path}")
