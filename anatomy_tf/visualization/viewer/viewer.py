"""The viewer: a clip in one HTML page that needs no network."""

from __future__ import annotations

import base64
import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.poses.levelling import common_up, level
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.sequences.person_checks import people_list
from anatomy_tf.visualization.drawing.clip_video import ClipVideo
from anatomy_tf.visualization.drawing.joints_in_picture import PICTURE_OF_POSES, joints_in_picture
from anatomy_tf.visualization.drawing.output import checked_suffix
from anatomy_tf.visualization.drawing.scene import (
    check_same_clip,
    floor_height,
    upright,
)
from anatomy_tf.visualization.viewer.html_page import viewer_page
from anatomy_tf.visualization.viewer.page_content import (
    keypoints_content,
    person_content,
    truth_content,
)

SPACING = 1.3
"""Metres between the people of a clip whose places in the room are unknown."""
_APART = 0.3
"""Metres between the bodies of two clips."""
VIDEO_BYTES = 12_000_000
"""The most bytes of pictures of a video in a page; longer videos show every second frame, every
fourth, and so on."""


def write_viewer(
    poses: PoseSequence | Sequence[PoseSequence],
    path: str | os.PathLike[str],
    keypoints: KeypointSequence | Sequence[KeypointSequence] | None = None,
    ground_truth: PoseSequence | Sequence[PoseSequence] | None = None,
    title: str = "3D pose",
    video: str | os.PathLike[str] | ClipVideo | None = None,
    beside: PoseSequence | Sequence[PoseSequence] = (),
    remark: Callable[[str], object] | None = None,
) -> Path:
    """Write an HTML file that plays the poses and shows bone lengths, angles, speeds and errors.

    The view can be turned and zoomed, and time scrubbed. Positions are stored as whole tenths of a
    millimetre from the root (about 140 bytes a frame of 17 joints). People whose poses are
    root-relative stand side by side. The error shown against the ground truth is the mean distance
    of the joints when both roots coincide.

    A video is stored as JPEG pictures, which every browser shows at the frame that is asked for,
    from a file and without a network; a ``<video>`` element seeks to roughly where it is told to.

    Args:
        poses: one person's, or a sequence for each person, all at one frame rate, camera or world
            axes; metres.
        path: ends in ``.html``; replaced whole when it exists.
        keypoints: the same people's 2D keypoints, same frames. Without them, a video has the joints
            of poses before it where their camera sees them (``lift --place``).
        ground_truth: the same people's true poses, same frames, skeleton and axes.
        title: heading of the page.
        video: the file in which the keypoints were found, or what ``ClipVideo.open`` made of it, to
            show behind them; of a long one as many frames as ``VIDEO_BYTES`` hold.
        beside: the poses of a second clip, shown beside the first from its first frame on, at its
            frame rate.
        remark: is told in a line if frames of the video were left out.

    Returns:
        The path.

    Raises:
        AnatomyError: without a person, when the lists differ in length, when the sequences of a
            person or the frame rates or axes of the people differ, when the video is another one
            (``ClipVideo.open``), or when a package to read it is missing.
    """
    target = checked_suffix(path, (".html", ".htm"))
    page = clip_page(poses, keypoints, ground_truth, title, video, beside, remark, where=target)
    with atomic_path(target) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return target


