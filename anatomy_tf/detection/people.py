"""Keypoint sequences of the people in a video, one for each person."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.detectors.detector import Detector
from anatomy_tf.detection.videos.video import Video
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FRAME_RATE, is_whole
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.doubles import without_doubles
from anatomy_tf.formats.keypoints.reading.people import Asked, recorded_people
from anatomy_tf.formats.keypoints.reading.scores import have_places, scored
from anatomy_tf.formats.keypoints.reading.units import inside
from anatomy_tf.sequences import KeypointSequence

LEAST_SEEN = 0.5
"""Seconds; a person seen for less is a false alarm, unless nobody is seen for longer."""

MISSING_SHARE = 0.05
"""Share of a video's frames; a video that lacks more, and half a second, is damaged."""


def detect_people(
    video: str | Path,
    detector: Detector,
    *,
    fps: float | None = None,
    every: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[KeypointSequence]:
    """Find the people in a video and track each through it (``tracking``).

    One frame is held at a time. Keypoints beyond the edge of the picture count as not found, and so
    do people seen for less than ``LEAST_SEEN`` seconds; a person found twice in a frame counts
    once.

    Args:
        video: a file that ffmpeg reads.
        detector: a new one, see ``load_detector``; it is closed at the end, also after an error.
        fps: the rate at which the video was recorded, if the file states another (slow motion).
        every: look for people in every n-th frame only; keypoints of the others are interpolated.
        progress: called after each frame with the frames done and the video's frame count (0 where
            the file does not state it).

    Returns:
        The people's keypoints; the person seen in most frames comes first.

    Raises:
        AnatomyError: when the video cannot be read, its rate, or that of each n-th frame, is
            outside ``files.limits``, nobody is found, or the detector's result is not of the form
            that ``Detector`` states.
    """
    if not hasattr(detector, "detect"):
        raise AnatomyError(f"expected a Detector, got {detector!r:.40}; load_detector makes one")
    frames: dict[int, list[Detection]] = {}
    count = 0
    with contextlib.closing(detector):
        if not is_whole(every) or every < 1:
            raise AnatomyError(
                "every (--detect-every): expected to look for people in each n-th frame, n from 1, "
                f"got {every!r:.40}"
            )
        source = Video.open(video)
        rate = source.fps if fps is None else fps
        FRAME_RATE.check(rate, source.path)
        FRAME_RATE.check(rate / every, f"{source.path}: each {every}th frame")
        with contextlib.closing(source.frames()) as pictures:
            for number, picture in enumerate(pictures):
                if number % every == 0:
                    where = f"{source.path}: frame {number}"
                    frames[number // every] = _found(detector, picture, number / source.fps, where)
                count = number + 1
                if progress is not None:
                    progress(count, source.frame_count)
    if not frames:
        raise AnatomyError(f"{source.path}: the video has no frames")
    recording = Recording(
        frames,
        layout=detector.skeleton,
        fps=rate / every,
        image_size=(source.width, source.height),
        beyond_edge=True,
        least_seen=LEAST_SEEN,
    )
    people = recorded_people(recording, source.path, Asked())
    warnings = _broken_off(source, count)
    whole = [person.densified(every, count) for person in people]
    # The rate itself, which the n-th part times n may miss by a rounding.
    return [dataclasses.replace(p, fps=rate, warnings=(*p.warnings, *warnings)) for p in whole]


def _broken_off(source: Video, count: int) -> tuple[str, ...]:
    """Return a warning if far fewer frames came than the file states."""
    missing = source.frame_count - count
    if missing <= max(MISSING_SHARE * source.frame_count, source.fps / 2):
        return ()
    return (
        f"the video breaks off after {count / source.fps:.1f} s of the "
        f"{source.frame_count / source.fps:.1f} s that it states; the file may be damaged",
    )


def people_in_frame(
    detector: Detector, picture: NDArray[np.uint8], seconds: float, where: str
) -> NDArray[np.float32]:
    """Find the people in one frame as ``detect_people`` does, for frames that come live.

    Args:
        detector: the detector.
        picture: (height, width, 3) red, green, blue.
        seconds: the frame's time, later than that of the frame before.
        where: the frame, for messages.

    Returns:
        (P, J, 3) x and y in pixels and a score in [0, 1]; NaN, NaN and 0 where a joint was not
        found or lies beyond the edge of the picture. Each person has a joint.

    Raises:
        AnatomyError: when the detector's result is not of the form that ``Detector`` states.
    """
    found = [detection.points for detection in _found(detector, picture, seconds, where)]
    if not found:
        return np.zeros((0, detector.skeleton.joint_count, 3), np.float32)
    points = scored(np.stack(found), where, ["a person"] * len(found))
    size = picture.shape[1], picture.shape[0]
    lost = np.array((np.nan, np.nan, 0), np.float32)
    points = np.where(inside(points[..., :2], size)[..., None], points, lost)
    return points[~np.isnan(points[..., 0]).all(axis=1)]


def _found(
    detector: Detector, picture: NDArray[np.uint8], seconds: float, where: str
) -> list[Detection]:
    """Return the people in a frame."""
    joints = detector.skeleton.joint_count
    found = np.asarray(detector.detect(picture, seconds), np.float64)
    if found.ndim != 3 or found.shape[1:] != (joints, 3):
        raise AnatomyError(
            f"{where}: expected people of shape (P, {joints}, 3) for "
            f"{detector.skeleton.name} from the detector, got {found.shape}"
        )
    return [
        Detection(detected_points(p[:, :2], p[:, 2], where), where.rpartition(": ")[2])
        for p in _without_doubles(found)
    ]


def _without_doubles(people: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the surest detection of each person among (P, J, 3) detections."""
    surest = people[np.argsort(-people[..., 2].mean(axis=1), kind="stable")]
    found = have_places(surest) & (surest[..., 2] > 0)
    people_once, _ = without_doubles(np.where(found[..., None], surest[..., :2], np.nan))
    return [surest[index] for index in people_once]
