"""The video that a clip's keypoints were found in, as a picture for each frame of the clip."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
from collections.abc import Generator, Iterable

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection import Video
from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.visualization.drawing.output import optional_module

_SHORT = 0.5
"""Seconds by which a video may end early: its stated length is not exact, nor is its rate."""
_SAME_COUNT = 2
"""Frames by which clip and video may differ to be of the same frames."""
_SAME_SHAPE = 0.01
"""Share by which the sides of keypoints' and video's picture may differ in proportion."""
JPEG_SIDE, JPEG_QUALITY = 400, 60
"""Longer side of a page's pictures, pixels, and their quality of 100."""


@dataclasses.dataclass(frozen=True)
class ClipVideo:
    """A video, and which of its frames belongs to each frame of a clip.

    Frames are matched by their number where the video has as many frames as the clip, which is so
    for slow motion, whose file states another rate; else by time.

    Attributes:
        video: the file.
        first_frame: number of the clip's first frame, counted at the clip's rate.
        clip_frames: number of the clip's frames.
        pace: frames of the video for each frame of the clip.
    """

    video: Video
    first_frame: int
    clip_frames: int
    pace: float

    @classmethod
    def open(
        cls,
        video: str | os.PathLike[str] | ClipVideo,
        poses: PoseSequence,
        keypoints: KeypointSequence | None = None,
    ) -> ClipVideo:
        """Open a video, and check that its shape and length fit the clip's.

        Args:
            video: the file; one that was opened for this clip already is returned as it is.
            poses: of the clip; they say its rate, length and first frame.
            keypoints: of the clip; they, or else the poses' camera, say its image size. A video of
                another size but the same shape will do, since keypoints are often found in a
                smaller copy.

        Raises:
            AnatomyError: when the file is no video, or its picture has another shape than the
                keypoints' or the camera's or ends before the clip, or imageio-ffmpeg is missing.
        """
        if isinstance(video, ClipVideo):
            return video
        file = Video.open(os.fspath(video))
        whose, seen = ("keypoints'", keypoints) if keypoints else ("camera's", poses.camera)
        if seen is not None:
            across, down = file.width * seen.height, file.height * seen.width
            if abs(across - down) > _SAME_SHAPE * across:
                raise AnatomyError(
                    f"{file.path}: expected the shape of the {whose} picture, "
                    f"{seen.width}x{seen.height}, got {file.width}x{file.height}; "
                    "is it another video?"
                )
        frames = poses.first_frame + len(poses)
        same = abs(file.frame_count - frames) <= _SAME_COUNT
        pace = 1.0 if same else file.fps / poses.fps
        clip = cls(file, poses.first_frame, len(poses), pace)
        if file.frame_count:
            clip._check_length(file.frame_count)
        return clip

    def frame_of(self, frame: int) -> int:
        """Return the number of the video's frame for a frame of the clip, both from 0."""
        return round((self.first_frame + frame) * self.pace)

    @property
    def seconds_after(self) -> float:
        """Seconds that the video goes on after the clip; 0 where its length is unknown."""
        return max(0.0, (self.video.frame_count - self.frame_of(self.clip_frames)) / self.video.fps)

    def pictures(
        self, frames: Iterable[int], size: tuple[int, int]
    ) -> Generator[NDArray[np.uint8]]:
        """Yield a picture (height, width, 3), red, green, blue, for each frame of the clip.

        Args:
            frames: numbers of frames of the clip, from 0, none before the one before it.
            size: width and height of the pictures, pixels.

        Raises:
            AnatomyError: when the video is damaged or ends before the clip.
        """
        with contextlib.closing(self.video.frames(size)) as source:
            number, picture = -1, None
            for frame in frames:
                while number < self.frame_of(frame):
                    following = next(source, None)
                    if following is None:
                        self._check_length(number + 1)
                        break
                    number, picture = number + 1, following
                if picture is None:
                    raise AnatomyError(f"{self.video.path}: the video has no picture")
                yield picture

    def jpegs(self, largest: int) -> tuple[int, list[bytes]]:
        """Return small pictures of the clip's frames as JPEG files.

        Args:
            largest: the most bytes of all pictures; frames are left out to stay below.

        Returns:
            n and the pictures of every n-th frame, the first included.

        Raises:
            AnatomyError: see ``pictures``; or without Pillow.
        """
        image_type = optional_module("PIL.Image")
        scale = min(1.0, JPEG_SIDE / max(self.video.width, self.video.height))
        size = round(self.video.width * scale), round(self.video.height * scale)
        every, found, total = 1, [], 0
        for frame, picture in enumerate(self.pictures(range(self.clip_frames), size)):
            if frame % every:
                continue
            file = io.BytesIO()
            image_type.fromarray(picture).save(file, "JPEG", quality=JPEG_QUALITY)
            found.append(file.getvalue())
            total += len(found[-1])
            while total > largest and len(found) > 1:
                every, found = 2 * every, found[::2]
                total = sum(map(len, found))
        return every, found

    def _check_length(self, video_frames: int) -> None:
        needed = self.frame_of(self.clip_frames - 1) + 1
        if needed - video_frames > _SHORT * self.video.fps:
            raise AnatomyError(
                f"{self.video.path}: expected at least {needed / self.video.fps:.1f} s for the "
                f"{self.clip_frames} frames of the poses from frame {self.first_frame} on, got "
                f"{video_frames / self.video.fps:.1f} s; is it another video?"
            )
