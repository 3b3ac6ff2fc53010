"""Animations of a clip: keypoints beside the pose, at true speed."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.files.limits import FRAME_RATE, is_number, is_whole
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.visualization.drawing.clip_video import ClipVideo
from anatomy_tf.visualization.drawing.figures import blank_figure
from anatomy_tf.visualization.drawing.joints_in_picture import joints_or_keypoints
from anatomy_tf.visualization.drawing.output import checked_suffix, optional_module
from anatomy_tf.visualization.drawing.palette import LIGHT
from anatomy_tf.visualization.drawing.panels import KeypointPanel, PosePanel, PoseScene
from anatomy_tf.visualization.drawing.scene import GRID_STEP, Viewpoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TURN_RATE = 45.0
"""Degrees a second of the turning view."""
_GIF_RATE = 25.0
"""Frames a second of a GIF unless told otherwise: browsers slow faster ones down."""
_DPI = 100
_H264 = {
    "-preset": "veryfast",
    "-crf": "20",
    "-movflags": "+faststart",
    # Players take untagged video for BT.709; the converter's default is BT.601.
    "-vf": "scale=out_color_matrix=bt709",
    "-colorspace": "bt709",
    "-color_primaries": "bt709",
    "-color_trc": "bt709",
}


def animate(
    keypoints: KeypointSequence | None,
    poses: PoseSequence,
    path: str | os.PathLike[str],
    view: Literal["turning"] | float = "turning",
    fps: float | None = None,
    size: tuple[int, int] = (1280, 720),
    video: str | os.PathLike[str] | ClipVideo | None = None,
) -> Path:
    """Write an MP4 (H.264) or a GIF that lasts as long as the clip.

    Args:
        keypoints: T frames in pixels; joints fade with their visibility. ``None`` shows the joints
            where the poses' camera sees them (``lift --place``), and poses without a camera alone.
        poses: the same T frames, metres.
        path: ends in ``.mp4`` or ``.gif``; replaced whole when it exists.
        view: ``"turning"`` walks around the person at 45 degrees a second; a number is a fixed
            azimuth in degrees, 0 from the camera's side.
        fps: frames a second of the film; clip frames are left out or repeated to keep true speed.
            Default: the clip's, for a GIF at most 25. A GIF's delays are whole hundredths of a
            second, so that its rate is the nearest below that divides 100.
        size: width and height, pixels, both even.
        video: the file in which the keypoints were found, or what ``ClipVideo.open`` made of it, to
            draw behind them.

    Returns:
        The path.

    Raises:
        AnatomyError: when the clips differ in frames or rate, an argument cannot be used, the video
            is another one (``ClipVideo.open``) or has nothing to be drawn behind, or matplotlib or
            imageio-ffmpeg is missing.
    """
    target = checked_suffix(path, (".mp4", ".gif"))
    picture, caption = joints_or_keypoints(keypoints, poses, target, video is not None)
    if view != "turning" and not (is_number(view) and math.isfinite(view)):
        raise AnatomyError(f"{target}: expected view 'turning' or degrees, got {view!r}")
    if fps is not None:
        FRAME_RATE.check(fps, target)
    sides = tuple(size) if isinstance(size, list | tuple) else ()
    if len(sides) != 2 or any(not is_whole(side) or side < 160 or side % 2 for side in sides):
        raise AnatomyError(
            f"{target}: expected an even width and height of at least 160 pixels, got {size}"
        )
    gif = target.suffix.lower() == ".gif"
    rate = fps or (min(poses.fps, _GIF_RATE) if gif else poses.fps)
    delay = math.ceil(100 / rate - 1e-6)
    if gif:
        rate = 100 / delay
    times = np.arange(max(1, round(len(poses) / poses.fps * rate))) / rate
    behind = None if video is None else ClipVideo.open(video, poses, keypoints)
    frames = np.minimum(np.round(times * poses.fps).astype(int), len(poses) - 1)
    film = _Film(picture, caption, poses, view, size, behind, frames)
    pictures = _pictures(film, poses, times, frames, view)
    with atomic_path(target) as temporary:
        if gif:
            _write_gif(temporary, pictures, delay)
        else:
            _write_mp4(temporary, pictures, rate, size)
    return target


def _pictures(
    film: _Film,
    poses: PoseSequence,
    times: NDArray[np.floating],
    frames: NDArray[np.integer],
    view: Literal["turning"] | float,
) -> Iterator[NDArray[np.uint8]]:
    """Yield an RGBA picture (height, width, 4) for each time; the buffer is reused."""
    canvas: Any = film.figure.canvas
    canvas.draw()
    image = [] if film.image is None else film.image.artists
    moving = [*image, *film.pose.artists, film.stamp]
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    still = canvas.copy_from_bbox(film.figure.bbox)
    first, last = poses.first_frame, poses.first_frame + len(poses) - 1
    for time, frame in zip(times, frames, strict=True):
        azimuth = time * _TURN_RATE if view == "turning" else float(view)
        canvas.restore_region(still)
        if film.image is not None:
            film.image.show(frame)
        film.pose.show(frame, Viewpoint(azimuth))
        number = first + frame
        unseen = "" if poses.seen[frame] else "   ·   not seen: a guess"
        film.stamp.set_text(f"{number / poses.fps:.2f} s   ·   frame {number} / {last}{unseen}")
        for artist in moving:
            film.figure.draw_artist(artist)
        yield np.asarray(canvas.buffer_rgba())


class _Film:
    """The figure of a film: a panel of the picture, a panel of the pose, and texts around them.

    Places are pixels from the lower left corner; everything is laid out for 720 lines and scaled
    from there.

    Args:
        picture: what is in the camera's picture; ``None`` leaves its panel out.
        caption: of that panel.
        poses, view, size: see ``animate``.
        behind: the video, to draw behind the picture.
        frames: the clip's frames that will be shown.

    Attributes:
        figure: matplotlib's.
        image, pose: the panels; the first may be ``None``.
        stamp: the text of time and frame.
    """

    def __init__(
        self,
        picture: KeypointSequence | None,
        caption: str,
        poses: PoseSequence,
        view: Literal["turning"] | float,
        size: tuple[int, int],
        behind: ClipVideo | None,
        frames: NDArray[np.integer],
    ) -> None:
        self.width, self.height = size
        self.figure = blank_figure(self.width / _DPI, self.height / _DPI, _DPI)
        self.unit = unit = self.height / 720
        margin, header, footer = 24 * unit, 56 * unit, 44 * unit
        panel_height = self.height - header - footer
        above, right = self.height - header + 12 * unit, self.width - margin
        pose_left = margin
        self.image: KeypointPanel | None = None
        if picture is not None:
            shape = picture.height / picture.width
            image_width = min(panel_height / shape, 0.52 * self.width)
            pictures = None
            if behind is not None:
                pictures = behind.pictures(frames, (round(image_width), round(image_width * shape)))
            image_axes = self._panel(margin, footer, image_width, panel_height)
            self.image = KeypointPanel(image_axes, picture, LIGHT, 3 * unit, pictures)
            self._write(margin, above, caption, LIGHT.text, 13, "left")
            pose_left += image_width + 16 * unit
        pose_width = self.width - margin - pose_left
        pose_axes = self._panel(pose_left, footer, pose_width, panel_height)
        self.pose = PosePanel(pose_axes, PoseScene(poses), LIGHT, 4.5 * unit)
        self._write(pose_left, above, f"3D pose, {_seen_from(view)}", LIGHT.text, 13, "left")
        self._write(right, above, "● left", LIGHT.left, 12, "right")
        self._write(right - 62 * unit, above, "● right", LIGHT.right, 12, "right")
        self._write(right, 16 * unit, f"grid {GRID_STEP:g} m", LIGHT.faint, 11, "right")
        self.stamp = self.figure.text(
            margin / self.width,
            16 * unit / self.height,
            "",
            color=LIGHT.text,
            size=12 * unit,
            animated=True,
        )

    def _panel(self, left: float, bottom: float, width: float, height: float) -> Axes:
        return self.figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height)
        )

    def _write(self, x: float, y: float, text: str, colour: str, points: float, align: str) -> None:
        self.figure.text(
            x / self.width,
            y / self.height,
            text,
            color=colour,
            size=points * self.unit,
            ha=align,
            va="baseline",
        )


def _seen_from(view: Literal["turning"] | float) -> str:
    """Return a view in words."""
    if view == "turning":
        return "turning"
    return f"turned {view:g}°" if view else "from the camera's side"


def _write_mp4(
    path: Path, pictures: Iterator[NDArray[np.uint8]], rate: float, size: tuple[int, int]
) -> None:
    """Encode pictures with ffmpeg.

    ``imageio_ffmpeg.write_frames`` would not say that ffmpeg failed, as on a disk that gets full.

    Raises:
        OSError: with ffmpeg's reason.
    """
    command = [
        optional_module("imageio_ffmpeg").get_ffmpeg_exe(),
        *("-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgba"),
        *("-s", f"{size[0]}x{size[1]}", "-r", f"{rate:.10g}", "-i", "-"),
        *("-c:v", "libx264", "-pix_fmt", "yuv420p"),
        *(word for option in _H264.items() for word in option),
        str(path.absolute()),
    ]
    with tempfile.TemporaryFile() as said:
        # In a session of its own, so that Ctrl-C reaches this process only, which then ends it.
        encoder = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=said, stderr=said, start_new_session=True
        )
        assert encoder.stdin is not None
        try:
            # An encoder that ends early says why.
            with contextlib.suppress(BrokenPipeError):
                for picture in pictures:
                    encoder.stdin.write(picture.data)
        except BaseException:
            encoder.kill()
            raise
        finally:
            with contextlib.suppress(BrokenPipeError):
                encoder.stdin.close()
            encoder.wait()
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
    if encoder.returncode:
        # The first line is the cause, the others are its consequences.
        reason = lines[0].rpartition("] ")[2] if lines else f"exit code {encoder.returncode}"
        raise OSError(f"ffmpeg: {reason}")


def _write_gif(path: Path, pictures: Iterator[NDArray[np.uint8]], delay: int) -> None:
    image_type = optional_module("PIL.Image")
    first = image_type.fromarray(next(pictures)).convert("RGB").quantize(256)

    def rest() -> Iterator[object]:
        for picture in pictures:
            rgb = image_type.fromarray(picture).convert("RGB")
            yield rgb.quantize(palette=first, dither=image_type.Dither.NONE)

    first.save(path, save_all=True, append_images=rest(), duration=10 * delay, loop=0)
