"""Clips to measure the ranges of a network's features on, before they are rounded to 8 bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import flip_points, flip_visibility
from anatomy_tf.cameras.projection import pinhole_rays
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.rendering import render_views
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.lifter import Lifter
from anatomy_tf.network.weights import NetworkWeights
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton, map_skeleton

Array = NDArray[np.float32]
Clip = tuple[Array, Array]
"""Keypoints (T, J, 2) and visibility (T, J), as ``Lifter.estimate`` takes them."""

PEOPLE, SECONDS = 8, 10.0


def procedural_clips(weights: NetworkWeights) -> list[Clip]:
    """Return generated motion, for users without recordings: 48 clips of 10 seconds.

    Args:
        weights: of the model.

    Raises:
        AnatomyError: for a layout that the motion's 17 joints cannot stand for.
    """
    motion = procedural_motion(PEOPLE, SECONDS, weights.config.fps)
    clips = [
        (
            pinhole_rays(view.keypoints, view.intrinsics) if weights.canonical else view.keypoints,
            view.visibility,
        )
        for view in render_views(motion, cameras_per_clip=1)
    ]
    if weights.skeleton == HUMAN36M_17:
        return clips
    mapping = map_skeleton(HUMAN36M_17, weights.skeleton)
    return [(mapping.points(points), mapping.visibility(scores)) for points, scores in clips]


def clips_of(sequences: Sequence[KeypointSequence], weights: NetworkWeights) -> list[Clip]:
    """Return people's keypoints as the model sees them.

    Args:
        sequences: in any layout that can stand for the model's, at any rate.
        weights: of the model.

    Raises:
        AnatomyError: for a layout that cannot.
    """
    lifter = Lifter(weights)
    ready = [
        keypoints.mapped(lifter.skeleton).filled().resampled(lifter.fps) for keypoints in sequences
    ]
    return [(lifter.keypoints_of(keypoints), keypoints.visibility) for keypoints in ready]


def check_clips(clips: Sequence[Clip], skeleton: Skeleton) -> list[Clip]:
    """Return the clips as float32.

    Raises:
        AnatomyError: when there are none or one has another shape.
    """
    if not clips:
        raise AnatomyError("representative clips: expected at least one, got none")
    joints = skeleton.joint_count
    checked = []
    for number, (keypoints, visibility) in enumerate(clips):
        keypoints, visibility = (
            np.asarray(keypoints, np.float32),
            np.asarray(visibility, np.float32),
        )
        frames = len(keypoints)
        if not frames or (keypoints.shape, visibility.shape) != (
            (frames, joints, 2),
            (frames, joints),
        ):
            raise AnatomyError(
                f"representative clip {number}: expected keypoints (T, {joints}, 2) and visibility "
                f"(T, {joints}), got {keypoints.shape} and {visibility.shape}"
            )
        checked.append((keypoints, visibility))
    return checked


def pieces(clips: Sequence[Clip], frames: int, count: int, skeleton: Skeleton) -> Iterator[Clip]:
    """Yield pieces of one length, every other one mirrored, from all clips in turn.

    Args:
        clips: of any lengths; the last frame of a shorter one is repeated.
        frames: of each piece.
        count: how many pieces.
        skeleton: of the keypoints.
    """
    rng = np.random.default_rng(0)
    order = rng.permutation(len(clips))
    for number in range(count):
        keypoints, visibility = clips[order[number % len(order)]]
        start = rng.integers(max(len(keypoints) - frames, 0) + 1)
        chosen = np.minimum(start + np.arange(frames), len(keypoints) - 1)
        keypoints, visibility = keypoints[chosen], visibility[chosen]
        if number % 2:
            keypoints = flip_points(keypoints, skeleton)
            visibility = flip_visibility(visibility, skeleton)
        yield keypoints, visibility
