"""The package's JSON of keypoints, for programs that write no npz.

One object: ``format`` ``"anatomy_tf keypoints"``; ``fps``; ``image_size`` [width, height] in
pixels; ``skeleton``, a layout's name or an object with ``name``, ``joint_names``, ``parents`` (-1
for the root) and ``extra_links``; ``people``, a list of objects with ``person`` (the identifier),
``keypoints``, frames x joints x 2 pixels, ``[null, null]`` where a joint was not detected, and
``visibility``, frames x joints in [0, 1] (may be left out: all visible). ``fps``, ``image_size``
and ``skeleton`` may be given by the caller; ``first_frame``, the number of the first frame in the
video, is 0 without it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.json_file import number_array, shown
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import PersonClip, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.poses.pose_json import read_skeleton
from anatomy_tf.formats.stated import check_first_frame
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton, get_skeleton

FORMAT = "anatomy_tf keypoints"
_DECIMALS = 4


def marks(content: Content) -> Marks:
    """Return whether a file has our format's name."""
    whole = content.value.content
    ours = isinstance(whole, dict) and whole.get("format") == FORMAT
    return {f'"format": "{FORMAT}"': ours}


def save_json_keypoints(path: Path, sequences: Sequence[KeypointSequence]) -> None:
    """Write the keypoints of a video's people, of one layout, frame rate and image size.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    first = sequences[0]
    content = {
        "format": FORMAT,
        "fps": first.fps,
        "image_size": [first.width, first.height],
        "first_frame": first.first_frame,
        "skeleton": first.skeleton.to_dict(),
        "people": [
            {
                "person": person.person,
                "keypoints": _with_null(person.keypoints),
                "visibility": person.visibility.astype(np.float64).round(_DECIMALS).tolist(),
            }
            for person in sequences
        ],
    }
    with atomic_file(path) as file:
        file.write(json.dumps(content, allow_nan=False).encode())


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of a video.

    Raises:
        AnatomyError: when the file is malformed, or the given layout contradicts it.
    """
    path, whole = content.path, content.value.content
    if not all(marks(content).values()):
        raise AnatomyError(f'{path}: expected our JSON of keypoints, "format": "{FORMAT}"')
    layout = _layout(whole.get("skeleton"), given, path)
    facts = read_stated(whole, path)
    people = whole.get("people")
    if not isinstance(people, list) or not people:
        raise AnatomyError(f'{path}: expected a list "people" of at least one person')
    clips = []
    for index, person in enumerate(people):
        where = f"{path}: person {index}"
        if not isinstance(person, dict):
            raise AnatomyError(f"{where}: expected an object")
        joints = layout.joint_count
        keypoints = number_array(
            person.get("keypoints"), (None, joints, 2), f"{where}: keypoints", gaps=True
        )
        visibility = np.ones((len(keypoints), joints))
        if person.get("visibility") is not None:
            visibility = number_array(
                person["visibility"], visibility.shape, f"{where}: visibility", gaps=True
            )
        points = detected_points(keypoints, visibility, where)
        clips.append(PersonClip(str(person.get("person", index)), points))
    first = facts.pop("first_frame")
    # Files made by hand do not state it.
    exact = first is not None
    return Recording(clips=clips, layout=layout, first_frame=first or 0, exact=exact, **facts)


def read_stated(content: Any, path: Path) -> dict[str, Any]:
    """Return ``fps``, ``image_size`` and ``first_frame`` of an object; ``None`` where missing.

    Raises:
        AnatomyError: when they are no numbers.
    """
    if not isinstance(content, dict):
        raise AnatomyError(f"{path}: expected a JSON object of fps and image_size")
    fps = content.get("fps")
    if fps is not None and type(fps) not in (int, float):
        raise AnatomyError(f"{path}: expected a number fps, got {shown(fps)}")
    size = content.get("image_size")
    if size is not None:
        if not isinstance(size, list) or len(size) != 2 or {*map(type, size)} - {int}:
            raise AnatomyError(f"{path}: expected image_size [width, height], got {shown(size)}")
        size = (size[0], size[1])
    first = content.get("first_frame")
    if first is not None:
        first = check_first_frame(first, path)
    return {"fps": fps, "image_size": size, "first_frame": first}


def _layout(content: Any, given: Skeleton | None, path: Path) -> Skeleton:
    if content is None:
        if given is None:
            raise AnatomyError(f"{path}: does not name its joints; give --layout NAME (skeleton=)")
        return given
    if isinstance(content, str):
        try:
            found = get_skeleton(content)
        except AnatomyError as error:
            raise AnatomyError(f"{path}: {error}") from None
    else:
        found = read_skeleton(content, path)
    if given is not None and given.joint_names != found.joint_names:
        raise AnatomyError(
            f"{path}: holds keypoints of layout {found.name}, not of {given.name} as asked"
        )
    return found


def _with_null(keypoints: np.ndarray) -> list[list[list[float | None]]]:
    values = keypoints.astype(np.float64).round(_DECIMALS).astype(object)
    values[np.isnan(keypoints)] = None
    return values.tolist()


READER = Reader("json", marks, parse)
