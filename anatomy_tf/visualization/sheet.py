"""Contact sheets, which show a clip in one picture."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_whole
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.visualization.drawing.clip_video import ClipVideo
from anatomy_tf.visualization.drawing.joints_in_picture import joints_or_keypoints
from anatomy_tf.visualization.drawing.output import checked_suffix
from anatomy_tf.visualization.drawing.page import Page
from anatomy_tf.visualization.drawing.palette import LIGHT
from anatomy_tf.visualization.drawing.panels import KeypointPanel, PosePanel, PoseScene
from anatomy_tf.visualization.drawing.scene import GRID_STEP, Viewpoint

_DPI = 120
_TURNED = 90.0
_VIEWS = {
    "3D pose, from the camera's side": Viewpoint(),
    f"3D pose, turned {_TURNED:g}°": Viewpoint(_TURNED),
}
# Inches.
_GAP, _MARGIN, _HEADER, _STAMP, _CAPTION = 0.08, 0.25, 0.74, 0.2, 0.3
_UPRIGHT_COLUMN, _WIDE_COLUMN, _NARROWEST = 2.1, 2.7, 3.4


def contact_sheet(
    keypoints: KeypointSequence | None,
    poses: PoseSequence,
    path: str | os.PathLike[str],
    frames: int = 6,
    video: str | os.PathLike[str] | ClipVideo | None = None,
) -> Path:
    """Write a PNG of evenly spaced frames: 2D keypoints, and 3D poses from camera and side.

    Frames in which the person is not found, whose poses are guesses, are left out if there are
    others.

    Args:
        keypoints: T frames in pixels; joints fade with their visibility. ``None`` shows the joints
            where the poses' camera sees them (``lift --place``), and poses without a camera alone.
        poses: the same T frames, metres.
        path: ends in ``.png``; replaced whole when it exists.
        frames: number of columns; a shorter clip has one for each frame.
        video: the file in which the keypoints were found, or what ``ClipVideo.open`` made of it, to
            draw behind them.

    Returns:
        The path.

    Raises:
        AnatomyError: when the clips differ in frames or rate, ``frames`` is below 1, the path is no
            PNG, the video is another one (``ClipVideo.open``) or has nothing to be drawn behind, or
            matplotlib or imageio-ffmpeg is missing.
    """
    target = checked_suffix(path, (".png",))
    picture, caption = joints_or_keypoints(keypoints, poses, target, video is not None)
    if not is_whole(frames) or frames < 1:
        raise AnatomyError(f"{target}: expected at least one frame to draw, got {frames!r:.40}")
    found = poses.seen_frames
    count = min(frames, len(found))
    shown = found[np.round(np.linspace(0, len(found) - 1, count)).astype(int)]
    wide = picture is not None and picture.width > picture.height
    column = _WIDE_COLUMN if wide else _UPRIGHT_COLUMN
    lefts = [_MARGIN + number * (column + _GAP) for number in range(count)]
    scene = PoseScene(poses)
    (left, right), (low, high) = scene.limits(Viewpoint().elevation)
    image_height = 0.0 if picture is None else column * min(1.8, picture.height / picture.width)
    pose_height = column * min(1.6, max(0.8, (high - low) / (right - left)))
    rows = [*([] if picture is None else [image_height]), pose_height, pose_height]
    page = Page(
        max(_NARROWEST, 2 * _MARGIN + count * column + (count - 1) * _GAP),
        _HEADER + _STAMP + sum(_CAPTION + row for row in rows) + _MARGIN,
        _DPI,
    )
    _write_header(page, keypoints, poses)
    top = _HEADER + _STAMP
    key = top + _CAPTION - 0.09
    page.write(page.width - _MARGIN, key, "● left", LIGHT.left, 9, "right")
    page.write(page.width - _MARGIN - 0.55, key, "● right", LIGHT.right, 9, "right")
    for x, frame in zip(lefts, shown, strict=True):
        number, stamp = poses.first_frame + frame, _HEADER + 0.16
        time = page.write(x, stamp, f"{number / poses.fps:.2f} s", LIGHT.text, 10)
        page.write(page.right_end(time) + 0.14, stamp, f"frame {number}", LIGHT.faint, 8)
    if picture is not None:
        pictures = None
        if video is not None:
            scale = _DPI * min(column / picture.width, image_height / picture.height)
            size = round(scale * picture.width), round(scale * picture.height)
            pictures = ClipVideo.open(video, poses, keypoints).pictures(shown, size)
        top += _CAPTION
        page.write(_MARGIN, top - 0.09, caption, LIGHT.faint, 9)
        for x, frame in zip(lefts, shown, strict=True):
            axes = page.panel(x, top, column, image_height)
            KeypointPanel(axes, picture, LIGHT, 1.8, pictures).show(frame)
        top += image_height
    for caption, viewpoint in _VIEWS.items():
        top += _CAPTION
        page.write(_MARGIN, top - 0.09, caption, LIGHT.faint, 9)
        for x, frame in zip(lefts, shown, strict=True):
            axes = page.panel(x, top, column, pose_height)
            PosePanel(axes, scene, LIGHT, 1.1 * column).show(frame, viewpoint)
        top += pose_height
    return page.save(target)


def _write_header(page: Page, keypoints: KeypointSequence | None, poses: PoseSequence) -> None:
    """Write the clip's name, shortened to the page's width, and its length and rate."""
    # A file's name may hold bytes that are no text.
    source = (keypoints and keypoints.source) or poses.source
    name = Path(source).name.encode(errors="replace").decode()
    title = " · ".join(part for part in (name, f"person {poses.person}") if part)
    longest = int((page.width - 2 * _MARGIN) / 0.11)
    title = title if len(title) <= longest else f"…{title[1 - longest :]}"
    page.write(_MARGIN, 0.36, title, LIGHT.text, 12)
    frames = f"{len(poses)} frame{'s' * (len(poses) != 1)}"
    facts = f"{frames}, {poses.fps:g} fps   ·   floor grid {GRID_STEP:g} m"
    page.write(_MARGIN, 0.56, facts, LIGHT.faint, 9)
