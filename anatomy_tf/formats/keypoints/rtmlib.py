"""Results of rtmlib's models as people save them: keypoints and scores of each frame.

``keypoints, scores = body(image)`` returns (N, J, 2) pixels and (N, J) (rtmlib's README). The file
is

- npz: arrays ``keypoints`` (also ``kpts``, ``keypoints_2d``, ``xy``, or the only one that is none
  of the others) and ``scores`` of frames, (T, N, J, 2) and (T, N, J), or people first, without the
  axis of people (T, J, 2) and (T, J), or of objects, one a frame, where the number of people
  changes; numbers or times of frames, tracks and joints' names may stand beside, one a line or
  joint;
- JSON: a list of ``{"keypoints": [...], "scores": [...]}`` or of pairs ``[keypoints, scores]``, one
  a frame. Torchvision's and Detectron2's results as lists are like that, with ``keypoints_scores``
  or ``pred_keypoints`` (N, J, 3), and Ultralytics' ``keypoints.data``.

``fps``, ``width`` and ``height`` or ``image_size`` may be there, too; other keys are ignored.
Scores may be missing, or be a third number of the keypoints. The number of keypoints decides the
layout, such as COCO's 17, Halpe's 26, or the body that comes first in 133 and 136.
Scores are peak heights of a SimCC response, which have no bound. People are tracked by their
positions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array
from anatomy_tf.files.limits import FRAME_NUMBER
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.numbered_names import numbers_of_names
from anatomy_tf.formats.keypoints.reading.axis_of_people import people_come_first
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import (
    BODIES,
    Detection,
    Recording,
    detected_points,
)
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import FRAME_KEYS, are_flat_people
from anatomy_tf.formats.keypoints.reading.known_keys import synonyms_of
from anatomy_tf.formats.keypoints.reading.point_lists import (
    POINT_SCORES,
    SCORE_AT,
    SCORE_KEYS,
    TRACK_KEYS,
    person_points,
    stated_track,
    without_numbers,
)
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.keypoints.reading.times import TIME_KEYS, frame_times, numbers_of_times
from anatomy_tf.formats.stated import FACTS, NAME_KEYS, stated_rate, stated_size
from anatomy_tf.skeletons import Skeleton

_KEYS = ("keypoints", "scores")
_KEYPOINTS = ("keypoints", "pred_keypoints", "xy")
_IN_ARCHIVES = ("keypoints", *synonyms_of("keypoints"), "xy")
_SCORES = (*SCORE_KEYS, *synonyms_of("keypoint_scores"), *POINT_SCORES)
_OURS = ("people", "frames", "parents", "skeleton")
"""Arrays that an archive of this package has beside the keypoints."""

_FRAMES = (*(f"{key}{end}" for key in FRAME_KEYS for end in ("", "s")), "frame_indices")
_TIMES = tuple(f"{key}{end}" for key in TIME_KEYS for end in ("", "s"))
_TRACKS = tuple(f"{key}{end}" for key in TRACK_KEYS for end in ("", "s"))
NAMES = ("names", "labels", *(key for key in NAME_KEYS if key.endswith(("_names", "parts"))))
"""Arrays of the joints' names."""
_BESIDE = {*FACTS, *_FRAMES, *_TIMES, *_TRACKS, *NAMES, *_SCORES}


def json_marks(content: Content) -> Marks:
    """Return whether frames are keypoints and scores of all their people."""
    frames: JsonFrames = content.value
    return {
        '"keypoints" and "scores" of a frame': any(
            _depth(pair[0]) >= 2 and isinstance(pair[1], list | None)
            for pair in map(_pair, (frame.value for frame in frames.entries))
            if pair is not None
        )
    }


def npz_marks(content: Content) -> Marks:
    """Return whether an archive has keypoints and scores, and is not this package's."""
    names = content.value
    return {
        "an array keypoints": points_name(names) is not None,
        "an array scores": any(key in names for key in _SCORES if key != "visibility")
        and not is_ours(names),
    }


def is_ours(names: Collection[str]) -> bool:
    """Return whether an archive of these arrays may be this package's."""
    return "keypoints" in names and bool(set(_OURS) & set(names))


