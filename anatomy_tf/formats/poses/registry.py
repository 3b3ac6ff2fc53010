"""The pose formats, and the two functions that write and read any of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.paths import check_input, check_output
from anatomy_tf.formats.npz import load_npz_poses, save_npz_poses
from anatomy_tf.formats.people_alike import POSE_COMMON, check_alike
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
        suffix: of its files.
        save: writes poses that fit into one file.
        load: reads them; ``None`` for a format that does not hold them whole.
        one_person: whether a file holds one person only.
    """

    suffix: str
    save: Callable[[Path, Sequence[PoseSequence]], None]
    load: Callable[[Path], list[PoseSequence]] | None = None
    one_person: bool = False


POSE_FORMATS = {
    entry.suffix: entry
    for entry in (
        PoseFormat(".npz", save_npz_poses, load_npz_poses),
        PoseFormat(".json", save_json_poses, load_json_poses),
        PoseFormat(".csv", save_csv_poses, load_csv_poses),
        PoseFormat(".bvh", save_bvh, one_person=True),
        PoseFormat(".trc", save_trc, load_trc, one_person=True),
        PoseFormat(".c3d", save_c3d, load_c3d, one_person=True),
        PoseFormat(".glb", save_gltf),
    )
}
"""Formats by suffix; each one's module says its units and axes."""


def save_poses(path: str | Path, poses: Sequence[PoseSequence]) -> None:
    """Writes the poses of a video's people in the format of the file's suffix.

    Args:
        path: ends in one of ``POSE_FORMATS``; an existing file is replaced whole or not at all.
        poses: at least one, of one layout, frame rate and kind of axes; exactly one for ``.bvh``,
            ``.trc`` and ``.c3d``.

    Raises:
        AnatomyError: when the suffix is of no format, the poses do not belong together or are too
            many, an extra is not installed, or the file cannot be written.

    Example:
        >>> save_poses("person.bvh", poses[:1])  # doctest: +SKIP
    """
    path = check_pose_output(path, len(poses))
    check_alike(path, poses, POSE_COMMON)
    POSE_FORMATS[path.suffix].save(path, poses)


def check_pose_output(path: str | Path, people: int = 1) -> Path:
    """The path, when poses of so many people can be written there; call it before the long work.

    Raises:
        AnatomyError: when its suffix is of no format, the format holds fewer people, or the place
            cannot be written.
    """
    path = check_output(path, *POSE_FORMATS)
    if POSE_FORMATS[path.suffix].one_person and people > 1:
        raise AnatomyError(
            f"{path}: a {path.suffix} file holds one person, got {people}; choose one (--person N)"
        )
    return path


def load_poses(path: str | Path) -> list[PoseSequence]:
    """Reads the poses of a file that ``save_poses`` wrote, one sequence a person.

    A ``.trc`` and a ``.c3d`` hold names and places only: the skeleton is the registered one with
    these joints, the axes are the world's.

    Raises:
        AnatomyError: when the file is missing, of no format that can be read, or malformed.
    """
    path = check_input(path)
    readable = {suffix: entry.load for suffix, entry in POSE_FORMATS.items() if entry.load}
    load = readable.get(path.suffix.lower())
    if load is None:
        raise AnatomyError(
            f"{path}: expected a file of poses that ends in {', '.join(readable)}, "
            f"got {path.suffix or 'no suffix'}"
        )
    with reading(path, f"file of poses ({path.suffix.lower()})"):
        return load(path)
