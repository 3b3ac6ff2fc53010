"""The frames of a video file, through imageio-ffmpeg."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.extra import extra_module
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.paths import check_input


@dataclasses.dataclass(frozen=True)
class Video:
    """A video file and what it says of itself.

    Attributes:
        path: the file.
        fps: frames a second; the mean rate where the rate varies, as in recordings of telephones.
        width: of the picture as it is meant to be seen, pixels.
        height: of the picture as it is meant to be seen, pixels.
        frame_count: from duration and rate, so that it may be off by a few; 0 if unknown.
    """

    path: Path
    fps: float
    width: int
    height: int
    frame_count: int

    @classmethod
    def open(cls, path: str | Path) -> Video:
        """Reads a video's properties.

        Raises:
            AnatomyError: when the file is missing, is no video or does not say its frame rate, or
                imageio-ffmpeg is missing.
        """
        path = check_input(path)
        if path.is_dir():
            raise AnatomyError(f"{path}: expected a video file, got a folder")
        frames = _frames(path, [])
        try:
            facts = next(frames)
        finally:
            frames.close()
        if not facts["fps"] > 0:
            raise AnatomyError(f"{path}: the video does not say its frame rate")
        width, height = facts["size"]
        count = round(facts["duration"] * facts["fps"])
        return cls(path, float(facts["fps"]), int(width), int(height), count)

    def frames(self) -> Generator[NDArray[np.uint8]]:
        """(height, width, 3) red, green, blue, one frame after the other.

        They come at the constant rate ``fps``: where the file's own rate varies a frame is repeated
        or left out. Only the current frame is held.

        Raises:
            AnatomyError: when the file is damaged.
        """
        frames = _frames(self.path, ["-r", f"{self.fps:.10g}"])
        try:
            next(frames)
            for frame in frames:
                yield np.frombuffer(frame, np.uint8).reshape(self.height, self.width, 3)
        finally:
            frames.close()


def _frames(path: Path, output: list[str]) -> Generator[Any]:
    """The video's properties, then its frames as bytes."""
    # It warns of turned pictures, which come out as they are meant to be seen.
    logging.getLogger("imageio_ffmpeg").setLevel(logging.ERROR)
    try:
        # Whole, since a name that begins with a dash would be an option.
        yield from extra_module("imageio_ffmpeg", "visualization").read_frames(
            str(path.absolute()), pix_fmt="rgb24", output_params=output
        )
    except (OSError, RuntimeError, IndexError, ValueError, KeyError) as error:
        if isinstance(error, AnatomyError):
            raise
        raise AnatomyError(f"{path}: not a video that ffmpeg can read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """What ffmpeg said last, which is where it says why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][-120:] if lines else type(error).__name__
