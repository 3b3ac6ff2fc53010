"""A user's folder of recordings as a named data set (docs/own_recordings.md)."""

from __future__ import annotations

import dataclasses
import importlib
import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import unit
from anatomy_tf.cameras import Camera, check_lens
from anatomy_tf.data.datasets.projection_check import check_body_size, check_projection
from anatomy_tf.data.datasets.sources import SOURCES, imported_folder
from anatomy_tf.data.views.view import View, unknown_direction
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.limits import IMAGE_SIDE, check_single
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.formats.motion.camera_table import is_world
from anatomy_tf.formats.motion.recordings import RECORDING_FORMATS, load_recording
from anatomy_tf.formats.stated import required_fps
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.sequences.gaps import NOT_FOUND
from anatomy_tf.skeletons import Skeleton, get_skeleton

CAMERAS_FILE = "cameras.json"
UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001}

UPRIGHT = 0.5
"""Least mean cosine between people, from ankles to shoulders, and the z axis of a world in which it
counts as up; in a world with another axis up it is about 0."""


def load_own_recordings(
    folder: str | Path, skeleton: str | Skeleton, fps: float, unit: str = "m"
) -> list[View]:
    """Read ``PERSON/CLIP.CAMERA.npz``, ``.json`` or ``.csv`` files and ``cameras.json``.

    A keypoint that is missing, or whose score is below ``NOT_FOUND``, is interpolated in time and
    has visibility 0; a frame with a missing position is not valid. The z axis of a world is ``up``,
    unless the world is a camera's own frame or people mostly do not stand along it.

    Args:
        folder: the folder of the persons' folders. ``cameras.json`` is in it, or in a person's
            folder.
        skeleton: the layout of keypoints and positions.
        fps: frames a second of all files.
        unit: unit of positions and cameras' places: ``"m"``, ``"cm"`` or ``"mm"``.

    Returns:
        Views by person, clip and camera.

    Raises:
        AnatomyError: in one line that names the file: a missing camera, a wrong shape, column or
            number, positions that are not projected to the keypoints, or a link out of the folder.
    """
    folder, layout = Path(folder), get_skeleton(skeleton)
    if unit not in UNITS:
        raise AnatomyError(f"unit: expected one of {', '.join(UNITS)}, got {unit!r:.40}")
    if not folder.is_dir():
        raise AnatomyError(f"{folder}: no such folder")
    fps = required_fps(fps, folder)
    paths = sorted(
        path
        for path in folder.glob("*/*")
        if path.suffix.lower() in RECORDING_FORMATS
        and path.name != CAMERAS_FILE
        # Such as those that macOS puts beside files on other disks.
        and not path.name.startswith(".")
    )
    if not paths:
        raise AnatomyError(
            f"{folder}: expected files PERSON/CLIP.CAMERA{', '.join(RECORDING_FORMATS)}, got none"
        )
    views: list[View] = []
    places = set()
    cameras: dict[Path, dict[str, Any]] = {}
    in_world_of: dict[Path, list[int]] = {}
    for path in paths:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise AnatomyError(f"{path}: is a link to a place outside {folder}")
        person = path.parent.name
        clip, dot, camera_name = path.stem.rpartition(".")
        if not (clip and dot and camera_name):
            raise AnatomyError(
                f"{path}: expected a name CLIP.CAMERA{path.suffix}, such as walk.front{path.suffix}"
            )
        if (person, clip, camera_name) in places:
            raise AnatomyError(f"{path}: another file has the same clip and camera")
        places.add((person, clip, camera_name))
        described = _cameras_file(path.parent, folder)
        if described not in cameras:
            cameras[described] = _described(described)
        camera, in_world = _camera(cameras[described], camera_name, described, UNITS[unit])
        if in_world:
            in_world_of.setdefault(described, []).append(len(views))
        views.append(_view(path, (person, clip), camera, in_world, layout, fps, UNITS[unit]))
    for described, numbers in in_world_of.items():
        if not _z_is_up([views[i] for i in numbers], cameras[described], described):
            for i in numbers:
                views[i] = dataclasses.replace(views[i], up=unknown_direction())
    groups: dict[tuple[str, str], list[View]] = {}
    for view in views:
        groups.setdefault((view.subject, view.camera), []).append(view)
    for (person, camera_name), own in groups.items():
        where = f"{folder}: {person}, camera {camera_name}"
        check_body_size(own, where)
        check_projection(own, where)
    return views


