"""Our own files: keypoints or poses of one video as NumPy arrays in an npz, without pickle.

Both kinds hold ``joint_names`` (J,), ``parents`` (J,) with -1 for the root, ``skeleton`` (the
layout's name), ``extra_links`` (n, 2) joint names that a drawing joins, ``fps``, ``first_frame``
(the number of the first frame in the video; 0 where it lacks), ``people`` (N,) identifiers and
``frames`` (N,): how many frames each person has. Arrays are as long as the longest person; what
lies beyond a person's frames is NaN and is dropped by the loader.

Keypoints add ``keypoints`` (N, frames, J, 2) pixels, x right and y down, NaN where a joint was not
detected; ``visibility`` (N, frames, J) in [0, 1]; ``image_size`` (width, height) pixels.

Poses add ``positions`` (N, frames, J, 3); ``unit``, always ``"metre"``; ``axes``, ``"camera"`` (x
right, y down, z forward) or ``"world"`` (z up); ``root_relative``; ``bone_names`` (b,), the child
joint of each bone, and ``bone_lengths`` (N, b) metres, NaN for a person without an estimate. Poses
that were lifted with uncertainty add ``spread`` (N, frames, J) metres, NaN for a person without.
``seen`` (N, frames) says whether anything of the person was found in a frame; poses of other frames
are guesses, or NaN where they were left out.

Poses at their place add ``root`` (N, frames, 3), the root joint's path, which ``positions``
contain; where it is known ``up`` (N, 3), the direction against gravity in the same axes; and where
it is known the camera of each person's poses, whose world these axes are: ``camera`` (N, 9) fx, fy,
cx, cy, k1, k2, k3, p1, p2 in pixels, ``camera_size`` (N, 2) width and height in pixels,
``camera_rotation`` (N, 3, 3) world to camera and ``camera_position`` (N, 3) metres. NaN stands for
what is not known of a person.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.npz_archive import INTEGER, NUMBER, TEXT, TRUTH, read_checked_npz
from anatomy_tf.formats.stated import check_first_frame, required_fps
from anatomy_tf.sequences import POSE_ARRAYS, KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton, get_skeleton

Arrays = dict[str, NDArray[Any]]

_SHAPES = {
    "joint_names": (TEXT, "(J,)"),
    "parents": (INTEGER, "(J,)"),
    "skeleton": (TEXT, "()"),
    "extra_links": (TEXT, "(n, 2)"),
    "fps": (NUMBER, "()"),
    "first_frame": (INTEGER, "()"),
    "people": (TEXT, "(people,)"),
    "frames": (INTEGER, "(people,)"),
    "keypoints": (NUMBER, "(people, frames, J, 2)"),
    "visibility": (NUMBER, "(people, frames, J)"),
    "image_size": (INTEGER, "(2,)"),
    "unit": (TEXT, "()"),
    "axes": (TEXT, "()"),
    "root_relative": (TRUTH, "()"),
    "bone_names": (TEXT, "(b,)"),
    "bone_lengths": (NUMBER, "(people, b)"),
    **{
        name: (
            TRUTH if array.truth else NUMBER,
            f"({', '.join(map(str, ('people', 'frames', *array.size)))})",
        )
        for name, array in POSE_ARRAYS.items()
    },
    "up": (NUMBER, "(people, 3)"),
    "camera": (NUMBER, "(people, 9)"),
    "camera_size": (NUMBER, "(people, 2)"),
    "camera_rotation": (NUMBER, "(people, 3, 3)"),
    "camera_position": (NUMBER, "(people, 3)"),
}
"""dtype kinds and shape of each array; letters and words stand for any size."""

_CAMERA: dict[str, tuple[tuple[int, ...], Callable[[Camera], ArrayLike]]] = {
    "camera": ((9,), lambda camera: camera.intrinsics),
    "camera_size": ((2,), lambda camera: (camera.width, camera.height)),
    "camera_rotation": ((3, 3), lambda camera: camera.rotation),
    "camera_position": ((3,), lambda camera: camera.position),
}
"""Size and content of each array of a camera."""

UNIT = "metre"


def save_npz_keypoints(path: Path, sequences: Sequence[KeypointSequence]) -> None:
    """Write the keypoints of a video's people; the module's docstring lists the arrays.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    first, longest = sequences[0], max(map(len, sequences))
    _write(
        path,
        {
            **_clip_arrays(sequences),
            "keypoints": _padded([s.keypoints for s in sequences], longest),
            "visibility": _padded([s.visibility for s in sequences], longest),
            "image_size": np.array([first.width, first.height], np.int64),
        },
    )


