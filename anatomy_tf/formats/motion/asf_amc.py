"""Acclaim skeletons (ASF) and motions (AMC), the files of the CMU motion capture database.

An ASF file has the bones of one person: each bone's direction, length, axes of rotation, and which
of the three angles (degrees of freedom) its motions state. An AMC file has the root's place and all
angles of each frame. A joint is the end of a bone; the root is a joint itself.

With ``C`` the turn of a bone's axes and ``M`` that of a frame's angles, the bone turns everything
after it by ``L = L_parent C M C^-1`` and its end is ``p = p_parent + L (length * direction)``. A
turn by angles x, y, z in the order XYZ is ``Rz Ry Rx``: x comes first.

Lengths are in inches / ``length`` of the file's units (CMU: 0.45), y is up. ``load_asf_amc`` gives
metres, z up.
"""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.text_file import read_text
from anatomy_tf.formats.stated import check_next_frame
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import CMU_31, Skeleton

INCH = 0.0254
ROOT = "root"
LONGEST = 15
"""Digits of a frame's number."""
_ANGLES, _PLACES = ("rx", "ry", "rz"), ("tx", "ty", "tz")
_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float64)
"""Turns y up into z up; x stays."""

CMU_BONES = (
    *("lhipjoint", "lfemur", "ltibia", "lfoot", "ltoes"),
    *("rhipjoint", "rfemur", "rtibia", "rfoot", "rtoes"),
    *("lowerback", "upperback", "thorax", "lowerneck", "upperneck", "head"),
    *("lclavicle", "lhumerus", "lradius", "lwrist", "lhand", "lfingers", "lthumb"),
    *("rclavicle", "rhumerus", "rradius", "rwrist", "rhand", "rfingers", "rthumb"),
)
"""The bones in the database's files; their ends are the joints of ``CMU_31`` after its root."""


