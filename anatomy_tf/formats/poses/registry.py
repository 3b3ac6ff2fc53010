"""The pose formats, and the functions that write and read any of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import BODY
from anatomy_tf.files.paths import check_input, check_output, person_files
from anatomy_tf.formats.keypoints.registry import holds_keypoints
from anatomy_tf.formats.npz import load_npz_poses, save_npz_poses
from anatomy_tf.formats.people_alike import check_alike
from anatomy_tf.formats.poses.bone_names import renamed
from anatomy_tf.formats.poses.bvh import save_bvh
from anatomy_tf.formats.poses.c3d import load_c3d, save_c3d
from anatomy_tf.formats.poses.gltf import save_gltf
from anatomy_tf.formats.poses.pose_csv import load_csv_poses, save_csv_poses
from anatomy_tf.formats.poses.pose_json import load_json_poses, save_json_poses
from anatomy_tf.formats.poses.trc import load_trc, save_trc
from anatomy_tf.sequences import PoseSequence


@dataclasses.dataclass(frozen=True)
class PoseFormat:
    """A format that ``save_poses`` writes.

    Attributes:
        suffix: the suffix of its files.
        save: writes poses that fit into one file; where the file does not keep the joints'
            positions, it returns the distances of its joints from those of the poses, metres.
        load: reads them; ``None`` for a format that cannot be read.
        whole: whether it holds every array of ``POSE_ARRAYS`` and can leave out frames; others hold
            positions or rotations for every frame.
        one_person: whether a file holds one person only.
        units: the units that a file may have, the usual one first; empty where the format fixes it.
        rigged: whether its nodes can have the names of a rig (``BONE_NAMES``).
    """

    suffix: str
    save: Callable[..., NDArray[np.float64] | None]
    load: Callable[[Path], list[PoseSequence]] | None = None
    whole: bool = False
    one_person: bool = False
    units: tuple[str, ...] = ()
    rigged: bool = False


POSE_FORMATS = {
    entry.suffix: entry
    for entry in (
        PoseFormat(".npz", save_npz_poses, load_npz_poses, whole=True),
        PoseFormat(".json", save_json_poses, load_json_poses, whole=True),
        PoseFormat(".csv", save_csv_poses, load_csv_poses, whole=True),
        PoseFormat(".bvh", save_bvh, one_person=True, units=("m", "cm", "mm"), rigged=True),
        PoseFormat(".trc", save_trc, load_trc, one_person=True, units=("m", "cm", "mm")),
        PoseFormat(".c3d", save_c3d, load_c3d, one_person=True, units=("mm", "cm", "m")),
        PoseFormat(".glb", save_gltf, rigged=True),
    )
}
"""Formats by suffix; their modules describe units and axes."""


@dataclasses.dataclass(frozen=True)
class WrittenPoses:
    """A file of ``save_poses``.

    Attributes:
        path: the file.
        mean_distance: mean distance between the file's joints and those of the poses, metres, in
            the frames in which the person was seen; 0 where the file keeps the joints' positions.
        largest_distance: largest such distance, metres.
        frames: how many frames of a person have a pose in it, at most.
    """

    path: Path
    mean_distance: float = 0.0
    largest_distance: float = 0.0
    frames: int = 0


def save_poses(
    path: str | Path,
    poses: PoseSequence | Sequence[PoseSequence],
    *,
    unit: str | None = None,
    names: str | None = None,
    seen_only: bool = False,
) -> list[WrittenPoses]:
    """Write the poses of a video's people in the format of the file's suffix.

    Args:
        path: ends in one of ``POSE_FORMATS``; an existing file is replaced completely or not at
            all. Several people go to one ``.bvh``, ``.trc`` or ``.c3d`` each, with a number from 0
            before the suffix: ``person_0.bvh``, ``person_1.bvh``.
        poses: one person's, or those of several of one layout, frame rate and kind of axes.
        unit: ``"m"``, ``"cm"`` or ``"mm"``, for ``.bvh``, ``.trc`` (both in metres by default) and
            ``.c3d`` (mm).
        names: ``"mixamo"``, ``"unreal"``, ``"vrm"`` or ``"rigify"``, the rig whose names the bones
            of a ``.bvh`` or ``.glb`` take.
        seen_only: leave out the frames in which a person was not seen (``PoseSequence.seen``): rows
            of ``.csv``; ``.npz`` and ``.json`` hold NaN and null there. The other formats have a
            pose at every time: a file begins with the first frame in which anyone in it was seen
            and ends with the last.

    Returns:
        The files, with the distances of their joints from those of the poses: rotations of a body
        with constant bone lengths only come near (poses of ``lift(..., rigid=True)`` fit).

    Raises:
        AnatomyError: when the suffix is unknown, the format has no such unit or names, the poses do
            not belong together, a person is seen in no frame with ``seen_only``, an extra is not
            installed, or a file cannot be written.

    Example:
        >>> save_poses("person.bvh", poses[:1])  # doctest: +SKIP
    """
    path = check_pose_output(path, unit=unit, names=names)
    people = check_alike(path, poses, PoseSequence)
    entry = POSE_FORMATS[path.suffix]
    options: dict[str, str | bool | None] = {}
    if entry.units:
        options["unit"] = unit or entry.units[0]
    if entry.rigged:
        options["names"] = names
    files = {path: people}
    if entry.one_person:
        each = zip(person_files(path, len(people)), people, strict=True)
        files = {file: [one] for file, one in each}
    if seen_only:
        _check_seen(people, path)
        if entry.whole:
            options["seen_only"] = True
        else:
            files = {file: _seen_part(poses) for file, poses in files.items()}
    left_out = "seen_only" in options
    written = []
    for file, own in files.items():
        distances = entry.save(file, own, **options)
        frames = max(int(one.seen.sum()) if left_out else len(one) for one in own)
        if distances is not None:
            # Other poses are guesses; between seen ones they are interpolated, so bones vary there.
            clips = np.split(distances, np.cumsum([len(one) for one in own])[:-1])
            pairs = zip(clips, own, strict=True)
            distances = np.concatenate([clip[one.seen_frames] for clip, one in pairs])
        written.append(_written(file, distances, frames))
    return written


def _check_seen(poses: Sequence[PoseSequence], path: Path) -> None:
    for person in poses:
        if not person.seen.any():
            raise AnatomyError(f"{path}: person {person.person} is seen in no frame")


def _seen_part(poses: Sequence[PoseSequence]) -> list[PoseSequence]:
    """Return the poses from the first to the last frame in which anyone was seen."""
    frames = np.concatenate([np.flatnonzero(person.seen) for person in poses])
    return [person.between(int(frames.min()), int(frames.max())) for person in poses]


def _written(path: Path, distances: NDArray[np.float64] | None, frames: int) -> WrittenPoses:
    if distances is None:
        return WrittenPoses(path, frames=frames)
    return WrittenPoses(path, float(distances.mean()), float(distances.max()), frames)


def check_pose_output(
    path: str | Path, *, unit: str | None = None, names: str | None = None
) -> Path:
    """Return the path if poses can be written there; call this before the long work.

    Args:
        path: see ``save_poses``.
        unit: see ``save_poses``.
        names: see ``save_poses``.

    Raises:
        AnatomyError: when the suffix is unknown, the format has no such unit or names, or no file
            can be written there.
    """
    path = check_output(path, *POSE_FORMATS)
    entry = POSE_FORMATS[path.suffix]
    if unit is not None and unit not in entry.units:
        choices = {s: ", ".join(e.units) for s, e in POSE_FORMATS.items() if e.units}
        able = "; ".join(f"{suffix} {units}" for suffix, units in choices.items())
        raise AnatomyError(f"{path}: expected a unit that its format can have ({able}), got {unit}")
    if names is not None and not entry.rigged:
        able = ", ".join(suffix for suffix, e in POSE_FORMATS.items() if e.rigged)
        raise AnatomyError(f"{path}: names of a rig go to a file that ends in {able}")
    renamed((), names)
    return path


def load_poses(path: str | Path) -> list[PoseSequence]:
    """Read the poses of a file that ``save_poses`` wrote, one sequence for each person.

    ``.trc`` and ``.c3d`` files hold only names and positions: the skeleton is the registered one
    with these joints, and the axes are the world's.

    Args:
        path: a ``.npz``, ``.json``, ``.csv``, ``.trc`` or ``.c3d`` file.

    Returns:
        The poses, in metres; each sequence states its axes.

    Raises:
        AnatomyError: when the file is missing, of no format that can be read, or malformed, or its
            bodies have an impossible size, as from a wrong unit.
    """
    path = check_input(path)
    readable = {suffix: entry.load for suffix, entry in POSE_FORMATS.items() if entry.load}
    load = readable.get(path.suffix.lower())
    if load is None:
        raise AnatomyError(
            f"{path}: expected a file of poses that ends in {', '.join(readable)}, "
            f"got {path.suffix or 'no suffix'}"
        )
    try:
        with reading(path, f"file of poses ({path.suffix.lower()})"):
            people = load(path)
    except AnatomyError:
        if holds_keypoints(path):
            raise AnatomyError(
                f"{path}: expected poses in space, got keypoints in the picture; lift makes poses "
                "of them"
            ) from None
        raise
    for person in people:
        _check_size(person, path)
    if any(not person.root_relative for person in people):
        # Somebody may stand in the origin among people who show that they have places.
        people = [dataclasses.replace(person, root_relative=False) for person in people]
    return people


def _check_size(person: PoseSequence, path: Path) -> None:
    sizes = np.linalg.norm(np.ptp(person.positions[person.seen], axis=1), axis=-1)
    size = float(np.median(sizes)) if len(sizes) else 0.0
    if size > 0 and not BODY.holds(size):
        raise AnatomyError(
            f"{path}: expected {BODY.described}, got {size:.3g}; are the positions in another unit?"
        )