def save_npz_poses(path: Path, poses: Sequence[PoseSequence], *, seen_only: bool = False) -> None:
    """Write the poses of a video's people; the module's docstring lists the arrays.

    Args:
        path: of the file.
        poses: of the people.
        seen_only: write NaN for the frames in which a person was not seen.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    first = poses[0]
    unknown = np.full(first.skeleton.bone_count, np.nan, np.float32)
    lengths = [unknown if p.bone_lengths is None else p.bone_lengths for p in poses]
    arrays = _frame_arrays(poses, seen_only)
    if not first.root_relative:
        arrays["root"] = arrays["positions"][:, :, first.skeleton.root]
    _write(
        path,
        {
            **_clip_arrays(poses),
            **arrays,
            "unit": np.array(UNIT),
            "axes": np.array(first.axes),
            "root_relative": np.array(first.root_relative),
            "bone_names": np.array(first.skeleton.bone_names, np.str_),
            "bone_lengths": np.stack(lengths),
            **_room_arrays(poses),
        },
    )


def load_npz_poses(path: Path) -> list[PoseSequence]:
    """Read a file of ``save_npz_poses``, one sequence a person.

    Raises:
        AnatomyError: when the file is missing or cannot be read, an array is missing or of another
            type or shape, or the unit is not the metre.
    """
    arrays = read_arrays(path, ("positions", "joint_names", "parents", "fps", "unit", "axes"))
    layout = read_layout(arrays, None, path)
    fps = required_fps(float(arrays["fps"]), path)
    first = read_first_frame(arrays, path)
    unit, axes = str(arrays["unit"]), str(arrays["axes"])
    if unit != UNIT:
        raise AnatomyError(f"{path}: expected positions in {UNIT!r}, got {unit!r}")
    if axes not in ("camera", "world"):
        raise AnatomyError(f"{path}: expected axes 'camera' or 'world', got {axes!r}")
    positions = arrays["positions"]
    missing = np.full((len(positions), layout.bone_count), np.nan)
    lengths = _single(arrays.get("bone_lengths", missing))
    if lengths.shape != missing.shape:
        raise AnatomyError(
            f"{path}: expected bone_lengths of shape {missing.shape}, got {lengths.shape}"
        )
    for name, array in POSE_ARRAYS.items():
        expected = (*positions.shape[:2], *array.shape(positions.shape[2]))
        if name in arrays and arrays[name].shape != expected:
            raise AnatomyError(
                f"{path}: expected {name} of shape {expected}, got {arrays[name].shape}"
            )
    ups, cameras = _rooms(arrays, len(positions), path)
    return [
        PoseSequence(
            skeleton=layout,
            fps=fps,
            axes="camera" if axes == "camera" else "world",
            root_relative=bool(arrays.get("root_relative", True)),
            bone_lengths=None if np.isnan(lengths[i]).all() else lengths[i],
            person=person,
            source=str(path),
            **_frame_arrays_of(i, frames, arrays),
            up=ups[i],
            camera=cameras[i],
            first_frame=first,
        )
        for i, (person, frames) in enumerate(read_people(arrays, positions, path))
    ]


def _frame_arrays(poses: Sequence[PoseSequence], seen_only: bool) -> Arrays:
    """The arrays of ``POSE_ARRAYS`` that anybody has."""
    given = [person.frame_arrays(seen_only=seen_only) for person in poses]
    longest, joints = max(map(len, poses)), poses[0].skeleton.joint_count
    arrays = {}
    for name, array in POSE_ARRAYS.items():
        nothing = np.empty((0, *array.shape(joints)), np.float32)
        if any(name in of_person for of_person in given):
            arrays[name] = _padded([of_person.get(name, nothing) for of_person in given], longest)
    return arrays


def _frame_arrays_of(index: int, frames: int, arrays: Arrays) -> dict[str, Any]:
    """A person's arrays of ``POSE_ARRAYS``; one of NaN only is none."""
    found: dict[str, Any] = {}
    for name, array in POSE_ARRAYS.items():
        if name in arrays:
            values = arrays[name][index, :frames]
            if array.required or not np.isnan(values).all():
                found[name] = values if array.truth else _single(values)
    return found


def _room_arrays(poses: Sequence[PoseSequence]) -> Arrays:
    """Up and cameras, where anybody's are known."""
    arrays: Arrays = {}
    ups, cameras = [p.up for p in poses], [p.camera for p in poses]
    if any(up is not None for up in ups):
        arrays["up"] = _stacked(ups, 3)
    if any(camera is not None for camera in cameras):
        for name, (size, of_camera) in _CAMERA.items():
            arrays[name] = _stacked(
                [None if camera is None else of_camera(camera) for camera in cameras], *size
            )
    return arrays


def _stacked(values: Sequence[ArrayLike | None], *size: int) -> NDArray[np.float64]:
    """(N, ...) of N values of one size, NaN for those that are not known."""
    unknown = np.full(size, np.nan)
    return np.stack([unknown if v is None else np.asarray(v, np.float64) for v in values])


def _rooms(
    arrays: Arrays, count: int, path: Path
) -> tuple[list[NDArray[np.float64] | None], list[Camera | None]]:
    """Up and camera of each person."""
    if ("camera" in arrays) != all(name in arrays for name in _CAMERA):
        raise AnatomyError(f"{path}: expected the arrays {', '.join(_CAMERA)} together")
    sizes = {"up": (3,)} | {name: size for name, (size, _) in _CAMERA.items()}
    known = {}
    for name, size in sizes.items():
        values = arrays.get(name, np.full((count, *size), np.nan))
        if values.shape != (count, *size):
            raise AnatomyError(
                f"{path}: expected {name} of shape {(count, *size)}, got {values.shape}"
            )
        known[name] = [None if np.isnan(value).all() else value for value in values]
    return known["up"], [
        None if intrinsics is None else _camera(path, intrinsics, *others)
        for intrinsics, *others in zip(*(known[name] for name in _CAMERA), strict=True)
    ]


