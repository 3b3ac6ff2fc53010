"""Reading video files through imageio-ffmpeg."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.paths import check_input

VIDEO_SUFFIXES = (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv")


def video_content(path: Path, output: Sequence[str] = ()) -> Generator[Any]:
    """Yield a video's facts, then its frames one at a time; close the generator to stop ffmpeg.

    Args:
        path: an existing file.
        output: options of ffmpeg for the frames.

    Yields:
        A dict with ``fps`` (0: not stated), ``size`` (width, height, as the picture is meant to be
        seen) and ``duration`` in seconds; then for each frame height x width x 3 bytes, red, green
        and blue.

    Raises:
        AnatomyError: when the file is missing or no video, or imageio-ffmpeg is missing.
    """
    path = check_input(path)
    if path.is_dir():
        raise AnatomyError(f"{path}: expected a video file, got a folder")
    ffmpeg: Any = extra_module(
        "imageio_ffmpeg",
        "visualization",
        f"{path}: reading a video needs",
        package="imageio-ffmpeg",
    )
    # It warns of turned pictures, which it yields as they are meant to be seen.
    logging.getLogger("imageio_ffmpeg").setLevel(logging.ERROR)
    try:
        # Absolute, since a name that begins with a dash would be an option.
        yield from ffmpeg.read_frames(
            str(path.absolute()), pix_fmt="rgb24", output_params=list(output)
        )
    except (OSError, RuntimeError, IndexError, ValueError, KeyError) as error:
        raise AnatomyError(f"{path}: not a video that ffmpeg can read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Return the last line of ffmpeg's error, which states the reason."""
    if "does not contain any stream" in str(error):
        return "it has no picture"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][-120:] if lines else type(error).__name__