def import_recordings(
    folder: str | Path,
    directory: str | Path,
    name: str,
    *,
    skeleton: str | Skeleton,
    fps: float,
    unit: str = "m",
    test_subjects: Collection[str] = (),
    replace: bool = False,
) -> Path:
    """Make a data set from a folder of recordings, for ``data.load(name, directory)``.

    Args:
        folder: see ``load_own_recordings``, also for ``skeleton``, ``fps`` and ``unit``.
        directory: the folder of imported data sets.
        name: name of the data set.
        test_subjects: persons of the split ``"test"``; all others are in ``"train"``.
        replace: whether to replace an imported data set of this name.

    Returns:
        The folder of the TFDS data set, which holds a folder of its version.

    Raises:
        AnatomyError: as ``load_own_recordings``; for a name that is taken, an unknown test person,
            when no person is left to train on, or without the extra ``datasets``.
    """
    target = imported_folder(name, Path(directory))
    if name in SOURCES:
        raise AnatomyError(f"{name!r} is the name of a known data set; choose another (--name)")
    if target.exists() and not replace:
        raise AnatomyError(f"{target}: is there already; choose another --name, or --replace it")
    write_views = _writer()
    views = load_own_recordings(folder, skeleton, fps, unit)
    people = {view.subject for view in views}
    unknown = sorted(set(test_subjects) - people)
    if unknown:
        raise AnatomyError(
            f"{folder}: no recordings of the test persons {', '.join(unknown)}; "
            f"it has {', '.join(sorted(people))}"
        )
    if people <= set(test_subjects):
        raise AnatomyError(f"{folder}: expected a person to train on, all are test persons")
    splits = {
        "train": [view for view in views if view.subject not in test_subjects],
        "test": [view for view in views if view.subject in test_subjects],
    }
    beside = target.with_name(f".{name}.partial-{os.getpid()}")
    before = target.with_name(f".{name}.before-{os.getpid()}")
    try:
        beside.mkdir(parents=True)
        made = write_views(name, {split: own for split, own in splits.items() if own}, beside)
        if target.exists():
            target.rename(before)
        made.rename(target)
    # TensorFlow's errors of writing are no OSError.
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise AnatomyError(f"{target}: cannot be written ({reason})") from None
    finally:
        # After Ctrl-C, too.
        if before.exists() and not target.exists():
            before.rename(target)
        for left in (beside, before):
            shutil.rmtree(left, ignore_errors=True)
    return target


def _writer() -> Callable[[str, Mapping[str, Sequence[View]], Path], Path]:
    try:
        # What download_and_prepare needs and TFDS does not require.
        importlib.import_module("importlib_resources")
        from anatomy_tf_datasets.imported_views import write_views
    except ImportError as error:
        raise AnatomyError(
            f'importing recordings needs {error.name}: pip install "anatomy_tf[datasets]"'
        ) from None
    return write_views


def _view(
    path: Path,
    names: tuple[str, str],
    camera: Camera,
    in_world: bool,
    skeleton: Skeleton,
    fps: float,
    metres: float,
) -> View:
    recording = load_recording(path, skeleton)
    check_single(recording.keypoints, str(path))
    known: NDArray[np.bool_] = np.asarray(~np.isnan(recording.keypoints).any(axis=-1))
    visibility: NDArray[np.floating] = known.astype(np.float32)
    if recording.visibility is not None:
        # As lifting does, so that a model is trained on what it gets later.
        known &= ~((recording.visibility >= 0) & (recording.visibility < NOT_FOUND))
        visibility = np.where(known, np.nan_to_num(recording.visibility), 0)
    keypoints = KeypointSequence(
        keypoints=np.where(known[..., None], recording.keypoints, np.nan).astype(np.float32),
        visibility=np.asarray(visibility, np.float32),
        skeleton=skeleton,
        fps=fps,
        width=camera.width,
        height=camera.height,
        source=str(path),
    ).filled()
    valid: NDArray[np.bool_] = np.asarray(~np.isnan(recording.positions).any(axis=(1, 2)))
    if not valid.any():
        raise AnatomyError(
            f"{path}: expected a frame with all positions, none of them 0, 0, 0, got none"
        )
    positions: NDArray[np.floating] = _held(recording.positions, valid) * metres
    if in_world:
        positions = camera.world_to_camera(positions)
    check_single(positions, str(path))
    if not (positions[valid][..., 2] > 0).all():
        raise AnatomyError(
            f"{path}: expected positions in front of camera {camera.name!r} (z forward), "
            f"got z = {positions[valid][..., 2].min():.3g} m"
        )
    person, clip = names
    return View(
        keypoints=keypoints.normalized(),
        visibility=keypoints.visibility,
        positions=positions.astype(np.float32),
        intrinsics=camera.normalized_intrinsics.astype(np.float32),
        skeleton=skeleton,
        fps=fps,
        subject=person,
        action=clip,
        clip=clip,
        camera=camera.name,
        valid=valid,
        up=camera.up.astype(np.float32) if in_world else unknown_direction(),
        aspect_ratio=camera.aspect_ratio,
    )