def _camera(path: Path, intrinsics: Any, size: Any, rotation: Any, position: Any) -> Camera:
    if any(value is None for value in (size, rotation, position)):
        raise AnatomyError(f"{path}: expected a camera's size, rotation and position, got NaN")
    try:
        seen = Camera.from_intrinsics(intrinsics, int(size[0]), int(size[1]))
        return dataclasses.replace(seen, rotation=rotation, position=position)
    except (AnatomyError, ValueError, OverflowError) as error:
        raise AnatomyError(f"{path}: {error}") from None


def _clip_arrays(sequences: Sequence[KeypointSequence] | Sequence[PoseSequence]) -> Arrays:
    """Return what both kinds of file hold."""
    skeleton = sequences[0].skeleton
    return {
        "joint_names": np.array(skeleton.joint_names, np.str_),
        "parents": np.array(skeleton.parents, np.int64),
        "skeleton": np.array(skeleton.name),
        "extra_links": np.array(skeleton.extra_links, np.str_).reshape(-1, 2),
        "fps": np.array(sequences[0].fps, np.float64),
        "first_frame": np.array(sequences[0].first_frame, np.int64),
        "people": np.array([s.person for s in sequences], np.str_),
        "frames": np.array([len(s) for s in sequences], np.int64),
    }


def _padded(values: Sequence[NDArray[Any]], frames: int) -> NDArray[Any]:
    """Return N arrays (T_i, ...) as one (N, frames, ...), NaN or false beyond its frames."""
    dtype = values[0].dtype
    blank = False if dtype == np.bool_ else np.nan
    padded = np.full((len(values), frames, *values[0].shape[1:]), blank, dtype)
    for row, value in zip(padded, values, strict=True):
        row[: len(value)] = value
    return padded


def _write(path: Path, arrays: Arrays) -> None:
    with atomic_file(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_arrays(path: Path, required: tuple[str, ...]) -> Arrays:
    """Return the arrays of these that a file has, of the right types and shapes.

    Raises:
        AnatomyError: when the file cannot be read, or an array is missing or another.
    """
    return read_checked_npz(path, _SHAPES, required)


def read_first_frame(arrays: Arrays, path: Path) -> int:
    """Return the number of the first frame; 0 where the file does not say it.

    Raises:
        AnatomyError: when it is impossible.
    """
    return check_first_frame(int(arrays.get("first_frame", 0)), path)


def read_layout(arrays: Arrays, given: Skeleton | None, path: Path) -> Skeleton:
    """Return the file's layout, else the given one.

    Raises:
        AnatomyError: when there is none, it is no tree, or the given one is another.
    """
    name = str(arrays["skeleton"]) if "skeleton" in arrays else path.stem
    if "joint_names" in arrays and "parents" in arrays:
        links = arrays["extra_links"].tolist() if "extra_links" in arrays else ()
        names, parents = arrays["joint_names"].tolist(), arrays["parents"].tolist()
        try:
            found = Skeleton(name, tuple(names), tuple(parents), tuple(map(tuple, links)))
        except AnatomyError as error:
            raise AnatomyError(f"{path}: {error}") from None
    elif "skeleton" in arrays:
        try:
            found = get_skeleton(name)
        except AnatomyError as error:
            raise AnatomyError(f"{path}: {error}") from None
    elif given is not None:
        return given
    else:
        raise AnatomyError(f"{path}: does not name its joints; give --layout NAME (skeleton=)")
    if given is not None and given.joint_names != found.joint_names:
        raise AnatomyError(
            f"{path}: holds keypoints of layout {found.name}, not of {given.name} as asked"
        )
    return found


def read_people(arrays: Arrays, values: NDArray[Any], path: Path) -> list[tuple[str, int]]:
    """Return the identifier and the number of frames of each person.

    Raises:
        AnatomyError: when there is nobody, or they are not as many as the arrays say.
    """
    count, longest = values.shape[:2]
    if count == 0 or longest == 0:
        raise AnatomyError(f"{path}: expected at least one person and frame, got {values.shape}")
    people = arrays.get("people", np.arange(count).astype(np.str_)).tolist()
    frames = arrays.get("frames", np.full(count, longest)).tolist()
    if len(people) != count or len(frames) != count:
        raise AnatomyError(
            f"{path}: expected people and frames for each of {count} persons, "
            f"got {len(people)} and {len(frames)}"
        )
    if not all(1 <= n <= longest for n in frames):
        raise AnatomyError(f"{path}: expected frames in 1..{longest}, got {frames}")
    return list(zip(people, frames, strict=True))


def _single(values: NDArray[Any]) -> NDArray[np.float32]:
    # Too large for float32 becomes infinite, which the containers refuse in one line.
    with np.errstate(over="ignore"):
        return values.astype(np.float32)
