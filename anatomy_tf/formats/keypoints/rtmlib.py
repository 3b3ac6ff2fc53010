"""Results of rtmlib's models as people save them: keypoints and scores of each frame.

``keypoints, scores = body(image)`` returns (N, J, 2) pixels and (N, J) (rtmlib's README). The file
is

- npz: arrays ``keypoints`` (also ``kpts``, ``keypoints_2d``, ``xy``) and ``scores`` of frames,
  (T, N, J, 2) and (T, N, J), or people first, without the axis of people (T, J, 2) and (T, J), or
  of objects, one a frame, where the number of people changes;
- JSON: a list of ``{"keypoints": [...], "scores": [...]}`` or of pairs ``[keypoints, scores]``, one
  a frame. Torchvision's and Detectron2's results as lists are like that, with ``keypoints_scores``
  or ``pred_keypoints`` (N, J, 3), and Ultralytics' ``keypoints.data``.

``fps``, ``width`` and ``height`` or ``image_size`` may be there, too; other keys are ignored.
Scores may be missing, or be a third number of the keypoints. The number of keypoints decides the
layout: COCO's 17, Halpe's 26, or the body that comes first in 133 and 136; 18 are OpenPose's.
Scores are peak heights of a SimCC response, which have no bound. People are tracked by their
positions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import (
    BODIES,
    Detection,
    Recording,
    detected_points,
)
from anatomy_tf.formats.keypoints.reading.json_frames import Frame, JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import are_flat_people
from anatomy_tf.formats.keypoints.reading.known_keys import synonyms_of
from anatomy_tf.formats.keypoints.reading.point_lists import SCORE_AT, SCORE_KEYS, person_points
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.stated import FACTS, stated_rate, stated_size
from anatomy_tf.skeletons import COCO_18, Skeleton

_KEYS = ("keypoints", "scores")
_KEYPOINTS = ("keypoints", "pred_keypoints", "xy")
_IN_ARCHIVES = ("keypoints", *synonyms_of("keypoints"), "xy")
_SCORES = (
    *(*SCORE_KEYS, *synonyms_of("keypoint_scores")),
    *("keypoints_conf", "visibility", "confidence", "conf"),
)
OURS = ("people", "frames", "joint_names", "skeleton")
"""Arrays that an archive of this package has beside the keypoints."""

_CANDIDATES = (*BODIES, COCO_18)


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
    return {
        "an array keypoints": any(key in content.value for key in _IN_ARCHIVES),
        "an array scores": any(key in content.value for key in _SCORES if key != "visibility")
        and not set(OURS) & set(content.value),
    }


def parse_json(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    frames: JsonFrames = content.value

    def people(frame: Frame) -> Iterator[Detection]:
        if frame.value is None:
            return
        pair = _pair(frame.value)
        if pair is None:
            raise AnatomyError(f"{frame.where}: expected keypoints and scores")
        yield from _detections(*pair, frame.where, frame.place)

    return Recording(frames.detections(people), candidates=_CANDIDATES, **frames.facts())


def parse_npz(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    path = content.path
    arrays = read_npz(path, (*_IN_ARCHIVES, *_SCORES, *FACTS), objects=True)
    named = next((key for key in _IN_ARCHIVES if key in arrays), _KEYS[0])
    facts = {name: np.asarray(arrays[name]).tolist() for name in FACTS if name in arrays}
    columns: list[Sequence[Any]] = []
    scored = next((key for key in _SCORES if key in arrays), None)
    for key in (named, scored):
        if key is None:
            columns.append([None] * len(columns[0]))
            continue
        array = arrays.get(key)
        if not isinstance(array, np.ndarray) or array.ndim == 0 or array.dtype.kind not in "fiuO":
            raise AnatomyError(f"{path}: expected an array {key}, an entry a frame")
        if _is_people_first(arrays[named]):
            array = array.swapaxes(0, 1)
        columns.append([plain(entry) for entry in array])
    if len(columns[0]) != len(columns[1]):
        raise AnatomyError(
            f"{path}: expected scores of each of {len(columns[0])} frames, got {len(columns[1])}"
        )
    frames = {
        number: list(_detections(keypoints, scores, f"{path}: frame {number}", f"frame {number}"))
        for number, (keypoints, scores) in enumerate(zip(*columns, strict=True))
    }
    return Recording(
        frames,
        candidates=_CANDIDATES,
        fps=stated_rate(facts),
        image_size=stated_size(facts),
        first_number=0,
    )


def _is_people_first(keypoints: Any) -> bool:
    """Return whether keypoints are (N, T, J, C), the longer axis being the frames'."""
    shape: tuple[int, ...] = keypoints.shape if isinstance(keypoints, np.ndarray) else ()
    return len(shape) == 4 and shape[0] < shape[1]


def _pair(frame: Any) -> tuple[Any, Any] | None:
    if isinstance(frame, dict) and isinstance(frame.get("instances"), dict):
        frame = frame["instances"]
    if isinstance(frame, dict):
        keypoints = next((frame[key] for key in _KEYPOINTS if key in frame), None)
        scores = next((frame[key] for key in _SCORES if _depth(frame.get(key))), None)
        if _depth(keypoints) == 3:
            # Scores of people, not of keypoints, have a depth of 1.
            return keypoints, scores if _depth(scores) == 2 else None
        return (keypoints, frame["scores"]) if set(_KEYS) <= set(frame) else None
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