def _z_is_up(views: Sequence[View], described: Mapping[str, Any], path: Path) -> bool:
    """Return whether the z axis of the world of a file's cameras is taken for up.

    Args:
        views: of cameras with a place in the world; their ``up`` is the world's z axis.
        described: the file's content.
        path: the file, for messages.
    """
    tables = {name: one for name, one in described.items() if isinstance(one, dict)}
    if any(is_world(table, f"{path}: camera {name!r}") for name, table in tables.items()):
        return False
    joints = views[0].skeleton.joint_names
    ends = [[f"{side}_{end}" for side in ("left", "right")] for end in ("ankle", "shoulder")]
    if not {name for pair in ends for name in pair} <= set(joints):
        return True
    low, high = ([joints.index(name) for name in pair] for pair in ends)
    cosines = [
        unit(view.positions[:, high].mean(axis=1) - view.positions[:, low].mean(axis=1)) @ view.up
        for view in views
    ]
    return bool(np.concatenate(cosines).mean() >= UPRIGHT)


def _held(positions: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return positions whose frames that are not valid repeat the latest valid one.

    Frames before the first valid one repeat that one.
    """
    latest = np.maximum.accumulate(np.where(valid, np.arange(len(valid)), -1))
    return positions[np.where(latest < 0, np.argmax(valid), latest)]


def _cameras_file(person: Path, folder: Path) -> Path:
    for place in (person, folder):
        if (place / CAMERAS_FILE).is_file():
            return place / CAMERAS_FILE
    raise AnatomyError(f"{folder}: expected the cameras in {CAMERAS_FILE}, which is not there")


def _described(path: Path) -> dict[str, Any]:
    content = read_json(path)
    if not isinstance(content, dict):
        raise AnatomyError(f"{path}: expected an object with a camera a name")
    return content


def _camera(described: dict[str, Any], name: str, path: Path, metres: float) -> tuple[Camera, bool]:
    """Return the camera, and whether its positions are in world axes."""
    content = described.get(name)
    where = f"{path}: camera {name!r}"
    if not isinstance(content, dict):
        raise AnatomyError(f"{where}: is not there; there are {', '.join(described) or 'none'}")

    def numbers(key: str, shape: tuple[int, ...], default: Any = None) -> NDArray[np.float64]:
        try:
            value = number_array(content.get(key, default), np.float64, key)
        except AnatomyError:
            value = np.empty(0)
        if value.shape != shape:
            count = " x ".join(map(str, shape))
            raise AnatomyError(f"{where}: expected {key} of {count} numbers")
        return value

    unknown = sorted(
        set(content)
        - {"image_size", "focal_length", "centre", "distortion", "rotation", "position"}
    )
    if unknown:
        raise AnatomyError(f"{where}: unknown {', '.join(unknown)}")
    in_world = "rotation" in content or "position" in content
    k1, k2, p1, p2, k3 = numbers("distortion", (5,), [0] * 5)
    width, height = numbers("image_size", (2,))
    for side in (width, height):
        IMAGE_SIDE.check(side, where)
    rotation = numbers("rotation", (3, 3)) if in_world else np.eye(3)
    position = numbers("position", (3,)) * metres if in_world else np.zeros(3)
    try:
        camera = Camera(
            rotation=rotation,
            position=position,
            focal_length=numbers("focal_length", (2,)),
            centre=numbers("centre", (2,)),
            width=int(width),
            height=int(height),
            radial=np.array([k1, k2, k3]),
            # OpenCV's p1 leans with y and p2 with x.
            tangential=np.array([p2, p1]),
            name=name,
        )
    except AnatomyError as error:
        raise AnatomyError(f"{path}: {error}") from None
    # The projection fits with any size of image; the network's input does not.
    check_lens(camera, where)
    return camera, in_world
