"""Our JSON of poses, for programs that read no npz.

One object: ``format`` ``"anatomy_tf poses"``; ``unit`` ``"metre"``; ``axes`` ``"camera"`` (x right,
y down, z forward) or ``"world"`` (z up); ``fps``; ``first_frame``, the first one's number in the
video (0 where it lacks); ``root_relative``; ``skeleton`` with ``name``,
``joint_names``, ``parents`` (-1 for the root) and ``extra_links``; ``people``, a list of objects
with ``person`` (the identifier), ``bone_lengths`` (metres by child joint, or null),
``positions``, frames x joints x 3 metres to the micrometre, ``seen``, a truth value a frame:
whether anything of the person was found in it (poses of other frames are guesses, or null where
they were left out), and where poses were lifted with uncertainty ``spread``, frames x joints
metres. Where they are known: ``up``, (x, y, z) against gravity in the axes, and ``camera``, whose
world these axes are: ``intrinsics`` fx, fy, cx, cy, k1, k2, k3, p1, p2 and ``size`` (width, height)
in pixels, ``rotation`` (3 x 3, world to camera) and ``position`` (metres).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.json_file import number_array, read_json
from anatomy_tf.formats.stated import check_first_frame, required_fps
from anatomy_tf.sequences import POSE_ARRAYS, FrameArray, PoseSequence
from anatomy_tf.skeletons import Skeleton

FORMAT, UNIT = "anatomy_tf poses", "metre"
_DECIMALS = 6


def save_json_poses(path: Path, poses: Sequence[PoseSequence], *, seen_only: bool = False) -> None:
    """Writes the poses of a video's people.

    Args:
        path: of the file.
        poses: of the people.
        seen_only: write null for the frames in which a person was not seen.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    people = [_person(person, seen_only) for person in poses]
    content = {**clip_facts(poses[0]), "people": people}
    with atomic_file(path) as file:
        file.write(json.dumps(content).encode())


def load_json_poses(path: Path) -> list[PoseSequence]:
    """Reads a file of ``save_json_poses``, one sequence a person.

    Raises:
        AnatomyError: when the file cannot be read or does not hold what the module's docstring
            lists.
    """
    content = read_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise AnatomyError(f'{path}: expected our JSON of poses, "format": "{FORMAT}"')
    facts = read_clip_facts(content, path)
    people = content.get("people")
    if not isinstance(people, list) or not people:
        raise AnatomyError(f'{path}: expected a list "people" of at least one person')
    joints = facts["skeleton"].joint_count
    loaded = []
    for index, person in enumerate(people):
        where = f"{path}: person {index}"
        if not isinstance(person, dict):
            raise AnatomyError(f"{where}: expected an object")
        arrays: dict[str, Any] = {
            name: _frame_array(person.get(name), array, joints, f"{where}: {name}")
            for name, array in POSE_ARRAYS.items()
            if array.required or person.get(name) is not None
        }
        frames = len(arrays["positions"])
        for name, values in arrays.items():
            if len(values) != frames:
                raise AnatomyError(
                    f"{where}: expected {name} of {frames} frames like positions, got {len(values)}"
                )
        loaded.append(
            PoseSequence(
                **arrays,
                bone_lengths=read_bone_lengths(
                    person.get("bone_lengths"), facts["skeleton"], f"{where}: bone_lengths"
                ),
                person=str(person.get("person", index)),
                source=str(path),
                **facts,
                **read_room_facts(person, where),
            )
        )
    return loaded


def clip_facts(poses: PoseSequence) -> dict[str, Any]:
    """What a file says once about all its people."""
    return {
        "format": FORMAT,
        "unit": UNIT,
        "axes": poses.axes,
        "fps": poses.fps,
        "first_frame": poses.first_frame,
        "root_relative": poses.root_relative,
        "skeleton": poses.skeleton.to_dict(),
    }


def read_clip_facts(content: dict[str, Any], path: Path) -> dict[str, Any]:
    """Arguments of ``PoseSequence`` from what ``clip_facts`` wrote.

    Raises:
        AnatomyError: naming the fact that is missing or wrong.
    """
    if content.get("unit") != UNIT:
        raise AnatomyError(f"{path}: expected the unit {UNIT!r}, got {content.get('unit')!r}")
    if content.get("axes") not in ("camera", "world"):
        raise AnatomyError(f"{path}: expected axes 'camera' or 'world', got {content.get('axes')}")
    fps = content.get("fps")
    if type(fps) not in (int, float):
        raise AnatomyError(f"{path}: expected a number fps, got {fps!r}")
    relative = content.get("root_relative")
    if not isinstance(relative, bool):
        raise AnatomyError(f"{path}: expected root_relative true or false, got {relative!r}")
    return {
        "skeleton": read_skeleton(content.get("skeleton"), path),
        "fps": required_fps(fps, path),
        "first_frame": check_first_frame(content.get("first_frame", 0), path),
        "axes": content["axes"],
        "root_relative": relative,
    }


