"""MPI-INF-3DHP from the two archives of P-STMO.

``data_train_3dhp.npz`` and ``data_test_3dhp.npz`` hold the 17 joints of ``MPI_INF_3DHP_17``: 2D
annotations in pixels and ``univ_annot3``, the 3D annotations on the universal skeleton, mm in the
camera's frame. They state no cameras: each view's pinhole camera is fitted to its 2D and 3D.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import normalize_screen
from anatomy_tf.data.datasets.projection_check import (
    check_body_size,
    check_projection,
    fitted_intrinsics,
)
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_number
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.skeletons import MPI_INF_3DHP_17

TRAIN_FILE, TEST_FILE = "data_train_3dhp.npz", "data_test_3dhp.npz"
FPS = 25.0
"""Frames a second of every view. Recordings at 50 give every second frame; the test archive states
no rate."""

TRAIN_SIZE = (2048, 2048)
TEST_SIZES = {
    **{f"TS{number}": (2048, 2048) for number in range(1, 5)},
    **{f"TS{number}": (1920, 1080) for number in range(5, 7)},
}
"""Test sequence to the (width, height) of its images; the keys are the official test set."""

VARIANT = "universal"
_JOINTS = MPI_INF_3DHP_17.joint_count


def read_mpi_inf_3dhp(directory: Path, variant: str, subjects: Sequence[str]) -> list[View]:
    """Read the views of ``mpi_inf_3dhp``; a ``ViewReader`` of ``data.datasets.sources``.

    Args:
        directory: the folder of the archives; only those that the subjects need are opened.
        variant: ``"universal"``, the only one that the archives have.
        subjects: of S1 to S8 and TS1 to TS6.

    Raises:
        AnatomyError: naming the file that is missing or wrong.
    """
    if variant != VARIANT:
        raise AnatomyError(
            f"mpi_inf_3dhp/{variant}: the archives have the universal 3D annotations only "
            f"(mpi_inf_3dhp/{VARIANT})"
        )
    train = [subject for subject in subjects if subject not in TEST_SIZES]
    test = [subject for subject in subjects if subject in TEST_SIZES]
    views = []
    if train:
        views += load_train_archive(directory / TRAIN_FILE, train)
    if test:
        views += load_test_archive(directory / TEST_FILE, test)
    return views


def load_train_archive(path: str | Path, subjects: Sequence[str]) -> list[View]:
    """Read the training recordings of some people, at 25 frames a second.

    Returns:
        Views by sequence and camera; ``clip`` and ``action`` are ``Seq1`` or ``Seq2``.

    Raises:
        AnatomyError: in one line that names file, sequence and camera, for a missing or hostile
            file, a missing person, wrong keys or shapes, a NaN, a rate that is no multiple of 25,
            or 3D that no camera projects to the 2D.
    """
    path = Path(path)
    recordings = _data(path)
    views = []
    for subject in subjects:
        own = [name for name in recordings if str(name).partition(" ")[0] == subject]
        if not own:
            raise AnatomyError(f"{path}: expected sequences of {subject}, got none")
        for name in own:
            cameras, step = _cameras_and_step(recordings[name], f"{path}: {name}")
            for camera, content in cameras.items():
                where = f"{path}: {name}, camera {camera}"
                pixels = _array(content, "data_2d", 2, where)[::step]
                positions = _array(content, "data_3d", 3, where)[::step]
                clip = name.partition(" ")[2]
                views.append(
                    _view(pixels, positions, None, TRAIN_SIZE, (subject, clip, str(camera)), where)
                )
    return views


def load_test_archive(path: str | Path, subjects: Sequence[str] = tuple(TEST_SIZES)) -> list[View]:
    """Read test sequences with the valid frames that the archive marks.

    Returns:
        One view for each sequence; subject, clip and action are its name.

    Raises:
        AnatomyError: as ``load_train_archive``.
    """
    path = Path(path)
    recordings = _data(path)
    views = []
    for name in subjects:
        where = f"{path}: {name}"
        if name not in recordings:
            raise AnatomyError(f"{path}: expected the test sequence {name}, which is not there")
        content = recordings[name]
        pixels = _array(content, "data_2d", 2, where)
        valid = _valid(content, len(pixels), where)
        positions = _array(content, "data_3d", 3, where, valid)
        views.append(_view(pixels, positions, valid, TEST_SIZES[name], (name, name, "0"), where))
    return views


def _data(path: Path) -> dict[str, Any]:
    data = read_npz(path, ("data",), objects=True).get("data")
    if not isinstance(data, dict):
        came = "nothing of this name" if data is None else type(data).__name__
        raise AnatomyError(f"{path}: expected the dict 'data', got {came}")
    return data


def _cameras_and_step(recording: Any, where: str) -> tuple[dict[Any, Any], int]:
    parts = list(np.atleast_1d(recording)) if isinstance(recording, np.ndarray) else recording
    if not isinstance(parts, list | tuple):
        parts = ()
    if len(parts) != 2 or not isinstance(parts[0], dict):
        raise AnatomyError(f"{where}: expected [cameras, frames a second]")
    fps = parts[1]
    if not is_number(fps) or not np.isfinite(fps) or fps < FPS or fps % FPS:
        raise AnatomyError(f"{where}: expected {FPS:g} or {2 * FPS:g} frames a second, got {fps}")
    return parts[0], int(fps / FPS)


def _array(
    content: Any, key: str, axes: int, where: str, valid: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Return an array (T, 17, axes), finite in valid frames; frames that are not finite are 0."""
    if not isinstance(content, dict) or not isinstance(content.get(key), np.ndarray):
        raise AnatomyError(f"{where}: expected an array {key!r}, which is not there")
    array = content[key]
    if array.ndim != 3 or array.shape[1:] != (_JOINTS, axes) or array.dtype.kind not in "fiu":
        raise AnatomyError(
            f"{where}: expected {key} (frames, {_JOINTS}, {axes}), "
            f"got {array.shape} of {array.dtype}"
        )
    if valid is not None and len(valid) != len(array):
        raise AnatomyError(f"{where}: expected {len(valid)} frames of {key}, got {len(array)}")
    broken = ~np.isfinite(array).all(axis=(1, 2))
    wrong = broken if valid is None else broken & valid
    if wrong.any():
        raise AnatomyError(
            f"{where}: frame {int(np.argmax(wrong))} of {key} has a NaN or infinite number"
        )
    return np.where(broken[:, None, None], 0, array)


