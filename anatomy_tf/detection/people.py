"""From a video to one sequence of keypoints a person."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.detector import Detector
from anatomy_tf.detection.video import Video
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.people import Asked, recorded_people
from anatomy_tf.sequences import KeypointSequence

LEAST_SEEN = 0.5
"""Seconds; who is seen for less is a false alarm, unless nobody is seen for longer."""

MISSING_SHARE = 0.05
"""Of a video's frames; a video of which more do not come, and half a second, is damaged."""

SAME = 0.1
"""Share of a body's diagonal; two detections of a frame whose keypoints are nearer to each other in
the mean are of one person."""


def detect_people(
    video: str | Path,
    detector: Detector,
    *,
    fps: float | None = None,
    every: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[KeypointSequence]:
    """Finds the people of a video and follows each through it (``tracking``).

    One frame is held at a time. What a detector guesses beyond the edge of the picture counts as
    not found, as does who is seen for less than ``LEAST_SEEN`` seconds; who is found twice in a
    frame counts once.

    Args:
        video: a file that ffmpeg reads.
        detector: a new one, see ``load_detector``; it is closed at the end.
        fps: the rate at which the video was recorded, if the file says another: slow motion.
        every: look for people in each n-th frame only; keypoints of the others are interpolated.
        progress: called after each frame with the frames done and those of the video, as far as
            the file tells (0: it does not).

    Returns:
        The person who is seen in most frames first.

    Raises:
        AnatomyError: when the video cannot be read, nobody is found, or the detector's result is
            not of the form that ``Detector`` states.
    """
    if every < 1:
        raise AnatomyError(f"expected to look for people in each n-th frame, n from 1, got {every}")
    source = Video.open(video)
    frames: dict[int, list[Detection]] = {}
    count = 0
    with contextlib.closing(detector), contextlib.closing(source.frames()) as pictures:
        for number, picture in enumerate(pictures):
            if number % every == 0:
                frames[number // every] = _found(detector, picture, number, source)
            count = number + 1
            if progress is not None:
                progress(count, source.frame_count)
    if not frames:
        raise AnatomyError(f"{source.path}: the video has no frames")
    recording = Recording(
        frames,
        layout=detector.skeleton,
        fps=(source.fps if fps is None else fps) / every,
        image_size=(source.width, source.height),
        first_number=0,
        beyond_edge=True,
        least_seen=LEAST_SEEN,
    )
    people = recorded_people(recording, source.path, Asked())
    warnings = _broken_off(source, count)
    whole = [person.densified(every, count) for person in people]
    return [dataclasses.replace(p, warnings=(*p.warnings, *warnings)) for p in whole]


def _broken_off(source: Video, count: int) -> tuple[str, ...]:
    """A warning where far fewer frames came than the file states."""
    missing = source.frame_count - count
    if missing <= max(MISSING_SHARE * source.frame_count, source.fps / 2):
        return ()
    return (
        f"the video breaks off after {count / source.fps:.1f} s of the "
        f"{source.frame_count / source.fps:.1f} s that it states; the file may be damaged",
    )


def _found(
    detector: Detector, picture: NDArray[np.uint8], number: int, source: Video
) -> list[Detection]:
    """Who is in a frame."""
    where = f"{source.path}: frame {number}"
    joints = detector.skeleton.joint_count
    found = np.asarray(detector.detect(picture, number / source.fps), np.float64)
    if found.ndim != 3 or found.shape[1:] != (joints, 3):
        raise AnatomyError(
            f"{where}: expected people of shape (P, {joints}, 3) for "
            f"{detector.skeleton.name} from the detector, got {found.shape}"
        )
    return [
        Detection(detected_points(p[:, :2], p[:, 2], where), f"frame {number}")
        for p in _without_doubles(found)
    ]


def _without_doubles(people: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Of (P, J, 3) detections the surest of each person."""
    kept: list[NDArray[np.float64]] = []
    for index in np.argsort(-people[..., 2].mean(axis=1), kind="stable"):
        person = people[index]
        for other in kept:
            both = (person[:, 2] > 0) & (other[:, 2] > 0)
            if not both.any():
                continue
            size = np.linalg.norm(np.ptp(other[other[:, 2] > 0, :2], axis=0))
            apart = np.linalg.norm(person[both, :2] - other[both, :2], axis=-1).mean()
            if apart <= SAME * size:
                break
        else:
            kept.append(person)
    return kept
