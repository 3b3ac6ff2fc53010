"""Frames as a camera takes them, or as a video file plays; only the newest is held."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import threading
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.videos.video import Video
from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.files.closing import Closing
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.files.guard import PROGRAM_FAULTS
from anatomy_tf.files.limits import FRAME_RATE, IMAGE_SIDE
from anatomy_tf.formats.video.video_file import ffmpeg_content, ffmpeg_reason, video_content

CAMERA_RATE = 30.0
"""Frames a second of a camera unless told otherwise."""


@dataclasses.dataclass(frozen=True)
class CameraSystem:
    """How ffmpeg names the cameras of an operating system.

    Attributes:
        format: ffmpeg's input format.
        name: the device of a camera, with ``{}`` for what the user calls it.
        numbered: whether cameras have numbers; others have names only.
        options: further options of the input.
    """

    format: str
    name: str = "{}"
    numbered: bool = True
    options: tuple[str, ...] = ()


CAMERA_SYSTEMS: Mapping[str, CameraSystem] = MappingProxyType(
    {
        "linux": CameraSystem("v4l2", "/dev/video{}"),
        # AVFoundation refuses a camera that does not take its own default of 29.97.
        "darwin": CameraSystem("avfoundation", options=("-framerate", f"{CAMERA_RATE:g}")),
        "win32": CameraSystem("dshow", "video={}", numbered=False),
    }
)
"""By ``sys.platform``."""


@dataclasses.dataclass(frozen=True, eq=False)
class LiveFrame(EqualFields):
    """A frame of a live video.

    Attributes:
        number: counted from 0 at the video's constant rate, whether frames were taken or not.
        picture: (height, width, 3) red, green, blue.
        arrived: when it came, seconds as of ``time.time()``.
    """

    number: int
    picture: NDArray[np.uint8]
    arrived: float


class LiveVideo(Closing):
    """A video that does not wait: a frame that nobody takes is replaced by the next.

    A thread reads the frames and holds the newest, so that memory is that of two pictures.

    Args:
        content: the facts and frames of ``video_content``.
        where: the video's name, for messages.
        fps: the constant rate at which the frames come.

    Attributes:
        width: width of the picture, pixels.
        height: height of the picture, pixels.

    Raises:
        AnatomyError: when it cannot be read.

    Example:
        >>> with LiveVideo.camera("0") as video:  # doctest: +SKIP
        ...     frame = video.newest()
    """

    def __init__(self, content: Generator[Any], where: str, fps: float) -> None:
        FRAME_RATE.check(fps, where)
        self.fps = fps
        self._content, self._where = content, where
        self.width, self.height = (int(side) for side in next(content)["size"])
        self._changed = threading.Condition()
        self._frame: LiveFrame | None = None
        self._came = self._taken = 0
        self._ended = self._stopped = False
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @classmethod
    def file(cls, path: str | Path) -> LiveVideo:
        """Return a video file that plays at its own pace, at its mean rate.

        Raises:
            AnatomyError: when the file is missing or is no video, or imageio-ffmpeg is missing.
        """
        video = Video.open(path)
        rate = ("-r", f"{video.fps:.10g}")
        # ffmpeg reads at the pace at which the file plays.
        return cls(video_content(video.path, rate, ("-re",)), str(video.path), video.fps)

    @classmethod
    def camera(
        cls,
        name: str = "0",
        *,
        fps: float | None = None,
        image_size: tuple[int, int] | None = None,
    ) -> LiveVideo:
        """Return the video of a camera.

        Args:
            name: the camera's number, or, as ffmpeg knows it, its name.
            fps: the rate to ask the camera for; by default it takes its own, and frames come at
                ``CAMERA_RATE``, repeated or left out.
            image_size: (width, height) to ask the camera for, pixels; by default its own.

        Raises:
            AnatomyError: when there is no such camera or it cannot be read, or imageio-ffmpeg is
                missing.
        """
        system = CAMERA_SYSTEMS.get(sys.platform)
        where = f"camera {name}"
        if system is None:
            raise AnatomyError(f"{where}: cameras of {sys.platform} are not supported")
        if name.isdigit() and not system.numbered:
            raise AnatomyError(
                f"{where}: expected a camera's name on this system; they are listed by: "
                f"ffmpeg -list_devices true -f {system.format} -i dummy"
            )
        options = ["-f", system.format, *system.options]
        if fps is not None:
            FRAME_RATE.check(fps, where)
            options += ["-framerate", f"{fps:g}"]
        if image_size is not None:
            for side in image_size:
                IMAGE_SIDE.check(side, where)
            options += ["-video_size", "{}x{}".format(*image_size)]
        # On Linux a path names a camera, too.
        device = name if name.startswith("/") else system.name.format(name)
        rate = fps or CAMERA_RATE
        content = ffmpeg_content(device, where, options, ("-r", f"{rate:.10g}"))
        return cls(_of_camera(content, where, device), where, rate)

    @property
    def came(self) -> int:
        """The number of frames so far."""
        return self._came

    @property
    def dropped(self) -> int:
        """The number of frames that were replaced before anybody took them."""
        with self._changed:
            waiting = self._frame is not None
            return self._came - self._taken - waiting

    @property
    def ended(self) -> bool:
        """Whether no further frame comes and the last was taken."""
        with self._changed:
            return self._ended and self._frame is None

    def newest(self, timeout: float | None = None) -> LiveFrame | None:
        """Take the newest frame, or wait for the next where it was taken already.

        Args:
            timeout: seconds to wait.

        Returns:
            The frame; ``None`` if none came in time or the video has ended.

        Raises:
            AnatomyError: when the video breaks off, as when a camera is unplugged.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._ended, timeout)
            frame, self._frame = self._frame, None
            if frame is not None:
                self._taken += 1
            elif self._problem is not None:
                raise self._problem
            return frame

    def close(self) -> None:
        """Stop reading and free the camera."""
        self._stopped = True
        # A camera that gives no frame any more does not end the thread; the process's end does.
        self._thread.join(timeout=3)

    def _read(self) -> None:
        problem: Exception | None = None
        try:
            with contextlib.closing(self._content) as content:
                for number, bytes_of_frame in enumerate(content):
                    if self._stopped:
                        break
                    picture = np.frombuffer(bytes_of_frame, np.uint8)
                    picture = picture.reshape(self.height, self.width, 3)
                    with self._changed:
                        self._frame = LiveFrame(number, picture, time.time())
                        self._came = number + 1
                        self._changed.notify_all()
        except (AnatomyError, *PROGRAM_FAULTS) as error:
            problem = error
        except Exception as error:
            # Of a thread nobody sees it, and the video would seem to have ended.
            problem = AnatomyError(f"{self._where}: breaks off ({first_line(error)})")
        finally:
            with self._changed:
                self._ended, self._problem = True, problem
                self._changed.notify_all()


def _of_camera(content: Generator[Any], where: str, device: str) -> Generator[Any]:
    """Yield a camera's facts and frames; its failures are of one line."""
    try:
        yield from content
    except (OSError, RuntimeError, IndexError, ValueError, KeyError, StopIteration) as error:
        raise AnatomyError(f"{where} ({device}): cannot be read: {ffmpeg_reason(error)}") from None