def room_facts(poses: PoseSequence) -> dict[str, Any]:
    """What a file says of a person in the room: up and the camera, where they are known."""
    facts: dict[str, Any] = {}
    if poses.up is not None:
        facts["up"] = poses.up.tolist()
    if poses.camera is not None:
        facts["camera"] = {
            "intrinsics": poses.camera.intrinsics.tolist(),
            "size": [poses.camera.width, poses.camera.height],
            "rotation": poses.camera.rotation.tolist(),
            "position": poses.camera.position.tolist(),
        }
    return facts


def read_room_facts(content: Any, where: str) -> dict[str, Any]:
    """Arguments of ``PoseSequence`` from what ``room_facts`` wrote.

    Raises:
        AnatomyError: naming what is wrong.
    """
    facts: dict[str, Any] = {}
    if not isinstance(content, dict):
        return facts
    if content.get("up") is not None:
        facts["up"] = number_array(content["up"], (3,), f"{where}: up")
    camera = content.get("camera")
    if camera is not None:
        if not isinstance(camera, dict):
            raise AnatomyError(f"{where}: expected a camera as an object")
        shapes: dict[str, tuple[int, ...]] = {
            "intrinsics": (9,),
            "size": (2,),
            "rotation": (3, 3),
            "position": (3,),
        }
        intrinsics, size, rotation, position = (
            number_array(camera.get(name), shape, f"{where}: camera {name}")
            for name, shape in shapes.items()
        )
        try:
            seen = Camera.from_intrinsics(intrinsics, int(size[0]), int(size[1]))
            facts["camera"] = dataclasses.replace(seen, rotation=rotation, position=position)
        except AnatomyError as error:
            raise AnatomyError(f"{where}: {error}") from None
    return facts


def read_skeleton(content: Any, path: Path) -> Skeleton:
    """The skeleton of ``Skeleton.to_dict``.

    Raises:
        AnatomyError: when it is no such dict, or no tree.
    """
    wrong = AnatomyError(f"{path}: expected a skeleton of joint_names, parents and extra_links")
    if not isinstance(content, dict):
        raise wrong
    names: Any = content.get("joint_names")
    parents: Any = content.get("parents")
    links: Any = content.get("extra_links", [])
    lists = all(isinstance(value, list) for value in (names, parents, links))
    if not lists or {*map(type, names)} - {str} or {*map(type, parents)} - {int}:
        raise wrong
    if not all(
        isinstance(link, list) and len(link) == 2 and all(isinstance(n, str) for n in link)
        for link in links
    ):
        raise wrong
    try:
        return Skeleton(str(content.get("name", path.stem)), names, parents, links)
    except AnatomyError as error:
        raise AnatomyError(f"{path}: {error}") from None


def read_bone_lengths(content: Any, skeleton: Skeleton, where: str) -> np.ndarray | None:
    """(b,) metres from lengths by bone name, ``None`` from null.

    Raises:
        AnatomyError: when a bone is missing or its length no number.
    """
    if content is None:
        return None
    if not isinstance(content, dict) or set(content) != set(skeleton.bone_names):
        raise AnatomyError(f"{where}: expected a length for each of {skeleton.bone_count} bones")
    lengths = [content[name] for name in skeleton.bone_names]
    return to_single(number_array(lengths, (None,), where))


def to_single(values: np.ndarray) -> np.ndarray:
    """As float32; what is too large becomes infinite, which the containers refuse."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def bone_lengths_by_name(poses: PoseSequence) -> dict[str, float] | None:
    """Metres by child joint, for JSON; ``None`` without an estimate."""
    if poses.bone_lengths is None:
        return None
    lengths = poses.bone_lengths.astype(np.float64).round(_DECIMALS).tolist()
    return dict(zip(poses.skeleton.bone_names, lengths, strict=True))


def _person(poses: PoseSequence, seen_only: bool) -> dict[str, Any]:
    arrays = poses.frame_arrays(seen_only=seen_only)
    return {
        "person": poses.person,
        "bone_lengths": bone_lengths_by_name(poses),
        **{name: _nested_lists(values) for name, values in arrays.items()},
        **room_facts(poses),
    }


def _nested_lists(values: np.ndarray) -> list[Any]:
    """For JSON, with null for NaN."""
    if values.dtype == np.bool_:
        return values.tolist()
    rounded = values.astype(np.float64).round(_DECIMALS)
    nested = rounded.astype(object)
    nested[np.isnan(rounded)] = None
    return nested.tolist()


def _frame_array(content: Any, array: FrameArray, joints: int, where: str) -> np.ndarray:
    """An array of ``POSE_ARRAYS`` of any number of frames; NaN for null."""
    if not array.truth:
        shape = (None, *array.shape(joints))
        return to_single(number_array(content, shape, where, gaps=True))
    if not isinstance(content, list) or {*map(type, content)} - {bool}:
        raise AnatomyError(f"{where}: expected a list of truth values")
    return np.array(content, np.bool_)