def _valid(content: dict[str, Any], frames: int, where: str) -> NDArray[np.bool_]:
    valid = number_array(content.get("valid"), np.float64, f"{where}: valid")
    if valid.size != frames or not np.isin(valid, (0, 1)).all():
        raise AnatomyError(f"{where}: expected {frames} numbers 0 or 1 in 'valid'")
    return valid.reshape(-1) == 1


def _view(
    pixels: NDArray[np.float64],
    millimetres: NDArray[np.float64],
    valid: NDArray[np.bool_] | None,
    size: tuple[int, int],
    names: tuple[str, str, str],
    where: str,
) -> View:
    subject, clip, camera = names
    if len(pixels) != len(millimetres):
        raise AnatomyError(
            f"{where}: expected as many frames of 2D as of 3D, "
            f"got {len(pixels)} and {len(millimetres)}"
        )
    known = slice(None) if valid is None else valid
    if not len(pixels[known]):
        raise AnatomyError(f"{where}: expected at least one valid frame, got none")
    screen = normalize_screen(pixels, *size)
    view = View(
        keypoints=screen.astype(np.float32),
        visibility=np.ones(pixels.shape[:2], np.float32),
        positions=(millimetres / 1000).astype(np.float32),
        intrinsics=fitted_intrinsics(millimetres[known], screen[known], where),
        skeleton=MPI_INF_3DHP_17,
        fps=FPS,
        subject=subject,
        action=clip,
        clip=clip,
        camera=camera,
        valid=valid,
        aspect_ratio=size[0] / size[1],
    )
    check_body_size([view], where)
    check_projection([view], where)
    return view