def points_name(names: Collection[str]) -> str | None:
    """Return the name of an archive's keypoints: a known one, or that of the only such array.

    Scores, facts, and the frames, times and people of lines stand beside.
    """
    others = [name for name in names if name not in _BESIDE]
    known = next((key for key in _IN_ARCHIVES if key in names), None)
    return known or (others[0] if len(others) == 1 else None)


def parse_json(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    frames: JsonFrames = content.value

    def people(frame: Frame) -> Iterator[Detection]:
        if frame.value is None:
            return
        pair = _pair(frame.value)
        if pair is None:
            raise AnatomyError(f"{frame.where}: expected keypoints and scores")
        found = list(_detections(*pair, frame.where, frame.place))
        stating = frame.value if isinstance(frame.value, dict) else {}
        tracks = next((stating[key] for key in _TRACKS if key in stating), None)
        yield from _with_tracks(found, tracks, frame.where)

    return Recording(frames.detections(people), candidates=BODIES, **frames.facts())


def parse_npz(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame.

    Arrays of frame numbers or times, of tracks and of joints' names may stand beside.
    """
    path = content.path
    named = points_name(content.value) or _KEYS[0]
    arrays = read_npz(path, {named, *_BESIDE}, objects=True)
    facts = {name: np.asarray(arrays[name]).tolist() for name in FACTS if name in arrays}
    columns: list[Sequence[Any]] = []
    scored = _scores_of(arrays, named)
    people_first = people_come_first(arrays.get(named))
    for key in (named, scored):
        if key is None:
            columns.append([None] * len(columns[0]))
            continue
        array = arrays.get(key)
        if not isinstance(array, np.ndarray) or array.ndim == 0 or array.dtype.kind not in "fiuO":
            raise AnatomyError(f"{path}: expected an array {key}, an entry a frame")
        if people_first and array.ndim > 1:
            array = array.swapaxes(0, 1)
        columns.append([plain(entry) for entry in array])
    count = len(columns[0])
    if count != len(columns[1]):
        raise AnatomyError(
            f"{path}: expected scores of each of {count} frames, got {len(columns[1])}"
        )
    numbers = _numbers(arrays, count, path)
    tracks = _tracks(arrays, count)
    frames: dict[int, list[Detection]] = {}
    for line, (keypoints, scores) in enumerate(zip(*columns, strict=True)):
        number = line if numbers is None else numbers[line]
        place = f"frame {number}"
        where = f"{path}: {place}"
        found = list(_detections(keypoints, scores, where, place))
        frames.setdefault(number, []).extend(_with_tracks(found, tracks[line], where))
    return Recording(
        frames,
        candidates=BODIES,
        names=_names(arrays, frames),
        fps=stated_rate(facts),
        image_size=stated_size(facts),
        first_number=0 if numbers is None else None,
    )


def _tracks(arrays: Mapping[str, Any], count: int) -> list[Any]:
    """Return the track, or list of its people's tracks, of each line; ``None`` without."""
    found = (plain(arrays[name]) for name in _TRACKS if name in arrays)
    of_lines = (tracks for tracks in found if isinstance(tracks, list) and len(tracks) == count)
    return next(of_lines, [None] * count)


def _with_tracks(found: Sequence[Detection], tracks: Any, where: str) -> list[Detection]:
    """Return detections with their tracks, where there is one for each."""
    each = tracks if isinstance(tracks, list) else [tracks]
    if len(each) != len(found):
        return list(found)
    return [
        dataclasses.replace(one, track=stated_track({"track_id": track}, where))
        for one, track in zip(found, each, strict=True)
    ]


def _scores_of(arrays: Mapping[str, Any], named: str) -> str | None:
    """Return the name of the scores: those of keypoints rather than of people."""
    there = [key for key in _SCORES if key in arrays]
    shape = getattr(arrays.get(named), "shape", ())[:-1]
    shapes = {key: getattr(arrays[key], "shape", None) for key in there}
    of_keypoints = [key for key in there if shapes[key] == shape]
    others = [key for key in there if len(shape) == 1 or shapes[key] != shape[:-1]]
    return next(iter(of_keypoints + others), None)


def _column(arrays: Mapping[str, Any], names: Sequence[str], count: int) -> list[Any] | None:
    """Return the first array of these names that has one number or text for each line."""
    found = (np.asarray(arrays[name]) for name in names if name in arrays)
    of_lines = (array for array in found if array.shape == (count,) and array.dtype.kind in "fiuU")
    return next((array.tolist() for array in of_lines), None)


def _numbers(arrays: Mapping[str, Any], count: int, path: Path) -> list[int] | None:
    """Return the frame number of each line; ``None`` where no array states it."""
    stated = _column(arrays, _FRAMES, count)
    if stated is not None and not any(isinstance(number, str) for number in stated):
        for number in stated:
            FRAME_NUMBER.check(number, path)
            if number % 1:
                raise AnatomyError(f"{path}: expected a whole number as frame, got {number}")
        return [int(number) for number in stated]
    if stated is not None:
        named = numbers_of_names(stated, path)
        return [named[name] for name in stated]
    times = _column(arrays, _TIMES, count)
    times = None if times is None else frame_times(times, path, apart=True)
    return None if times is None else numbers_of_times(times, path)


def _names(
    arrays: Mapping[str, Any], frames: Mapping[int, Sequence[Detection]]
) -> tuple[str, ...] | None:
    """Return the joints' names; such as ``labels`` are theirs where there is one for each."""
    joints = next((len(found[0].points) for found in frames.values() if found), 0)
    for key in NAMES:
        names = plain(arrays.get(key))
        texts = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if texts and (key in NAME_KEYS or len(names) == joints):
            return tuple(names)
    return None


def _pair(frame: Any) -> tuple[Any, Any] | None:
    if isinstance(frame, dict) and isinstance(frame.get("instances"), dict):
        frame = frame["instances"]
    if isinstance(frame, dict):
        keypoints = next((frame[key] for key in _KEYPOINTS if key in frame), None)
        if keypoints == []:
            return [], None
        if _depth(keypoints) == 3:
            # Scores of people, not of keypoints, have a depth of 1.
            return keypoints, next((frame[k] for k in _SCORES if _depth(frame.get(k)) == 2), None)
        apart = next((key for key in SCORE_KEYS if key in frame), "keypoint_scores")
        # One person's with scores of that name are MMPose's.
        of_mmpose = keypoints is None or apart == "keypoint_scores"
        return None if of_mmpose else (keypoints, frame[apart])
    if isinstance(frame, list) and len(frame) == 2 and all(isinstance(v, list) for v in frame):
        alike = not frame[1] or _depth(frame[1]) == _depth(frame[0]) - 1
        return (frame[0], frame[1]) if alike else None
    return None


def plain(value: Any) -> Any:
    """Return an array or sequence as nested lists."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return [plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def _detections(keypoints: Any, scores: Any, where: str, place: str) -> Iterator[Detection]:
    """Yield the people of a frame; ``None`` and empty lists are nobody."""
    if not keypoints and not scores:
        return
    if are_flat_people(keypoints):
        apart = [None] * len(keypoints) if scores is None else scores
        if len(apart) != len(keypoints):
            raise AnatomyError(f"{where}: expected scores of each of {len(keypoints)} people")
        for numbers, seen in zip(keypoints, apart, strict=True):
            yield Detection(person_points(numbers, where, scores=seen), place)
        return
    if _depth(keypoints) == 2:
        keypoints, scores = [keypoints], None if scores is None else [scores]
    values = number_array(keypoints, (None, None, None), f"{where}: keypoints", gaps=True)
    if values.shape[2] not in SCORE_AT:
        raise AnatomyError(f"{where}: expected x, y or x, y, score, got {values.shape[2]} numbers")
    values = without_numbers(values)
    places, at = values[..., :2], SCORE_AT[values.shape[2]]
    if scores is None:
        heights = np.ones(places.shape[:2]) if at is None else values[..., at]
    else:
        heights = number_array(scores, places.shape[:2], f"{where}: scores", gaps=True)
    for points in detected_points(places, heights, where):
        yield Detection(points, place)


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list) and value:
        value, depth = value[0], depth + 1
    return depth


JSON_READER = Reader("json", json_marks, parse_json)
NPZ_READER = Reader("npz", npz_marks, parse_npz)