@dataclasses.dataclass(frozen=True)
class AsfBone:
    """A bone of an ASF skeleton, or its root.

    Args:
        name: the bone's name in the file.
        parent: index of its parent in the skeleton's bones, -1 for the root.
        offset: (3,) direction times length in the file's unit.
        axes: (3, 3) the turn ``C`` of its axes.
        freedoms: the values in its line of an AMC file, in order: ``rx``, ``ry``, ``rz``, for the
            root also ``tx``, ``ty``, ``tz``.
    """

    name: str
    parent: int
    offset: NDArray[np.float64]
    axes: NDArray[np.float64]
    freedoms: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class AsfSkeleton:
    """The skeleton of an ASF file.

    Args:
        bones: the root and then the bones, a parent always before its children.
        unit: metres of one unit of the files' lengths.
        degrees: whether angles are in degrees; otherwise in radians.
        source: the file, for messages.
    """

    bones: tuple[AsfBone, ...]
    unit: float
    degrees: bool
    source: str

    @property
    def skeleton(self) -> Skeleton:
        """``CMU_31`` for the bones of the CMU database, else joints with the bones' names."""
        names = tuple(bone.name for bone in self.bones)
        if set(names[1:]) == set(CMU_BONES):
            return CMU_31
        parents = tuple(bone.parent for bone in self.bones)
        return Skeleton(Path(self.source).stem, names, parents)

    def positions(self, values: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the joints' positions by forward kinematics.

        Args:
            values: for each bone (T, n), the values of its n degrees of freedom in an AMC file.

        Returns:
            (T, J, 3) metres, y up, in the order of ``bones``.
        """
        frames = len(values[ROOT])
        turns: list[NDArray[np.float64]] = []
        ends: list[NDArray[np.float64]] = []
        for bone in self.bones:
            columns = dict(zip(bone.freedoms, values.get(bone.name, np.empty(0)).T, strict=True))
            zero = np.zeros(frames)
            angles = np.stack([columns.get(name, zero) for name in _ANGLES], axis=-1)
            order = "".join(name[1] for name in bone.freedoms if name in _ANGLES) or "xyz"
            turn = bone.axes @ _rotation(angles, order, self.degrees) @ bone.axes.T
            if bone.parent < 0:
                place = np.stack([columns.get(name, zero) for name in _PLACES], axis=-1)
                turns.append(turn)
                ends.append(bone.offset + place)
            else:
                turns.append(turns[bone.parent] @ turn)
                ends.append(ends[bone.parent] + turns[-1] @ bone.offset)
        return np.stack(ends, axis=1) * self.unit


def load_asf_amc(asf: str | Path | AsfSkeleton, amc: str | Path, *, fps: float) -> PoseSequence:
    """Read a motion of an AMC file with its ASF skeleton.

    Args:
        asf: the person's skeleton, or its file.
        amc: the motion's file.
        fps: frames a second, which neither file states; the CMU database's motions have 120, with
            few exceptions of 60.

    Returns:
        Poses in world axes, z up, metres: x as in the file, y its -z and z its y. Their skeleton is
        ``CMU_31`` when the file has that database's bones.

    Raises:
        AnatomyError: naming file and line, for a file that is missing, cut off or lacks a frame, in
            radians where degrees are announced, or that states other bones than the skeleton has.

    Example:
        >>> load_asf_amc("07.asf", "07_05.amc", fps=120)  # doctest: +SKIP
    """
    body = asf if isinstance(asf, AsfSkeleton) else load_asf(asf)
    amc = Path(amc)
    values = _read_amc(amc, body)
    skeleton = body.skeleton
    positions = body.positions(values) @ _UP.T
    if skeleton is CMU_31:
        order = {bone.name: index for index, bone in enumerate(body.bones)}
        positions = positions[:, [order[name] for name in (ROOT, *CMU_BONES)]]
    return PoseSequence(
        positions.astype(np.float32),
        skeleton,
        fps,
        axes="world",
        root_relative=False,
        source=str(amc),
    )


def load_asf(path: str | Path) -> AsfSkeleton:
    """Read a skeleton of an ASF file.

    Raises:
        AnatomyError: naming what is missing or wrong: a section, a bone's field, a bone without a
            place in the hierarchy, a unit.
    """
    path = Path(path)
    sections = _sections(path)
    missing = [name for name in ("units", "root", "bonedata", "hierarchy") if name not in sections]
    if missing:
        raise AnatomyError(f"{path}: expected the sections :{', :'.join(missing)}, got none")
    units = {words[0]: words[1] for words in sections["units"] if len(words) == 2}
    degrees = units.get("angle", "deg").lower().startswith("deg")
    scale = _numbers(path, "units length", [units.get("length", "1")], 1)[0]
    if scale <= 0:
        raise AnatomyError(f"{path}: expected a positive unit of length, got {scale:g}")
    rows = [(ROOT, _root_fields(path, sections["root"])), *_bone_fields(path, sections["bonedata"])]
    fields = dict(rows)
    if len(fields) != len(rows):
        raise AnatomyError(f"{path}: two bones have one name")
    parents = _parents(path, sections["hierarchy"], set(fields))
    names = _parents_first(path, tuple(fields), parents)
    bones = []
    for name in names:
        field = fields[name]
        offset = _numbers(path, f"{name} direction", field.get("direction", []), 3)
        length = _numbers(path, f"{name} length", field.get("length", []), 1)[0]
        axis = field.get("axis", [])
        turn = _numbers(path, f"{name} axis", axis[:3], 3)
        order = (axis[3] if len(axis) == 4 else "XYZ").lower()
        freedoms = tuple(word.lower() for word in field.get("dof", []))
        known = {*_ANGLES, *(_PLACES if name == ROOT else ())}
        if sorted(order) != ["x", "y", "z"] or not set(freedoms) <= known:
            raise AnatomyError(
                f"{path}: bone {name}: expected an order such as XYZ and degrees of freedom of "
                f"{', '.join(sorted(known))}, got {order} and {', '.join(freedoms) or 'none'}"
            )
        parent = -1 if name == ROOT else names.index(parents[name])
        axes = _rotation(turn, order, degrees)
        bones.append(AsfBone(name, parent, offset * length, axes, freedoms))
    return AsfSkeleton(tuple(bones), INCH / scale, degrees, str(path))


def _sections(path: Path) -> dict[str, list[list[str]]]:
    """Return the words of each line by section, without comments."""
    sections: dict[str, list[list[str]]] = {}
    lines: list[list[str]] = []
    for line in read_text(path, errors="replace").splitlines():
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if words[0].startswith(":"):
            lines = sections.setdefault(words[0][1:].lower(), [])
        else:
            lines.append(words)
    return sections


def _root_fields(path: Path, lines: list[list[str]]) -> dict[str, list[str]]:
    """Return the root's fields as those of a bone, whose offset is the root's position."""
    found = {words[0].lower(): words[1:] for words in lines}
    order = (found.get("axis") or ["XYZ"])[0]
    return {
        "direction": found.get("position", ["0", "0", "0"]),
        "length": ["1"],
        "axis": [*found.get("orientation", ["0", "0", "0"]), order],
        "dof": found.get("order", ["TX", "TY", "TZ", "RX", "RY", "RZ"]),
    }


def _bone_fields(path: Path, lines: list[list[str]]) -> list[tuple[str, dict[str, list[str]]]]:
    bones: list[tuple[str, dict[str, list[str]]]] = []
    field: dict[str, list[str]] | None = None
    for words in lines:
        if words[0].lower() == "begin":
            field = {}
        elif words[0].lower() == "end":
            if not field or len(field.get("name", [])) != 1:
                raise AnatomyError(f"{path}: bone {len(bones) + 1} has no name")
            bones.append((field["name"][0], field))
            field = None
        elif field is not None:
            field[words[0].lower()] = words[1:]
    if field is not None:
        raise AnatomyError(f"{path}: bone {len(bones) + 1} has no end; is the file cut off?")
    return bones


def _parents(path: Path, lines: list[list[str]], names: set[str]) -> dict[str, str]:
    parents: dict[str, str] = {}
    for parent, *children in (words for words in lines if words[0].lower() not in ("begin", "end")):
        for name in (parent, *children):
            if name not in names:
                raise AnatomyError(f"{path}: the hierarchy names a bone {name!r} without data")
        parents |= dict.fromkeys(children, parent)
    return parents


def _parents_first(path: Path, names: tuple[str, ...], parents: dict[str, str]) -> list[str]:
    ordered = [ROOT]
    waiting = [name for name in names if name != ROOT]
    while waiting:
        ready = [name for name in waiting if parents.get(name) in ordered]
        if not ready:
            raise AnatomyError(
                f"{path}: no place in the hierarchy below the root for {', '.join(waiting)}"
            )
        ordered += ready
        waiting = [name for name in waiting if name not in ready]
    return ordered


def _read_amc(path: Path, body: AsfSkeleton) -> dict[str, NDArray[np.float64]]:
    """Return the values (T, n) of each bone in a motion file."""
    lines = [line for line in read_text(path, errors="replace").splitlines() if line.strip()]
    while lines and lines[0].lstrip()[0] in "#:":
        header = lines.pop(0).strip().lower()
        if header in (":degrees", ":radians") and (header == ":degrees") != body.degrees:
            raise AnatomyError(f"{path}: {header} differs from the angles of {body.source}")
    if not lines:
        raise AnatomyError(f"{path}: expected frames of motion, got none")
    stated = [line.split("#", 1)[0].strip() for line in lines]
    starts = [i for i, text in enumerate(stated) if text.isdecimal() and len(text) <= LONGEST]
    if not starts or starts[0] != 0:
        raise AnatomyError(f"{path}: expected a frame's number, got {lines[0].strip()[:40]!r}")
    per_frame = (starts[1] if len(starts) > 1 else len(lines)) - starts[0]
    names = [line.split()[0] for line in lines[1:per_frame]]
    bones = {bone.name: bone for bone in body.bones}
    _check_stated(path, names, bones)
    numbers = [int(stated[start]) for start in starts]
    for before, after in itertools.pairwise(numbers):
        check_next_frame(before, after, path)
    for number, (start, stop) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True)):
        if [line.split(None, 1)[0] for line in lines[start + 1 : stop]] != names:
            raise AnatomyError(
                f"{path}: frame {lines[start].strip()} (number {number + 1}) does not state the "
                f"{len(names)} bones of the first one; is the file cut off?"
            )
    values = {}
    for row, name in enumerate(names, start=1):
        expected = len(bones[name].freedoms)
        words = [lines[start + row].split()[1:] for start in starts]
        wrong = next((i for i, word in enumerate(words) if len(word) != expected), None)
        if wrong is not None:
            raise AnatomyError(
                f"{path}: frame {wrong + 1}: expected {expected} numbers for {name}, "
                f"got {len(words[wrong])}"
            )
        try:
            values[name] = np.array(words, np.float64)
        except ValueError as error:
            raise AnatomyError(f"{path}: {name}: {error}") from None
        if not np.isfinite(values[name]).all():
            frame = int(np.argwhere(~np.isfinite(values[name]))[0][0])
            raise AnatomyError(f"{path}: frame {frame + 1}: {name} has a NaN or infinite number")
    return values | {
        bone.name: np.empty((len(starts), 0)) for bone in body.bones if not bone.freedoms
    }


def _check_stated(path: Path, names: list[str], bones: dict[str, AsfBone]) -> None:
    free = {name for name, bone in bones.items() if bone.freedoms}
    if len(set(names)) != len(names):
        raise AnatomyError(f"{path}: a frame states a bone twice")
    if set(names) != free:
        unknown, missing = sorted(set(names) - free), sorted(free - set(names))
        raise AnatomyError(
            f"{path}: expected the bones of its skeleton; unknown {', '.join(unknown) or 'none'}, "
            f"missing {', '.join(missing) or 'none'}"
        )


def _rotation(angles: NDArray[np.float64], order: str, degrees: bool) -> NDArray[np.float64]:
    """Return rotations (..., 3, 3) by angles (..., 3) about x, y and z, applied in ``order``."""
    radians = np.deg2rad(angles) if degrees else angles
    turn = np.broadcast_to(np.eye(3), (*angles.shape[:-1], 3, 3))
    for letter in order:
        axis = "xyz".index(letter)
        after, last = (axis + 1) % 3, (axis + 2) % 3
        cosine, sine = np.cos(radians[..., axis]), np.sin(radians[..., axis])
        about = np.zeros((*angles.shape[:-1], 3, 3))
        about[..., axis, axis] = 1
        about[..., after, after] = about[..., last, last] = cosine
        about[..., after, last], about[..., last, after] = -sine, sine
        turn = about @ turn
    return turn


def _numbers(path: Path, what: str, words: list[str], count: int) -> NDArray[np.float64]:
    try:
        values = np.array([float(word) for word in words])
    except ValueError:
        values = np.empty(0)
    if len(values) != count or not np.isfinite(values).all():
        raise AnatomyError(
            f"{path}: {what}: expected {count} numbers, got {' '.join(words) or 'nothing'!r}"
        )
    return values
