"""Simulated detections of motion capture by virtual cameras, in pixels as a user has them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from anatomy_tf.cameras import Camera
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.data.views.rendering import check_request, view_counts, view_generators
from anatomy_tf.data.views.simulated_detections import DetectionNoise, simulate_detections
from anatomy_tf.data.views.virtual_cameras import CameraRanges, random_camera
from anatomy_tf.sequences import KeypointSequence

WORLD_UP = np.array([0.0, 0.0, 1.0])


def virtual_detections(
    clips: Sequence[MotionClip],
    *,
    cameras_per_clip: int | Sequence[int] = 2,
    seed: int = 0,
    noise: DetectionNoise | None = None,
    ranges: CameraRanges | None = None,
) -> list[DetectedClip]:
    """Simulate the detections in videos that random cameras take of motions.

    They are those of the plain views of ``render_views``, with the same cameras and errors for the
    same seed, but not prepared for a network.

    Args:
        clips: motions in the world.
        cameras_per_clip: number of videos of each clip, one for all or one for each.
        seed: seed of cameras and errors.
        noise: the simulated detector's errors; ``DetectionNoise()`` when ``None``.
        ranges: the cameras to draw; ``CameraRanges()`` when ``None``.

    Returns:
        Detected clips in the clips' order, with the cameras ``"0"``, ``"1"``, ... for each clip.

    Raises:
        AnatomyError: as ``render_views``.
    """
    check_request(seed, "simulated")
    found = []
    for clip, count in zip(clips, view_counts(cameras_per_clip, clips), strict=True):
        for number in range(count):
            for_camera, for_noise, _ = view_generators(seed, clip, number)
            camera = dataclasses.replace(random_camera(for_camera, clip, ranges), name=str(number))
            found.append(detect(clip, camera, for_noise, noise))
    return found


def detect(
    clip: MotionClip,
    camera: Camera,
    rng: np.random.Generator,
    noise: DetectionNoise | None = None,
) -> DetectedClip:
    """Simulate the detections in one camera's video of a motion.

    Args:
        clip: the motion, world z up.
        camera: the camera; all joints must be in front of it.
        rng: the source of randomness, for the detector's errors.
        noise: the detector's errors; ``DetectionNoise()`` when ``None``.

    Raises:
        AnatomyError: when a joint is behind the camera or at it.
    """
    positions = camera.world_to_camera(clip.positions).astype(np.float32)
    pixels, scores = simulate_detections(positions, camera, clip.skeleton, rng, noise, clip.fps)
    keypoints = KeypointSequence(
        pixels,
        scores,
        clip.skeleton,
        clip.fps,
        camera.width,
        camera.height,
        source=f"clip {clip.subject}/{clip.name}, camera {camera.name}",
    )
    return DetectedClip(
        keypoints,
        clip.positions,
        clip.skeleton.joint_names,
        camera.rotation,
        WORLD_UP,
        subject=clip.subject,
        action=clip.action,
        clip=clip.name,
        camera=camera.name,
    )
