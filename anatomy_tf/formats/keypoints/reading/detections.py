"""From what a detector found in each frame to one sequence a person."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.keypoints.reading.layout_recognition import recognized_layout
from anatomy_tf.formats.keypoints.reading.track_gaps import Clip, Track
from anatomy_tf.formats.keypoints.reading.track_jumps import (
    FollowedPerson,
    cut_at_jumps,
    with_successions,
)
from anatomy_tf.formats.keypoints.reading.tracking import associate
from anatomy_tf.formats.stated import required_fps, required_image_size
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

HIGHEST_SCORE = 1.5
"""A peak of a detector's confidence map overshoots 1 a little; more is a score of another scale."""

OUTSIDE_SHARE = 0.01
"""Detections lie in the image; a larger share outside means that the image size is wrong."""

BARELY_OUTSIDE = 0.05
"""Detectors place a joint just beyond the edge; within this share of the image's larger side it
counts as inside."""

LONGEST_SPAN = 1000
"""Frames a detection; frame numbers that need more are no frame numbers."""


@dataclasses.dataclass(frozen=True)
class Detection:
    """One person in one frame.

    Attributes:
        points: (J, 3) x, y in pixels and score in [0, 1]; NaN, NaN, 0 where a joint is missing.
        place: the file or frame it comes from, for messages.
        track: who it is, where the detector says it.
    """

    points: NDArray[np.float32]
    place: str
    track: str | None = None


def detected_points(
    places: NDArray[np.floating],
    scores: NDArray[np.floating],
    where: str,
    highest: float = HIGHEST_SCORE,
) -> NDArray[np.float32]:
    """(J, 3) x, y, score of a detection.

    A score of 0, NaN, or both coordinates 0 mark a joint that was not found. Scores up to
    ``highest`` count as 1.

    Args:
        places: (J, 2) pixels.
        scores: (J,).
        where: the file or frame, for messages.
        highest: largest score to accept.

    Raises:
        AnatomyError: for a score of another scale or a coordinate that is too large.
    """
    bad = scores[(scores < 0) | (scores > highest)]
    if len(bad):
        raise AnatomyError(f"{where}: expected scores in [0, 1], got {bad[0]:g}")
    with np.errstate(over="ignore"):
        points = np.column_stack([places, np.minimum(scores, 1)]).astype(np.float32)
    if np.isinf(points).any():
        raise AnatomyError(f"{where}: a coordinate is too large")
    missing = (places == 0).all(axis=-1) | (scores == 0) | np.isnan(points).any(axis=-1)
    points[missing] = (np.nan, np.nan, 0)
    return points


def tracked_people(
    path: Path,
    frames: dict[int, list[Detection]],
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
    candidates: Sequence[Skeleton] | None = None,
    least_seen: float = 0.0,
) -> list[KeypointSequence]:
    """One sequence a person from the detections of each frame.

    Where every detection has a track, tracks are the people, but a track that jumps to somebody
    else while it is out of sight is cut; otherwise people are followed by ``tracking.associate``.
    Where somebody is taken for another person for such a reason, ``warnings`` say it. The sequences
    run from the first to the last of ``frames``; a frame that is not among them has nobody.
    Detections without a single joint are left out.

    Args:
        path: where they come from, for messages.
        frames: detections by frame number.
        skeleton: the layout that the caller states.
        fps: frames a second.
        image_size: (width, height), pixels.
        candidates: layouts that the format can hold; by default all that are registered.
        least_seen: seconds; who is seen for less is left out, unless nobody is seen for longer.

    Returns:
        The longest seen first; ``person`` is the detector's track or the place in this list.

    Raises:
        AnatomyError: when there is nobody, detections differ in their number of joints, one track
            is twice in a frame, keypoints lie outside the image, or layout, frame rate or image
            size are neither known nor given.
    """
    found = {
        number: [d for d in detections if not np.isnan(d.points[:, 0]).all()]
        for number, detections in frames.items()
    }
    flat = [detection for detections in found.values() for detection in detections]
    if not flat:
        raise AnatomyError(f"{path}: nobody was detected in any of {len(frames)} frames")
    first = flat[0]
    for other in flat:
        if len(other.points) != len(first.points):
            raise AnatomyError(
                f"{path}: expected the same number of keypoints in every frame, got "
                f"{len(first.points)} in {first.place} and {len(other.points)} in {other.place}"
            )
    start, span = min(frames), max(frames) - min(frames) + 1
    if span > LONGEST_SPAN * len(frames):
        raise AnatomyError(f"{path}: {len(frames)} frames are numbered over {span}")
    points = np.stack([detection.points for detection in flat])
    layout = recognized_layout(points[..., :2], skeleton, str(path), candidates)
    fps = required_fps(fps, path)
    width, height = required_image_size(image_size, path)
    _check_inside(points[..., :2], width, height, path)
    nobody = np.zeros((0, layout.joint_count, 3), np.float32)
    ordered = [found.get(number, []) for number in range(start, start + span)]
    stacked = [np.stack([d.points for d in some]) if some else nobody for some in ordered]
    clip = Clip([frame[..., :2] for frame in stacked], fps, layout)
    if all(detection.track is not None for detection in flat):
        stated = _stated_tracks(ordered, path)
        people = [part for named in stated for part in cut_at_jumps(clip, *named)]
        people.sort(key=lambda person: -len(person.track))
    else:
        people = [FollowedPerson(str(n), track) for n, track in enumerate(associate(clip))]
    people = [p for i, p in enumerate(people) if i == 0 or len(p.track) >= least_seen * fps]
    sequences = []
    for person in with_successions(clip, people):
        values = np.full((span, layout.joint_count, 3), np.nan, np.float32)
        for frame, detection in zip(person.track.frames, person.track.detections, strict=True):
            values[frame] = stacked[frame][detection]
        sequences.append(
            KeypointSequence(
                keypoints=values[..., :2],
                visibility=np.nan_to_num(values[..., 2]),
                skeleton=layout,
                fps=fps,
                width=width,
                height=height,
                person=person.name,
                source=str(path),
                warnings=person.warnings,
            )
        )
    return sequences


def _stated_tracks(frames: list[list[Detection]], path: Path) -> list[tuple[str, Track]]:
    """Each track of the detector with its name."""
    tracks: dict[str, dict[int, int]] = {}
    for frame, detections in enumerate(frames):
        for place, detection in enumerate(detections):
            track = tracks.setdefault(str(detection.track), {})
            if frame in track:
                raise AnatomyError(
                    f"{path}: person {detection.track} is twice in {detection.place}"
                )
            track[frame] = place
    return [
        (name, Track(np.array([*track]), np.array([*track.values()])))
        for name, track in tracks.items()
    ]


def _check_inside(keypoints: NDArray[np.float32], width: int, height: int, path: Path) -> None:
    """Refuses an image size that the keypoints (P, J, 2) contradict, such as height x width."""
    found = keypoints[~np.isnan(keypoints[..., 0])]
    slack = BARELY_OUTSIDE * max(width, height)
    outside = ((found < -slack) | (found > (width + slack, height + slack))).any(axis=-1)
    if outside.mean() > OUTSIDE_SHARE:
        right, bottom = found.max(axis=0)
        raise AnatomyError(
            f"{path}: keypoints reach ({right:.0f}, {bottom:.0f}), outside an image of "
            f"{width}x{height}; give the size of the video with --image-size WxH (image_size=)"
        )
