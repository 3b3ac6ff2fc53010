"""Conversion of a parsed file to one sequence of keypoints for each person."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FRAMES, PEOPLE, PEOPLE_IN_FRAME, POINTS, is_whole
from anatomy_tf.formats.keypoints.reading.detections import Detection, PersonClip, Recording
from anatomy_tf.formats.keypoints.reading.doubts import (
    check_no_cameras,
    doubts,
    doubts_of_rate,
    overlapping,
)
from anatomy_tf.formats.keypoints.reading.identities import told_apart
from anatomy_tf.formats.keypoints.reading.settled_points import (
    Asked,
    Points,
    in_image,
    in_layout,
)
from anatomy_tf.formats.keypoints.reading.track_gaps import Clip
from anatomy_tf.formats.keypoints.reading.track_jumps import with_successions
from anatomy_tf.formats.stated import required_fps
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

LONGEST_SPAN = 1000
"""Largest ratio of a recording's span to its number of frames; beyond it the numbers are no frame
numbers."""

CROWD = 5
"""Usual number of people in a frame from which on frames may have been taken for people."""


def recorded_people(recording: Recording, path: Path, asked: Asked) -> list[KeypointSequence]:
    """Return one sequence of keypoints for each person.

    The rules are the same for every format. A keypoint counts as not found where a number is NaN,
    its score is 0 or less or below ``min_score``, or both coordinates are 0. Scores above 1 are
    heights of peaks and become 1; where every score is 0, the file has no scores, and keypoints
    with a position are visible. Whole-body keypoints are cut to the body. Positions that are shares
    of the image become pixels.

    Where every detection states its person, these are the people, but a track that jumps to
    somebody else while it is out of sight is cut; otherwise, and where the names contradict
    themselves, people are tracked by their positions (``associate_once``), and who was found
    twice at one place is one person. ``warnings`` say so, and where names were not kept or somebody
    is taken for another person. Sequences run from the first to the last frame of the recording and
    state the number of the first. The people of this package's own files are taken as they are.

    Args:
        recording: the result of a parser.
        path: the file or folder, for messages.
        asked: the facts that the caller states.

    Returns:
        The people, the longest seen first; clips in the file's order. ``person`` is the detector's
        track, or the index in this list.

    Raises:
        NotStatedError: when frame rate or image size are neither known nor given.
        AnatomyError: when there is nobody, detections differ in their number of joints, the layout
            is not known, keypoints lie outside the image, or a limit is exceeded.
    """
    if recording.exact:
        recording = _in_clips(recording, path)
    if recording.clips:
        if not recording.exact:
            check_no_cameras({clip.person for clip in recording.clips}, path)
        return _of_clips(recording, path, asked)
    first, length, numbers, detections = _numbered(recording, path, asked)
    check_no_cameras({str(detection.track) for detection in detections}, path)
    points = np.stack([detection.points for detection in detections])
    places = [detection.place for detection in detections]
    points, layout = in_layout(points, recording, path, asked, places)
    given = recording.fps if asked.fps is None else asked.fps
    fps = required_fps(given, path, recording.timed_fps)
    points, size = in_image(points, recording, path, asked, recording.image_size, layout)
    seen = ~np.isnan(points[..., 0]).all(axis=1)
    if not seen.any():
        raise _nobody(path, f"in any of {len(recording.frames)} frames", asked)
    by_frame: list[list[int]] = [[] for _ in range(length)]
    for index in np.flatnonzero(seen):
        by_frame[numbers[index]].append(int(index))
    _check_frames(points, by_frame, detections, recording.ordered, path)
    clip = Clip([points[of_frame, :, :2] for of_frame in by_frame], fps, layout, first)
    followed = told_apart(clip, by_frame, detections)
    least = recording.least_seen * fps
    followed = [p for i, p in enumerate(followed) if i == 0 or len(p.track) >= least]
    PEOPLE.check(len(followed), path)
    POINTS.check(len(followed) * length * layout.joint_count, path)
    people = []
    for person in with_successions(clip, followed):
        values = np.full((length, layout.joint_count, 3), (np.nan, np.nan, 0), np.float32)
        for frame, place in zip(person.track.frames, person.track.detections, strict=True):
            values[frame] = points[by_frame[frame][place]]
        name = person.name
        warnings = (
            *person.warnings,
            *doubts(values[..., :2], layout, size, recording.bare),
            *doubts_of_rate(fps, recording.timed_fps),
        )
        people.append(_sequence(name, values, layout, fps, size, first, warnings, path))
    return people


def _in_clips(recording: Recording, path: Path) -> Recording:
    """Return a recording with whole clips, where each detection states its person once a frame."""
    if not recording.frames:
        return recording
    first = min(recording.frames)
    people: dict[str, dict[int, Points]] = {}
    for number, detections in recording.frames.items():
        for one in detections:
            if one.track is None or number - first in people.setdefault(one.track, {}):
                return recording
            people[one.track][number - first] = one.points
    lengths = {person: max(frames) + 1 for person, frames in people.items()}
    FRAMES.check(max(lengths.values(), default=1), path)
    clips = []
    for person, frames in people.items():
        shape = next(iter(frames.values())).shape
        POINTS.check(sum(lengths.values()) * shape[0], path)
        points = np.full((lengths[person], *shape), np.nan, np.float32)
        points[list(frames)] = list(frames.values())
        clips.append(PersonClip(person, points))
    return dataclasses.replace(recording, clips=clips, first_frame=first)


def _of_clips(recording: Recording, path: Path, asked: Asked) -> list[KeypointSequence]:
    first, clips = recording.first_frame, recording.clips
    begin = _checked_first(asked, first, first + max(len(clip.points) for clip in clips), path)
    PEOPLE.check(len(clips), path)
    POINTS.check(sum(clip.points.size // 3 for clip in clips), path)
    people = []
    for clip in clips:
        if first + len(clip.points) <= begin:
            continue
        FRAMES.check(len(clip.points) + first - begin, path)
        places = [f"person {clip.person:.40}"] * len(clip.points)
        points, layout = in_layout(clip.points, recording, path, asked, places)
        fps = required_fps(recording.fps if asked.fps is None else asked.fps, path)
        stated = clip.image_size or recording.image_size
        points, size = in_image(points, recording, path, asked, stated, layout)
        if begin < first:
            before = np.full((first - begin, layout.joint_count, 3), (np.nan, np.nan, 0))
            points = np.concatenate([before.astype(np.float32), points])
        else:
            points = points[begin - first :]
        if np.isnan(points[..., 0]).all():
            continue
        warnings = () if recording.exact else doubts(points[..., :2], layout, size, recording.bare)
        people.append(_sequence(clip.person, points, layout, fps, size, begin, warnings, path))
    if not people:
        raise _nobody(path, f"from frame {begin} on", asked)
    return people


def _numbered(
    recording: Recording, path: Path, asked: Asked
) -> tuple[int, int, list[int], list[Detection]]:
    """Return the first frame's number, the number of frames, and detections with their frames.

    Frames of detections are counted from the first.
    """
    if not recording.frames:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    start, last = min(recording.frames), max(recording.frames)
    zero = recording.first_number
    if zero is None or zero > start:
        zero = 1 if start == 1 else 0
    span = last - start + 1
    if span > LONGEST_SPAN * len(recording.frames):
        raise AnatomyError(f"{path}: {len(recording.frames)} frames are numbered over {span}")
    first = _checked_first(asked, start - zero, last - zero + 1, path)
    length = last - zero + 1 - first
    FRAMES.check(length, path)
    found = [
        (number - zero - first, detection)
        for number, detections in sorted(recording.frames.items())
        for detection in _without_copies(detections)
        if len(detection.points) and number - zero >= first
    ]
    if not found:
        raise AnatomyError(f"{path}: nobody was detected in any of {len(recording.frames)} frames")
    one = found[0][1]
    for _, other in found:
        if len(other.points) != len(one.points):
            raise AnatomyError(
                f"{path}: expected the same number of keypoints in every frame, got "
                f"{len(one.points)} in {one.place} and {len(other.points)} in {other.place}"
            )
    return first, length, [number for number, _ in found], [detection for _, detection in found]


def _without_copies(detections: Sequence[Detection]) -> list[Detection]:
    """Return detections without a track's copies, as where programs write a frame twice."""
    found = {
        place if one.track is None else (one.track, one.points.tobytes()): one
        for place, one in enumerate(detections)
    }
    return list(found.values())