def clip_page(
    poses: PoseSequence | Sequence[PoseSequence],
    keypoints: KeypointSequence | Sequence[KeypointSequence] | None = None,
    ground_truth: PoseSequence | Sequence[PoseSequence] | None = None,
    title: str = "3D pose",
    video: str | os.PathLike[str] | ClipVideo | None = None,
    beside: PoseSequence | Sequence[PoseSequence] = (),
    remark: Callable[[str], object] | None = None,
    *,
    where: object = "viewer",
) -> str:
    """Return the page that ``write_viewer`` writes, whose arguments and errors it has.

    Args:
        where: the page's place, for messages.
    """
    poses, beside = (_clip(people, where) for people in (poses, beside))
    if not poses:
        raise AnatomyError(f"{where}: expected the poses of at least one person, got none")
    if keypoints is not None:
        keypoints = people_list(keypoints, KeypointSequence, where)
        _check_count("keypoints", keypoints, poses, where)
        for person, clip in zip(poses, keypoints, strict=True):
            check_same_clip(clip, person)
    truths = [] if ground_truth is None else people_list(ground_truth, PoseSequence, where)
    if ground_truth is not None:
        _check_count("ground truth", truths, poses, where)
        for person, truth in zip(poses, truths, strict=True):
            _check_truth(person, truth)
    clip_video, of_poses = None, False
    if video is not None:
        clip_video = ClipVideo.open(video, poses[0], keypoints[0] if keypoints else None)
        if keypoints is None:
            joints = [clip for clip in map(joints_in_picture, poses) if clip is not None]
            of_poses = len(joints) == len(poses)
            keypoints = joints if of_poses else None
    fps = poses[0].fps
    up = common_up(poses)
    standing = [standing_poses(person, up) for person in poses]
    second = [standing_poses(person.resampled(fps), common_up(beside)) for person in beside]
    shifts = _shifts(standing)
    if second:
        shifts += _beside(standing, shifts, second)
    people = [person_content(person) for person in (*standing, *second)]
    for entry, name, shift in zip(people, _names(poses, beside), shifts, strict=True):
        entry["name"], entry["shift"] = name, shift.tolist()
    for entry, clip in zip(people, keypoints or (), strict=False):
        entry["keypoints"] = keypoints_content(clip)
    for entry, person, truth in zip(people, standing, truths, strict=False):
        entry["truth"] = truth_content(person, standing_poses(truth, up))
    content = {
        "title": title,
        "fps": float(fps),
        "firstFrame": poses[0].first_frame,
        "people": people,
        "scene": _scene([*standing, *second], shifts),
        "video": None if clip_video is None else _video(clip_video, remark),
        "jointsOfPoses": PICTURE_OF_POSES if of_poses else None,
    }
    return viewer_page(title, content)


def _clip(people: PoseSequence | Sequence[PoseSequence], where: object) -> list[PoseSequence]:
    """Return the people of a clip, checked to have one frame rate and kind of axes."""
    poses: list[PoseSequence] = people_list(people, PoseSequence, where)
    if len({float(person.fps) for person in poses}) > 1:
        rates = ", ".join(f"{person.fps:g}" for person in poses)
        raise AnatomyError(f"{where}: expected one frame rate for all people, got {rates} fps")
    if len({person.axes for person in poses}) > 1:
        raise AnatomyError(f"{where}: expected all poses in the same axes, got camera and world")
    return poses


def _check_count(
    name: str, others: Sequence[object], poses: Sequence[PoseSequence], where: object
) -> None:
    """Check that everyone of whom there are poses has keypoints or true poses, too."""
    if len(others) != len(poses):
        raise AnatomyError(
            f"{where}: expected {name} of {len(poses)} people, one for each of the poses, "
            f"got {len(others)}"
        )


def _check_truth(poses: PoseSequence, truth: PoseSequence) -> None:
    expected = (poses.skeleton, len(poses), poses.axes)
    got = (truth.skeleton, len(truth), truth.axes)
    if expected != got or not np.isclose(poses.fps, truth.fps):
        raise AnatomyError(
            f"{truth.source or 'ground truth'}: expected {len(poses)} frames of "
            f"{poses.skeleton.name} at {poses.fps:g} fps in {poses.axes} axes, got {len(truth)} "
            f"frames of {truth.skeleton.name} at {truth.fps:g} fps in {truth.axes} axes"
        )


def standing_poses(poses: PoseSequence, up: NDArray[np.floating] | None) -> PoseSequence:
    """Return the poses in a world with z up, by the clip's up direction where it is known."""
    if poses.axes == "camera" and up is not None:
        return level(poses, up)
    return dataclasses.replace(poses, positions=upright(poses), axes="world", camera=None)


def display_name(person: str) -> str:
    """Return a person's name on the page: ``person 3`` for a tracker's number, else as it is."""
    return f"person {person}" if person.isdigit() else person


