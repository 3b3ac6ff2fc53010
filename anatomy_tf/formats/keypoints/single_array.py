"""One array of keypoints, as scripts save it by ``np.save``, ``np.savez`` or ``json.dump``.

It is (T, J, C), flat (T, J * C), or with people (N, T, J, C) or (T, N, J, C), of which the longer
axis is the frames'. C is 2, x and y; 3, with a score; or 4, x, y, z and visibility. (T, 1, 1, 17,
3) is what MoveNet returns: y, x and score; (T, 1, 6, 56) or (T, 6, 56) what its MultiPose model
does: 17 times y, x and score, a box and the person's score (TensorFlow Hub, "MoveNet", outputs).
FreeMoCap's (cameras, frames, J, C) is one person's, of whom one camera can be lifted.
Where the number of people changes it is an array of objects, one a frame; so are nested lists in
JSON, where ``null`` and empty lists are nobody. The number of keypoints decides the layout, unless
the caller states it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array
from anatomy_tf.files.npz_archive import read_npy, read_npz
from anatomy_tf.formats.keypoints.reading.axis_of_people import people_come_first
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    PersonClip,
    Recording,
    detected_points,
)
from anatomy_tf.formats.keypoints.reading.doubts import check_one_view
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import is_points, people_in
from anatomy_tf.formats.keypoints.reading.point_lists import (
    SCORE_AT,
    fitting_width,
    numbers_a_point,
    person_points,
    without_numbers,
)
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.keypoints.reading.times import counted
from anatomy_tf.formats.keypoints.rtmlib import plain
from anatomy_tf.formats.stated import FACTS, stated_rate, stated_size
from anatomy_tf.skeletons import Skeleton

_MOVENET = (1, 1, 17, 3)
"""The shape of what MoveNet returns for a frame."""

_MULTIPOSE, _PERSON_SCORE = (6, 56), 0.25
"""The same of its MultiPose model, and the score from which a row is a person, TensorFlow.js's."""


_FREEMOCAP, _FREEMOCAP_POINTS = "numcams", 553
"""Part of the names of FreeMoCap's files, ``mediapipe_2dData_numCams_numFrames_numTrackedPoints_
pixelXY.npy``, in small letters, and the points of MediaPipe's Holistic, which finds one person."""


def npy_marks(content: Content) -> Marks:
    """Return that an npy file holds one array."""
    return {"one array": True}


def npz_marks(content: Content) -> Marks:
    """Return whether an archive holds one array."""
    return {"one array": len(set(content.value) - set(FACTS)) == 1}


def json_marks(content: Content) -> Marks:
    """Return whether frames are people, or a person, as lists of points."""
    frames: JsonFrames = content.value
    return {"lists of points": is_points(frames.first_person)}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of a video; rate and size may stand beside the array in an archive.

    Raises:
        AnatomyError: when the array has another shape or type.
    """
    if content.kind == "npy":
        return _of_array(read_npy(content.path, objects=True), content.path, given)
    arrays = read_npz(content.path, objects=True)
    facts = {key: np.asarray(arrays.pop(key)).tolist() for key in FACTS if key in arrays}
    if len(arrays) != 1:
        raise AnatomyError(f"{content.path}: expected one array, got {len(arrays)}")
    recording = _of_array(next(iter(arrays.values())), content.path, given)
    return dataclasses.replace(recording, fps=stated_rate(facts), image_size=stated_size(facts))


def _of_array(array: Any, path: Path, given: Skeleton | None) -> Recording:
    """Return the people of each frame in an array of any of the shapes that scripts save."""
    _check_no_dicts(array, path)
    if isinstance(array, np.ndarray) and array.dtype.kind == "O" and array.ndim:
        return _of_objects(array, path, given)
    shape: tuple[int, ...] = array.shape if isinstance(array, np.ndarray) else ()
    if shape[1:] in (_MULTIPOSE, (1, *_MULTIPOSE)) and array.dtype.kind == "f":
        return Recording(_of_multipose(array, str(path)), first_number=0, bare=True)
    if _is_flat(shape, given) and array.dtype.kind in "fiu":
        numbers = _first_numbers(array.tolist(), given)
        if numbers is not None:
            return _of_numbered_rows(array, numbers, path, given)
        width = numbers_a_point(shape[1], str(path), given)
        array = array.reshape(len(array), -1, width)
        shape = array.shape
    fits = (len(shape) in (3, 4) and shape[-1] in SCORE_AT) or shape[1:] == _MOVENET
    if not fits or 0 in shape or array.dtype.kind not in "fiu":
        got = f"{getattr(array, 'dtype', 'objects')} of shape {shape}"
        raise AnatomyError(
            f"{path}: expected keypoints of shape (frames, J, C), (frames, J * C), "
            f"(people, frames, J, C) or (frames, people, J, C), C of 2 to 5, got {got}"
        )
    if shape[1:] == _MOVENET:
        array = array[:, 0, 0][..., [1, 0, 2]]
    return _of_points(array, path)


def _check_no_dicts(array: Any, path: Path) -> None:
    """Raise AnatomyError where an archive holds Python's dicts instead of numbers."""
    listed = array.ravel()[:1].tolist() if isinstance(array, np.ndarray) else [array]
    if listed and isinstance(listed[0], dict):
        keys = ", ".join(f"{key!s:.20}" for key in list(listed[0])[:4])
        raise AnatomyError(
            f"{path}: expected an array of keypoints, got Python's objects with {keys}; save their "
            "arrays by np.savez(file, keypoints=..., scores=...)"
        )


