"""Views of motions by virtual cameras, and their split by person."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Sequence
from typing import Literal

import numpy as np

from anatomy_tf.cameras import Camera, normalize_screen
from anatomy_tf.data.clip import MotionClip
from anatomy_tf.data.simulated_detections import DetectionNoise, simulate_detections
from anatomy_tf.data.view import View
from anatomy_tf.data.virtual_cameras import CameraRanges, random_camera
from anatomy_tf.errors import AnatomyError

Detections = Literal["simulated", "ground_truth"]
"""``simulated``: as a detector finds them. ``ground_truth``: exact projections, all visible."""


def render_views(
    clips: Sequence[MotionClip],
    *,
    cameras_per_clip: int = 4,
    seed: int = 0,
    noise: DetectionNoise | None = None,
    ranges: CameraRanges | None = None,
    detections: Detections = "simulated",
) -> list[View]:
    """Has random cameras look at motions.

    The random numbers of a view depend on ``seed``, its clip's subject and name and its camera's
    number alone: some of the clips give the same views as all of them, and both kinds of detections
    have the same cameras.

    Args:
        clips: motions in the world.
        cameras_per_clip: how many views of each clip.
        seed: chooses other cameras and other noise.
        noise: how the simulated detector errs; ``DetectionNoise()`` when ``None``.
        ranges: what cameras to draw; ``CameraRanges()`` when ``None``.
        detections: ``"simulated"`` or ``"ground_truth"``.

    Returns:
        ``len(clips) * cameras_per_clip`` views in the clips' order, cameras ``"0"``, ``"1"``, ...

    Raises:
        AnatomyError: for unknown detections, or fewer than one camera.
    """
    if detections not in ("simulated", "ground_truth"):
        raise AnatomyError(f"expected detections 'simulated' or 'ground_truth', got {detections!r}")
    if cameras_per_clip < 1:
        raise AnatomyError(f"expected at least one camera a clip, got {cameras_per_clip}")
    views = []
    for clip in clips:
        for number in range(cameras_per_clip):
            for_camera, for_noise = _generators(seed, clip, number)
            camera = random_camera(for_camera, clip, ranges)
            camera = dataclasses.replace(camera, name=str(number))
            views.append(
                _view(clip, camera, for_noise if detections == "simulated" else None, noise)
            )
    return views


def split_by_subject(
    clips: Sequence[MotionClip], test_subjects: Collection[str]
) -> tuple[list[MotionClip], list[MotionClip]]:
    """Parts clips by person, so that the people of one part are never seen in the other.

    Args:
        clips: motions.
        test_subjects: names of the people of the second part.

    Returns:
        The clips of all other people, and the clips of these.

    Raises:
        AnatomyError: for a subject that no clip has, or when nobody is left for training.
    """
    if isinstance(test_subjects, str):
        raise AnatomyError(f"expected a list of test subjects, got the text {test_subjects!r}")
    known = {clip.subject for clip in clips}
    unknown = sorted(set(test_subjects) - known)
    if unknown:
        raise AnatomyError(
            f"no clip of the test subjects {', '.join(unknown)}; "
            f"subjects are {', '.join(sorted(known))}"
        )
    if known and known <= set(test_subjects):
        raise AnatomyError(f"all {len(known)} subjects are test subjects, none is left to train on")
    train = [clip for clip in clips if clip.subject not in test_subjects]
    test = [clip for clip in clips if clip.subject in test_subjects]
    return train, test


def _generators(
    seed: int, clip: MotionClip, camera: int
) -> tuple[np.random.Generator, np.random.Generator]:
    digest = hashlib.sha256(f"{clip.subject}/{clip.name}".encode()).digest()
    sequence = np.random.SeedSequence([seed, int.from_bytes(digest[:8], "big"), camera])
    first, second = sequence.spawn(2)
    return np.random.default_rng(first), np.random.default_rng(second)


def _view(
    clip: MotionClip,
    camera: Camera,
    rng: np.random.Generator | None,
    noise: DetectionNoise | None,
) -> View:
    """One view; exact projections when there is no generator."""
    positions = camera.world_to_camera(clip.positions).astype(np.float32)
    if rng is None:
        pixels = camera.project(positions)
        visibility = np.ones(positions.shape[:2], np.float32)
    else:
        pixels, visibility = simulate_detections(
            positions, camera, clip.skeleton, rng, noise, clip.fps
        )
    return View(
        keypoints=normalize_screen(pixels, camera.width, camera.height).astype(np.float32),
        visibility=visibility,
        positions=positions,
        intrinsics=camera.normalized_intrinsics.astype(np.float32),
        skeleton=clip.skeleton,
        fps=clip.fps,
        subject=clip.subject,
        action=clip.action,
        clip=clip.name,
        camera=camera.name,
    )
