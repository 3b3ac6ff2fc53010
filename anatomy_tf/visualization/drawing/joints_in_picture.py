"""What a sheet or film shows in the camera's picture: keypoints, or the joints of the poses."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.sequences.person_checks import check_person
from anatomy_tf.visualization.drawing.scene import check_same_clip

PICTURE_OF_POSES = "3D pose in the camera's picture"
"""The caption of a picture with the joints of poses instead of keypoints."""

NEAREST = 0.05
"""Metres before the camera from which on a joint is in its picture."""


def joints_or_keypoints(
    keypoints: KeypointSequence | None, poses: PoseSequence, path: Path, has_video: bool
) -> tuple[KeypointSequence | None, str]:
    """Return what to show in the camera's picture, and its caption.

    Args:
        keypoints: what the poses were lifted from, where it is there.
        poses: the same clip.
        path: the drawing, for messages.
        has_video: whether a video is to be drawn behind.

    Returns:
        The keypoints, else the joints where the poses' camera sees them, else ``None``.

    Raises:
        AnatomyError: when keypoints and poses differ in frames or rate, or a video has nothing to
            be drawn behind.
    """
    check_person(poses, PoseSequence)
    if keypoints is not None:
        check_person(keypoints, KeypointSequence)
        check_same_clip(keypoints, poses)
        return keypoints, "2D keypoints"
    joints = joints_in_picture(poses)
    if joints is None and has_video:
        raise AnatomyError(
            f"{path}: a sheet or film shows a video behind keypoints or poses of a known place; "
            "give --keypoints FILE (lift --save-keypoints writes one), or lift with --place"
        )
    return joints, PICTURE_OF_POSES


def joints_in_picture(poses: PoseSequence) -> KeypointSequence | None:
    """Return the pixels at which the poses' camera sees the joints; ``None`` without a camera.

    Joints behind the camera are not found. In frames in which the person was not seen their score
    is 0, else 1.

    Args:
        poses: with their camera, as ``lift --place`` and ``--floor`` make them.
    """
    if poses.camera is None:
        return None
    camera = poses.camera
    points = camera.world_to_camera(poses.positions.astype(np.float64))
    found = points[..., 2] > NEAREST
    points[~found] = (0, 0, 1)
    return KeypointSequence(
        keypoints=np.where(found[..., None], camera.project(points), np.nan),
        visibility=(found & poses.seen[:, None]).astype(np.float32),
        skeleton=poses.skeleton,
        fps=poses.fps,
        width=camera.width,
        height=camera.height,
        person=poses.person,
        first_frame=poses.first_frame,
    )