def _of_objects(array: Any, path: Path, given: Skeleton | None) -> Recording:
    """Return the people of each frame in an array of objects, an array or list for each frame."""
    frames = [Frame(n, f"frame {n}", f"{path}: frame {n}", v) for n, v in enumerate(array)]
    found = {n: list(_people(frame, plain(frame.value), given)) for n, frame in enumerate(frames)}
    return Recording(found, first_number=0, bare=True)


def _of_numbered_rows(
    array: Any, numbers: list[int], path: Path, given: Skeleton | None
) -> Recording:
    """Return one person's frames in flat rows that begin with the frames' numbers."""
    found: dict[int, list[Detection]] = {}
    for number, row in zip(numbers, array[:, 1:].tolist(), strict=True):
        points = person_points(row, f"{path}: frame {number}", given=given)
        found[number] = [Detection(points, f"frame {number}")]
    return Recording(found, bare=True)


def _of_points(array: Any, path: Path) -> Recording:
    """Return the people of an array (frames, J, C), or with an axis of people before or after."""
    if array.ndim == 4 and _views_come_first(array, path):
        how = f'np.save("view.npy", array[0]) writes the first of this array of shape {array.shape}'
        check_one_view([str(number) for number in range(len(array))], "cameras", path, how)
    array = without_numbers(array)
    people = array[None] if array.ndim == 3 else array
    at = SCORE_AT[people.shape[-1]]
    scores = np.ones(people.shape[:-1], np.float32) if at is None else people[..., at]
    points = detected_points(people[..., :2], scores, str(path))
    if array.ndim == 3 or people_come_first(points):
        clips = [PersonClip(str(n), clip) for n, clip in enumerate(points)]
        return Recording(clips=clips, bare=True)
    return Recording(
        {
            number: [Detection(person, f"frame {number}") for person in of_frame]
            for number, of_frame in enumerate(points)
        },
        first_number=0,
        bare=True,
    )


def _of_multipose(array: Any, where: str) -> dict[int, list[Detection]]:
    """Return the people of each frame in what MoveNet's MultiPose model returned."""
    rows = array.reshape(len(array), *_MULTIPOSE)
    points = rows[..., :-5].reshape(*rows.shape[:2], -1, 3)
    points = detected_points(points[..., [1, 0]], points[..., 2], where)
    return {
        number: [
            Detection(person, f"frame {number}")
            for person, row in zip(people, of_frame, strict=True)
            if row[-1] >= _PERSON_SCORE
        ]
        for number, (people, of_frame) in enumerate(zip(points, rows, strict=True))
    }


def _views_come_first(array: Any, path: Path) -> bool:
    """Return whether an array is (cameras, frames, J, C), as FreeMoCap's are."""
    if _FREEMOCAP in path.name.lower():
        return True
    return array.shape[2] == _FREEMOCAP_POINTS and people_come_first(array)


def _is_flat(shape: tuple[int, ...], given: Skeleton | None) -> bool:
    """Return whether an array has a line of numbers a frame, not a line of 2 to 5 a keypoint."""
    most = max(SCORE_AT)
    if len(shape) != 2 or shape[1] <= most:
        return False
    # A few lines may be x and y of all keypoints instead.
    return shape[0] > most or fitting_width(shape[1], given) is not None


def _first_numbers(rows: Any, given: Skeleton | None) -> list[int] | None:
    """Return the frame numbers with which flat rows begin, as of a table; ``None`` without."""
    widths = {len(row) if is_points(row) and not isinstance(row[0], list) else 0 for row in rows}
    width = next(iter(widths), 0)
    if len(widths) > 1 or width == 0 or fitting_width(width - 1, given) is None:
        return None
    first = [row[0] for row in rows]
    # Coordinates do not count 0, 1, 2, ... from frame to frame.
    numbers = counted([first]) if first[0] in (0, 1) else None
    return numbers if numbers == first else None


def parse_json(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame."""
    frames: JsonFrames = content.value
    rows = [frame.value for frame in frames.entries]
    if _first_numbers(rows, given) is not None:
        recording = _of_array(np.array(rows, np.float64), content.path, given)
        return dataclasses.replace(recording, **frames.facts())
    found = frames.detections(lambda frame: _people(frame, frame.value, given))
    return Recording(found, bare=True, **frames.facts())


def _people(frame: Frame, value: Any, given: Skeleton | None) -> Iterator[Detection]:
    """Yield the people in a frame's value, lists of numbers."""
    of_movenet = _shape(value) == _MOVENET
    for person in people_in(value):
        if person == []:
            continue
        if of_movenet:
            rows = number_array(person, (None, None), frame.where, gaps=True)
            yield Detection(detected_points(rows[:, [1, 0]], rows[:, 2], frame.where), frame.place)
        else:
            yield Detection(person_points(person, frame.where, given=given), frame.place)


def _shape(value: Any) -> tuple[int, ...]:
    """Return the shape of nested lists by their first entries."""
    shape: tuple[int, ...] = ()
    while isinstance(value, list) and value:
        shape, value = (*shape, len(value)), value[0]
    return shape


NPY_READER = Reader("npy", npy_marks, parse)
NPZ_READER = Reader("npz", npz_marks, parse)
JSON_READER = Reader("json", json_marks, parse_json)
