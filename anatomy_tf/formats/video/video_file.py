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


def video_content(
    path: Path, output: Sequence[str] = (), input: Sequence[str] = ()
) -> Generator[Any]:
    """Yield a video's facts, then its frames one at a time; close the generator to stop ffmpeg.

    Args:
        path: an existing file.
        output: options of ffmpeg for the frames.
        input: options of ffmpeg for the file.

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
    # Absolute, since a name that begins with a dash would be an option.
    content = ffmpeg_content(str(path.absolute()), str(path), input, output)
    try:
        yield from content
    except (OSError, RuntimeError, IndexError, ValueError, KeyError) as error:
        raise AnatomyError(
            f"{path}: not a video that ffmpeg can read: {ffmpeg_reason(error)}"
        ) from None


def ffmpeg_content(
    name: str, where: str, input: Sequence[str] = (), output: Sequence[str] = ()
) -> Generator[Any]:
    """Yield the facts and frames of a file or device, see ``video_content``.

    Args:
        name: ffmpeg's name of it.
        where: the user's name of it, for messages.
        input: options of ffmpeg for the file or device.
        output: options of ffmpeg for the frames.

    Raises:
        AnatomyError: when imageio-ffmpeg is missing.
        OSError, RuntimeError, IndexError, ValueError, KeyError: when ffmpeg cannot read it, see
            ``ffmpeg_reason``.
    """
    ffmpeg: Any = extra_module(
        "imageio_ffmpeg",
        "visualization",
        f"{where}: reading a video needs",
        package="imageio-ffmpeg",
    )
    # It warns of turned pictures, which it yields as they are meant to be seen.
    logging.getLogger("imageio_ffmpeg").setLevel(logging.ERROR)
    yield from ffmpeg.read_frames(
        name, pix_fmt="rgb24", input_params=list(input), output_params=list(output)
    )


def ffmpeg_reason(error: Exception) -> str:
    """Return the last line of ffmpeg's error, which states the reason."""
    if "does not contain any stream" in str(error):
        return "it has no picture"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][-120:] if lines else type(error).__name__
