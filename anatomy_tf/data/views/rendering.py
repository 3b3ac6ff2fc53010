"""Views of motions by virtual cameras, and their split by person."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera, normalize_screen
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.simulated_detections import DetectionNoise, simulate_detections
from anatomy_tf.data.views.view import View
from anatomy_tf.data.views.virtual_cameras import CameraRanges, random_camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_whole
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.sequences.resampling import interpolate_frames, resampled_times

Detections = Literal["simulated", "ground_truth"]
"""``simulated``: with a detector's errors. ``ground_truth``: exact projections, all visible."""


def render_views(
    clips: Sequence[MotionClip],
    *,
    cameras_per_clip: int | Sequence[int] = 4,
    seed: int = 0,
    noise: DetectionNoise | None = None,
    ranges: CameraRanges | None = None,
    detections: Detections = "simulated",
    variety: CaptureVariety | None = None,
) -> list[View]:
    """Render views of motions by random cameras.

    The random numbers of a view depend on ``seed``, its clip's subject and name and its camera's
    number alone: a subset of the clips gives the same views (unless ``variety`` exchanges limbs
    between clips), and both kinds of detections have the same cameras.

    Args:
        clips: motions in the world.
        cameras_per_clip: number of views of each clip, one for all or one for each
            (``balanced_views``).
        seed: seed of cameras and noise.
        noise: the simulated detector's errors; ``DetectionNoise()`` when ``None``.
        ranges: the cameras to draw; ``CameraRanges()`` when ``None``.
        detections: ``"simulated"`` or ``"ground_truth"``.
        variety: how often bodies, rates, scores and gaps differ; plain views when ``None``. A view
            at another rate may end a few frames before its clip.

    Returns:
        The views in the clips' order, with the cameras ``"0"``, ``"1"``, ... for each clip.

    Raises:
        AnatomyError: for unknown detections, fewer than one camera, a list without one number for
            each clip, or a negative seed.
    """
    check_request(seed, detections)
    views = []
    for clip, count in zip(clips, view_counts(cameras_per_clip, clips), strict=True):
        for number in range(count):
            for_camera, for_noise, for_variety = view_generators(seed, clip, number)
            seen = clip if variety is None else variety.clip(clip, for_variety, clips)
            camera = random_camera(for_camera, seen, ranges)
            camera = dataclasses.replace(camera, name=str(number))
            if detections == "ground_truth":
                views.append(_exact_view(seen, camera))
            elif variety is None:
                views.append(_view(seen, camera, for_noise, noise))
            else:
                views.append(_varied_view(seen, camera, for_noise, noise, variety, for_variety))
    return views


def split_by_subject(
    clips: Sequence[MotionClip], test_subjects: Collection[str]
) -> tuple[list[MotionClip], list[MotionClip]]:
    """Split clips by person, so that no person is in both parts.

    Args:
        clips: motions.
        test_subjects: names of the people of the second part.

    Returns:
        The clips of all other people, and the clips of these.

    Raises:
        AnatomyError: for a subject that no clip has, or when no person is left for training.
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


def check_request(seed: int, detections: str) -> None:
    """Raise AnatomyError for another seed than a whole number from 0, or unknown detections."""
    if detections not in get_args(Detections):
        raise AnatomyError(f"expected detections 'simulated' or 'ground_truth', got {detections!r}")
    if not is_whole(seed) or seed < 0:
        raise AnatomyError(f"expected a seed of at least 0, got {seed!r}")


def view_counts(given: int | Sequence[int], clips: Sequence[MotionClip]) -> list[int]:
    """Return the number of views of each clip, from one for all (from 1) or one each (from 0).

    Raises:
        AnatomyError: for anything else.
    """
    if isinstance(given, Sequence | np.ndarray):
        counts, least = list(given), 0
    else:
        counts, least = [given] * len(clips), 1
    if len(counts) != len(clips) or not all(is_whole(n) and n >= least for n in counts):
        raise AnatomyError(
            "expected a whole number of cameras from 1, or a list of such numbers from 0 for each "
            f"of {len(clips)} clips, got {given!r:.100}"
        )
    return counts


def view_generators(seed: int, clip: MotionClip, camera: int) -> list[np.random.Generator]:
    """Return the random generators of a view's camera, detections and variety."""
    digest = hashlib.sha256(f"{clip.subject}/{clip.name}".encode()).digest()
    sequence = np.random.SeedSequence([seed, int.from_bytes(digest[:8], "big"), camera])
    return [np.random.default_rng(child) for child in sequence.spawn(3)]


def _exact_view(clip: MotionClip, camera: Camera) -> View:
    positions = camera.world_to_camera(clip.positions).astype(np.float32)
    visibility = np.ones(positions.shape[:2], np.float32)
    return seen_view(clip, camera, camera.project(positions), visibility, positions)


def _view(
    clip: MotionClip, camera: Camera, rng: np.random.Generator, noise: DetectionNoise | None
) -> View:
    positions = camera.world_to_camera(clip.positions).astype(np.float32)
    found = simulate_detections(positions, camera, clip.skeleton, rng, noise, clip.fps)
    return seen_view(clip, camera, *found, positions)


def _varied_view(
    clip: MotionClip,
    camera: Camera,
    rng: np.random.Generator,
    noise: DetectionNoise | None,
    variety: CaptureVariety,
    for_variety: np.random.Generator,
) -> View:
    """Return a view at another rate, with gaps, prepared as ``Lifter.lift`` prepares keypoints."""
    positions = camera.world_to_camera(clip.positions).astype(np.float32)
    fps = variety.frame_rate(clip.fps, for_variety)
    taken = interpolate_frames(positions, resampled_times(len(positions), clip.fps, fps))
    pixels, scores = simulate_detections(taken, camera, clip.skeleton, rng, noise, fps)
    if not variety.has_scores(for_variety):
        scores = np.ones_like(scores)
    pixels[variety.missing(len(taken), fps, clip.skeleton, for_variety)] = np.nan
    found = KeypointSequence(pixels, scores, clip.skeleton, fps, camera.width, camera.height)
    found = found.filled().resampled(clip.fps)
    # The last frames of the clip may lie behind the other rate's last one.
    frames = min(len(found), len(positions))
    return seen_view(
        clip, camera, found.keypoints[:frames], found.visibility[:frames], positions[:frames]
    )


def seen_view(
    clip: MotionClip,
    camera: Camera,
    pixels: NDArray[np.floating],
    visibility: NDArray[np.float32],
    positions: NDArray[np.float32],
) -> View:
    """Return a clip as a camera that stands still and its detector see it.

    Args:
        clip: the motion.
        camera: the camera.
        pixels: (T, J, 2) detected keypoints.
        visibility: (T, J) their scores.
        positions: (T, J, 3) true positions in the camera's frame, metres.
    """
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
        up=camera.up.astype(np.float32),
        aspect_ratio=camera.aspect_ratio,
    )
