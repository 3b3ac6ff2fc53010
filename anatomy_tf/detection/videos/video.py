"""A video file and its frames."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Generator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.formats.video.video_file import video_content

UNSTATED_RATE = 30.0
"""Frames a second for a video that states only the time of each frame."""


@dataclasses.dataclass(frozen=True)
class Video:
    """A video file and its properties.

    Attributes:
        path: the file.
        fps: frames a second; the mean rate where the rate varies, as in telephones'
            recordings; ``UNSTATED_RATE`` where the file states none, as browsers' recordings.
        width: width of the picture as it is meant to be seen, pixels.
        height: height of the picture as it is meant to be seen, pixels.
        frame_count: computed from duration and rate, so it may be off by a few; 0 if unknown.
    """

    path: Path
    fps: float
    width: int
    height: int
    frame_count: int

    @classmethod
    def open(cls, path: str | Path) -> Video:
        """Read a video's properties.

        Raises:
            AnatomyError: when the file is missing or is no video, or imageio-ffmpeg is missing.
        """
        path = Path(path)
        with contextlib.closing(video_content(path)) as content:
            facts = next(content)
        fps = float(facts["fps"]) or UNSTATED_RATE
        width, height = facts["size"]
        return cls(path, fps, int(width), int(height), round(facts["duration"] * fps))

    def frames(self, size: tuple[int, int] | None = None) -> Generator[NDArray[np.uint8]]:
        """Yield the frames, (height, width, 3) red, green, blue.

        Frames come at the constant rate ``fps``: where the file's own rate varies a frame is
        repeated or left out. Only the current frame is held.

        Args:
            size: width and height to scale the frames to, pixels; by default their own.

        Raises:
            AnatomyError: when the file is damaged.
        """
        width, height = size or (self.width, self.height)
        options = ["-r", f"{self.fps:.10g}"]
        if size is not None:
            options += ["-vf", f"scale={width}:{height}"]
        with contextlib.closing(video_content(self.path, options)) as content:
            next(content)
            for frame in content:
                yield np.frombuffer(frame, np.uint8).reshape(height, width, 3)