def _names(poses: Sequence[PoseSequence], beside: Sequence[PoseSequence]) -> list[str]:
    """Return everyone's name on the page; of two clips it begins with the clip's file."""
    if not beside:
        return [display_name(person.person) for person in poses]
    files = [Path(clip[0].source) for clip in (poses, beside)]
    depth = -1 if files[0].name != files[1].name else -2
    titles = ["/".join(file.parts[depth:]) for file in files]
    if titles[0] == titles[1]:
        titles = ["first clip", "second clip"]
    return [
        title if len(clip) == 1 else f"{title}, {display_name(person.person)}"
        for title, clip in zip(titles, (poses, beside), strict=True)
        for person in clip
    ]


def _video(video: ClipVideo, remark: Callable[[str], object] | None) -> dict[str, Any]:
    every, pictures = video.jpegs(VIDEO_BYTES)
    if every > 1 and remark is not None:
        remark(
            f"{video.video.path}: the page shows 1 of {every} frames, to stay below "
            f"{VIDEO_BYTES / 1e6:g} MB of pictures"
        )
    return {
        "width": video.video.width,
        "height": video.video.height,
        "every": every,
        "pictures": [base64.b64encode(picture).decode("ascii") for picture in pictures],
    }


def _shifts(poses: Sequence[PoseSequence]) -> list[NDArray[np.float64]]:
    """Return each person's shift, so that all stand on the floor z = 0."""
    floors = [floor_height(person.positions) for person in poses]
    shared = min(
        (floor for floor, person in zip(floors, poses, strict=True) if not person.root_relative),
        default=0.0,
    )
    middle = (len(poses) - 1) / 2
    return [
        np.array([(place - middle) * SPACING, 0, -floor])
        if person.root_relative
        else np.array([0, 0, -shared])
        for place, (floor, person) in enumerate(zip(floors, poses, strict=True))
    ]


def _beside(
    first: Sequence[PoseSequence],
    shifts: Sequence[NDArray[np.floating]],
    second: Sequence[PoseSequence],
) -> list[NDArray[np.float64]]:
    """Return the shifts of a second clip, which stands to the right of the first in every frame."""

    def reach(poses: Sequence[PoseSequence], own: Sequence[NDArray[np.floating]], sign: int) -> Any:
        """Return the clip's farthest x to one side in each frame, (T,) metres."""
        sides = [
            (sign * (person.positions[..., 0] + shift[0])).max(axis=1)
            for person, shift in zip(poses, own, strict=True)
        ]
        frames = max(map(len, sides))
        padded = [np.pad(side, (0, frames - len(side)), mode="edge") for side in sides]
        return sign * np.max(padded, axis=0)

    def depth(poses: Sequence[PoseSequence]) -> float:
        return float(np.concatenate([p.positions[:, p.skeleton.root, 1] for p in poses]).mean())

    own = _shifts(second)
    right, left = reach(first, shifts, 1), reach(second, own, -1)
    common = min(len(right), len(left))
    aside = float((right[:common] - left[:common]).max()) + _APART
    # The two clips may have places in different rooms, or only one of them in a room.
    return [shift + np.array([aside, depth(first) - depth(second), 0]) for shift in own]


def _scene(poses: Sequence[PoseSequence], shifts: Sequence[NDArray[np.floating]]) -> dict[str, Any]:
    """Return the extents, metres, of the view of the whole clip and of that of one person."""
    clips = [person.positions + shift for person, shift in zip(poses, shifts, strict=True)]
    points = np.concatenate([clip.reshape(-1, 3) for clip in clips])
    low, high = points.min(axis=0), points.max(axis=0)
    bodies = [
        np.linalg.norm(clip[..., :2] - clip[:, None, person.skeleton.root, :2], axis=-1).max()
        for clip, person in zip(clips, poses, strict=True)
    ]
    middle = (low + high)[:2] / 2
    return {
        "middle": middle.tolist(),
        "radius": float(np.linalg.norm(points[:, :2] - middle, axis=-1).max()),
        "bodyRadius": float(max(bodies)),
        "height": float(high[2]),
    }
