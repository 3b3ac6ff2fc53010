"""Our JSON of poses, for programs that read no npz.

One object: ``format`` ``"anatomy_tf poses"``; ``unit`` ``"metre"``; ``axes`` ``"camera"`` (x right,
y down, z forward) or ``"world"`` (z up); ``fps``; ``first_frame``, the first one's number in the
video (0 where it lacks); ``root_relative``; ``skeleton`` with ``name``,
``joint_names``, ``parents`` (-1 for the root) and ``extra_links``; ``people``, a list of objects
with ``person`` (the identifier), ``bone_lengths`` (metres by child joint, or null),
``positions``, frames x joints x 3 metres to the micrometre, and where poses were lifted with
uncertainty ``spread``, frames x joints metres.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.json_file import number_array, read_json
from anatomy_tf.formats.stated import check_first_frame, required_fps
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import Skeleton

FORMAT, UNIT = "anatomy_tf poses", "metre"
_DECIMALS = 6


def save_json_poses(path: Path, poses: Sequence[PoseSequence]) -> None:
    """Writes the poses of a video's people.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    content = {**clip_facts(poses[0]), "people": [_person(person) for person in poses]}
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
        positions = number_array(person.get("positions"), (None, joints, 3), f"{where}: positions")
        spread = person.get("spread")
        if spread is not None:
            shape = (len(positions), joints)
            spread = to_single(number_array(spread, shape, f"{where}: spread"))
        loaded.append(
            PoseSequence(
                positions=to_single(positions),
                bone_lengths=read_bone_lengths(
                    person.get("bone_lengths"), facts["skeleton"], f"{where}: bone_lengths"
                ),
                person=str(person.get("person", index)),
                source=str(path),
                spread=spread,
                **facts,
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


def _person(poses: PoseSequence) -> dict[str, Any]:
    person = {
        "person": poses.person,
        "bone_lengths": bone_lengths_by_name(poses),
        "positions": poses.positions.astype(np.float64).round(_DECIMALS).tolist(),
    }
    if poses.spread is not None:
        person["spread"] = poses.spread.astype(np.float64).round(_DECIMALS).tolist()
    return person
