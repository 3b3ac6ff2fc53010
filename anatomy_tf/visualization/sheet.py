"""Contact sheets, which show a clip in one picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.visualization.drawing.clip_video import ClipVideo
from anatomy_tf.visualization.drawing.figures import blank_figure
from anatomy_tf.visualization.drawing.output import checked_suffix
from anatomy_tf.visualization.drawing.palette import LIGHT
from anatomy_tf.visualization.drawing.panels import KeypointPanel, PosePanel, PoseScene
from anatomy_tf.visualization.drawing.scene import GRID_STEP, Viewpoint, check_same_clip

_DPI = 120
_TURNED = 90.0
# Inches.
_GAP, _MARGIN, _HEADER, _STAMP, _CAPTION = 0.08, 0.25, 0.74, 0.2, 0.3
_UPRIGHT_COLUMN, _WIDE_COLUMN, _NARROWEST = 2.1, 2.7, 3.4


def contact_sheet(
    keypoints: KeypointSequence,
    poses: PoseSequence,
    path: str | os.PathLike[str],
    frames: int = 6,
    video: str | os.PathLike[str] | ClipVideo | None = None,
) -> Path:
    """Write a PNG of evenly spaced frames: 2D keypoints, and 3D poses from camera and side.

    Args:
        keypoints: T frames in pixels; joints fade with their visibility.
        poses: the same T frames, metres.
        path: ends in ``.png``; replaced whole when it exists.
        frames: number of columns; a shorter clip has one for each frame.
        video: the file in which the keypoints were found, or what ``ClipVideo.open`` made of it, to
            draw behind them.

    Returns:
        The path.

    Raises:
        AnatomyError: when the clips differ in frames or rate, ``frames`` is below 1, the path is no
            PNG, the video is another one (``ClipVideo.open``), or matplotlib or imageio-ffmpeg is
            missing.
    """
    target = checked_suffix(path, (".png",))
    check_same_clip(keypoints, poses)
    if frames < 1:
        raise AnatomyError(f"{target}: expected at least one frame to draw, got {frames}")
    count = min(frames, len(poses))
    shown = np.round(np.linspace(0, len(poses) - 1, count)).astype(int)

    column_width = _WIDE_COLUMN if keypoints.width > keypoints.height else _UPRIGHT_COLUMN
    scene = PoseScene(poses)
    (left, right), (low, high) = scene.limits(Viewpoint().elevation)
    image_row = column_width * min(1.8, keypoints.height / keypoints.width)
    pose_row = column_width * min(1.6, max(0.8, (high - low) / (right - left)))
    rows = (
        ("2D keypoints", image_row, None),
        ("3D pose, from the camera's side", pose_row, Viewpoint()),
        (f"3D pose, turned {_TURNED:g}°", pose_row, Viewpoint(_TURNED)),
    )
    pictures = None
    if video is not None:
        scale = _DPI * min(column_width / keypoints.width, image_row / keypoints.height)
        picture_size = round(scale * keypoints.width), round(scale * keypoints.height)
        pictures = ClipVideo.open(video, poses, keypoints).pictures(shown, picture_size)
    width = max(_NARROWEST, 2 * _MARGIN + count * column_width + (count - 1) * _GAP)
    height = _HEADER + _STAMP + sum(_CAPTION + row for _, row, _ in rows) + _MARGIN
    figure = blank_figure(width, height, _DPI)
    canvas: Any = figure.canvas

    def write(
        x: float, y: float, text: str, colour: str, size: float, align: str = "left"
    ) -> float:
        """Write a text, inches from the sheet's top left, and return its right end."""
        written = figure.text(
            x / width, 1 - y / height, text, color=colour, size=size, ha=align, va="baseline"
        )
        return float(written.get_window_extent(canvas.get_renderer()).x1) / _DPI

    # A file's name may hold bytes that are no text.
    name = Path(keypoints.source or poses.source).name.encode(errors="replace").decode()
    title = " · ".join(part for part in (name, f"person {poses.person}") if part)
    longest = int((width - 2 * _MARGIN) / 0.11)
    write(
        _MARGIN,
        0.36,
        title if len(title) <= longest else f"…{title[1 - longest :]}",
        LIGHT.text,
        12,
    )
    facts = f"{len(poses)} frames, {poses.fps:g} fps   ·   floor grid {GRID_STEP:g} m"
    write(_MARGIN, 0.56, facts, LIGHT.faint, 9)
    top = _HEADER + _STAMP
    for row, (caption, row_height, viewpoint) in enumerate(rows):
        top += _CAPTION
        write(_MARGIN, top - 0.09, caption, LIGHT.faint, 9)
        if row == 0:
            write(width - _MARGIN, top - 0.09, "● left", LIGHT.left, 9, "right")
            write(width - _MARGIN - 0.55, top - 0.09, "● right", LIGHT.right, 9, "right")
        for column, frame in enumerate(shown):
            x = _MARGIN + column * (column_width + _GAP)
            axes = figure.add_axes(
                (
                    x / width,
                    1 - (top + row_height) / height,
                    column_width / width,
                    row_height / height,
                )
            )
            if viewpoint is None:
                KeypointPanel(axes, keypoints, LIGHT, 1.8, pictures).show(frame)
                number, stamp = poses.first_frame + frame, _HEADER + 0.16
                end = write(x, stamp, f"{number / poses.fps:.2f} s", LIGHT.text, 10)
                write(end + 0.14, stamp, f"frame {number}", LIGHT.faint, 8)
            else:
                PosePanel(axes, scene, LIGHT, 1.1 * column_width).show(frame, viewpoint)
        top += row_height
    with atomic_path(target) as temporary:
        canvas.print_png(temporary)
    return target
