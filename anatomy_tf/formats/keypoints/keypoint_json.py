"""Our JSON of keypoints, for programs that write no npz.

One object: ``format`` ``"anatomy_tf keypoints"``; ``fps``; ``image_size`` [width, height] in
pixels; ``skeleton``, a layout's name or an object with ``name``, ``joint_names``, ``parents`` (-1
for the root) and ``extra_links``; ``people``, a list of objects with ``person`` (the identifier),
``keypoints``, frames x joints x 2 pixels, ``[null, null]`` where a joint was not detected, and
``visibility``, frames x joints in [0, 1]. ``fps``, ``image_size`` and ``skeleton`` may be given by
the caller.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.json_file import json_head, number_array, read_json
from anatomy_tf.formats.poses.pose_json import read_skeleton, to_single
from anatomy_tf.formats.stated import required_fps, required_image_size
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton, get_skeleton

FORMAT = "anatomy_tf keypoints"
_DECIMALS = 4


def is_keypoint_json(path: Path) -> bool:
    """Whether the file begins with our format's name."""
    return json_head(path, rf'\{{\s*"format"\s*:\s*"{FORMAT}"')


def save_json_keypoints(path: Path, sequences: Sequence[KeypointSequence]) -> None:
    """Writes the keypoints of a video's people, of one layout, frame rate and image size.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    first = sequences[0]
    content = {
        "format": FORMAT,
        "fps": first.fps,
        "image_size": [first.width, first.height],
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


def load_json_keypoints(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video.

    Raises:
        AnatomyError: when the file is malformed, the given layout contradicts it, or something is
            neither in it nor given.
    """
    content = read_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise AnatomyError(f'{path}: expected our JSON of keypoints, "format": "{FORMAT}"')
    layout = _layout(content.get("skeleton"), skeleton, path)
    fps, image_size = read_stated(content, fps, image_size, path)
    rate = required_fps(fps, path)
    width, height = required_image_size(image_size, path)
    people = content.get("people")
    if not isinstance(people, list) or not people:
        raise AnatomyError(f'{path}: expected a list "people" of at least one person')
    sequences = []
    for index, person in enumerate(people):
        where = f"{path}: person {index}"
        if not isinstance(person, dict):
            raise AnatomyError(f"{where}: expected an object")
        joints = layout.joint_count
        keypoints = number_array(
            person.get("keypoints"), (None, joints, 2), f"{where}: keypoints", gaps=True
        )
        visibility = number_array(
            person.get("visibility"), (len(keypoints), joints), f"{where}: visibility"
        )
        sequences.append(
            KeypointSequence(
                keypoints=to_single(keypoints),
                visibility=to_single(visibility),
                skeleton=layout,
                fps=rate,
                width=width,
                height=height,
                person=str(person.get("person", index)),
                source=str(path),
            )
        )
    return sequences


def read_stated(
    content: Any, fps: float | None, image_size: tuple[int, int] | None, path: Path
) -> tuple[float | None, tuple[int, int] | None]:
    """Frame rate and image size: the given ones, else those of a JSON object, if it has them.

    Raises:
        AnatomyError: when they are no numbers.
    """
    if not isinstance(content, dict):
        raise AnatomyError(f"{path}: expected a JSON object of fps and image_size")
    stated = content.get("fps")
    if fps is None and stated is not None:
        if type(stated) not in (int, float):
            raise AnatomyError(f"{path}: expected a number fps, got {stated!r:.40}")
        fps = stated
    size = content.get("image_size")
    if image_size is None and size is not None:
        if not isinstance(size, list) or len(size) != 2 or {*map(type, size)} - {int}:
            raise AnatomyError(f"{path}: expected image_size [width, height], got {size!r:.40}")
        image_size = (size[0], size[1])
    return fps, image_size


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