def _check_frames(
    points: Points,
    by_frame: Sequence[Sequence[int]],
    detections: Sequence[Detection],
    ordered: bool,
    path: Path,
) -> None:
    """Check that a frame's detections are people, and that frames follow each other.

    Args:
        points: (N, J, 3) of the detections.
        by_frame: the detections of each frame in which somebody is seen, by their index.
        detections: all N.
        ordered: whether entries state no frame, so that they are one person's in their order.
        path: the file, for messages.

    Raises:
        AnatomyError: when one person's frames were taken for people, or people for frames.
    """
    PEOPLE_IN_FRAME.check(max(map(len, by_frame)), path)
    fullest = max(by_frame, key=len)
    # A detector may find one person several times, but hardly in half of the frames.
    usual = np.median([len(of_frame) for of_frame in by_frame if of_frame])
    if usual >= CROWD and overlapping(points[fullest, :, :2]):
        raise AnatomyError(
            f"{path}: holds {len(fullest)} people in one frame who lie over each other; if they "
            "are one person's frames, make it a list of frames, each with its own number or time"
        )
    several = 1 < len({detection.track for detection in detections}) < len(detections)
    seen = [index for of_frame in by_frame for index in of_frame]
    if ordered and (several or not overlapping(points[seen, :, :2])):
        raise AnatomyError(
            f"{path}: expected the frame or time of each entry, as they do not follow each other "
            "like one person's"
        )


def _nobody(path: Path, where: str, asked: Asked) -> AnatomyError:
    least = asked.min_score
    score = f" with a score of at least {least:g} (--min-score, min_score=)" if least else ""
    return AnatomyError(f"{path}: nobody was detected {where}{score}")


def _checked_first(asked: Asked, first: int, end: int, path: Path) -> int:
    """Return the frame to begin with in a recording of frames ``first`` to ``end - 1``."""
    if asked.first_frame is None:
        return first
    if not is_whole(asked.first_frame) or not 0 <= asked.first_frame < end:
        raise AnatomyError(
            f"{path}: expected a first frame from 0 to {end - 1}, the last one that is recorded, "
            f"got {asked.first_frame!r:.40} (--first-frame, first_frame=)"
        )
    return int(asked.first_frame)


def _sequence(
    person: str,
    points: Points,
    layout: Skeleton,
    fps: float,
    size: tuple[int, int],
    first_frame: int,
    warnings: tuple[str, ...],
    path: Path,
) -> KeypointSequence:
    return KeypointSequence(
        keypoints=points[..., :2],
        visibility=points[..., 2],
        skeleton=layout,
        fps=fps,
        width=size[0],
        height=size[1],
        person=person,
        source=str(path),
        first_frame=first_frame,
        warnings=warnings,
    )
