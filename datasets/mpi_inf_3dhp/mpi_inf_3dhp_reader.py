"""MPI-INF-3DHP's official files.

A folder as the official scripts unpack it::

    S1/Seq1/annot.mat           S1 to S8, Seq1 and Seq2: MATLAB v5 to v7
    S1/Seq1/camera.calibration
    TS1/annot_data.mat          TS1 to TS6: MATLAB v7.3, which is HDF5

(The test set may also lie in ``mpi_inf_3dhp_test_set/``.) Training: ``annot2`` (14, 1) cells of
(T, 56), 28 joints in pixels; ``annot3`` and ``univ_annot3`` alike (T, 84), millimetres in the
camera's frame. Test: ``annot2`` (T, 1, 17, 2), ``annot3`` and ``univ_annot3`` (T, 1, 17, 3),
``valid_frame`` and ``activity_annotation`` (T, 1). The test files have no intrinsics: they are
fitted to ``annot2`` and ``annot3``.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import normalize_screen
from anatomy_tf.data import View
from anatomy_tf.data.datasets.projection_check import check_projection, fitted_intrinsics
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.motion.matlab import read_matlab
from anatomy_tf.skeletons import MPI_INF_3DHP_17
from anatomy_tf_datasets.recordings import Example, absent, view_example

VARIANTS = {"universal": "univ_annot3", "measured": "annot3"}
"""The 3D annotation by variant: all bodies scaled to one size, as in papers, or as measured."""

CAMERAS = (0, 1, 2, 4, 5, 6, 7, 8)
"""The eight of the 14 cameras that the paper and its successors train on."""

JOINTS = (7, 5, 14, 15, 16, 9, 10, 11, 23, 24, 25, 18, 19, 20, 4, 3, 6)
"""Indices of the joints of ``MPI_INF_3DHP_17`` among the training files' 28."""

TRAINING = {
    ("S1", 1): (6416, 25),
    ("S1", 2): (12430, 50),
    ("S2", 1): (6502, 25),
    ("S2", 2): (6081, 25),
    ("S3", 1): (12488, 50),
    ("S3", 2): (12283, 50),
    ("S4", 1): (6171, 25),
    ("S4", 2): (6675, 25),
    ("S5", 1): (12820, 50),
    ("S5", 2): (12312, 50),
    ("S6", 1): (6188, 25),
    ("S6", 2): (6145, 25),
    ("S7", 1): (6239, 25),
    ("S7", 2): (6320, 25),
    ("S8", 1): (6468, 25),
    ("S8", 2): (6054, 25),
}
"""Frames and frame rate by (subject, sequence)."""

TEST = {
    "TS1": (6151, (2048, 2048)),
    "TS2": (6080, (2048, 2048)),
    "TS3": (5838, (2048, 2048)),
    "TS4": (6007, (2048, 2048)),
    "TS5": (320, (1920, 1080)),
    "TS6": (492, (1920, 1080)),
}
"""Frames and image size by test subject."""

TEST_FPS = 25.0
"""Frame rate of the test set, which its files do not state; 25 as in most training sequences."""

ACTIVITIES = (
    "not annotated",
    "Standing/Walking",
    "Exercising",
    "Sitting",
    "Reaching/Crouching",
    "On The Floor",
    "Sports",
    "Miscellaneous",
)
"""Activities by the number in ``activity_annotation``."""

SIZE = (2048, 2048)
"""Size of the training images, pixels."""

TEST_FOLDER = "mpi_inf_3dhp_test_set"


@dataclasses.dataclass(frozen=True)
class MpiInf3dhpRecordings:
    """The files of one variant in a folder.

    Args:
        folder: the folder described above.
        variant: a key of ``VARIANTS``.
    """

    folder: Path
    variant: str
    skeleton = MPI_INF_3DHP_17

    def missing(self) -> list[str]:
        """Return a line for each missing file, see ``Recordings``."""
        files = [file for clip in self.clips() for file in clip.files]
        return [line for line in map(absent, files) if line]

    def clips(self) -> list[TrainingSequence | HeldOutSequence]:
        """Return all clips, see ``Recordings``."""
        annotation = VARIANTS[self.variant]
        test = self.folder / TEST_FOLDER
        test = test if test.is_dir() else self.folder
        return [
            *(
                TrainingSequence(
                    self.folder / subject / f"Seq{number}",
                    subject,
                    f"Seq{number}",
                    annotation,
                    frames,
                    fps,
                )
                for (subject, number), (frames, fps) in TRAINING.items()
            ),
            *(
                HeldOutSequence(
                    test / subject / "annot_data.mat",
                    subject,
                    annotation,
                    frames,
                    size,
                )
                for subject, (frames, size) in TEST.items()
            ),
        ]


@dataclasses.dataclass(frozen=True)
class TrainingSequence:
    """A training sequence, seen by the eight cameras.

    Args:
        folder: folder with ``annot.mat`` and ``camera.calibration``.
        subject: the person.
        name: the sequence.
        annotation: ``univ_annot3`` or ``annot3``.
        frames: how many it has.
        fps: frames a second.
    """

    folder: Path
    subject: str
    name: str
    annotation: str
    frames: int
    fps: float
    split = "train"

    @property
    def key(self) -> str:
        """The clip's key, see ``RecordedClip``."""
        return f"{self.subject}/{self.name}"

    @property
    def files(self) -> tuple[Path, ...]:
        """The clip's files, see ``RecordedClip``."""
        return self.folder / "annot.mat", self.folder / "camera.calibration"

    def examples(self) -> list[tuple[str, Example]]:
        """Return a key and an example for each camera, see ``RecordedClip``."""
        path, calibration = self.files
        cameras = read_calibration(calibration)
        cells = _read_cells(path, tuple(dict.fromkeys(("annot2", "annot3", self.annotation))))
        found = []
        for camera in CAMERAS:
            where = f"{path}: camera {camera}"
            if camera not in cameras:
                raise AnatomyError(f"{calibration}: expected camera {camera}, got none")
            pixels = _joints(cells["annot2"][camera], 2, where, "annot2")
            measured = _joints(cells["annot3"][camera], 3, where, "annot3")
            positions = _joints(cells[self.annotation][camera], 3, where, self.annotation)
            count = min(map(len, (pixels, measured, positions)))
            if count < self.frames:
                raise AnatomyError(
                    f"{where}: expected the {self.frames} frames of {self.key}, got {count}"
                )
            view = View(
                keypoints=normalize_screen(pixels[:count], *SIZE),
                visibility=np.ones((count, MPI_INF_3DHP_17.joint_count), np.float32),
                positions=measured[:count],
                intrinsics=cameras[camera],
                skeleton=MPI_INF_3DHP_17,
                fps=self.fps,
                subject=self.subject,
                action=self.name,
                clip=self.name,
                camera=str(camera),
                aspect_ratio=SIZE[0] / SIZE[1],
            )
            check_projection([view], where)
            view = dataclasses.replace(view, positions=positions[:count])
            found.append(view_example(view, activity=np.zeros(count, np.uint8)))
        return found


@dataclasses.dataclass(frozen=True)
class HeldOutSequence:
    """A test sequence; its one camera is ``"0"``.

    Args:
        path: its ``annot_data.mat``.
        subject: the person, TS1 to TS6.
        annotation: ``univ_annot3`` or ``annot3``.
        frames: how many it has.
        size: (width, height) of its images, pixels.
    """

    path: Path
    subject: str
    annotation: str
    frames: int
    size: tuple[int, int]
    split = "test"

    @property
    def key(self) -> str:
        """The clip's key, see ``RecordedClip``."""
        return self.subject

    @property
    def files(self) -> tuple[Path, ...]:
        """The clip's files, see ``RecordedClip``."""
        return (self.path,)

    def examples(self) -> list[tuple[str, Example]]:
        """Return a key and an example for each camera, see ``RecordedClip``."""
        names = ("annot2", "annot3", "univ_annot3", "valid_frame", "activity_annotation")
        arrays = _read_hdf5(self.path, names)
        joints = MPI_INF_3DHP_17.joint_count
        frames = len(arrays["valid_frame"])
        shapes = {
            "annot2": (frames, 1, joints, 2),
            "annot3": (frames, 1, joints, 3),
            "univ_annot3": (frames, 1, joints, 3),
            "valid_frame": (frames, 1),
            "activity_annotation": (frames, 1),
        }
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                raise AnatomyError(
                    f"{self.path}: expected {name} of shape {shape}, got {arrays[name].shape}; "
                    "are its axes swapped?"
                )
        if frames < self.frames:
            raise AnatomyError(
                f"{self.path}: expected the {self.frames} frames of {self.key}, got {frames}"
            )
        activity = arrays["activity_annotation"][:, 0]
        wrong = activity[~np.isin(activity, range(len(ACTIVITIES)))]
        if len(wrong):
            raise AnatomyError(f"{self.path}: expected activities 0 to 7, got {wrong[0]:g}")
        valid = arrays["valid_frame"][:, 0] != 0
        if not valid.any():
            raise AnatomyError(f"{self.path}: expected at least one valid frame, got none")
        for name in ("annot2", "annot3", self.annotation):
            _check_finite(arrays[name][valid], f"{self.path}: {name}, valid frames")
            arrays[name][~valid] = np.nan_to_num(arrays[name][~valid], posinf=0, neginf=0)
        keypoints = normalize_screen(arrays["annot2"][:, 0], *self.size)
        measured = arrays["annot3"][:, 0] / 1000
        view = View(
            keypoints=keypoints,
            visibility=np.ones((frames, joints), np.float32),
            positions=measured,
            intrinsics=fitted_intrinsics(measured[valid], keypoints[valid], str(self.path)),
            skeleton=MPI_INF_3DHP_17,
            fps=TEST_FPS,
            subject=self.subject,
            action=self.subject,
            clip=self.subject,
            camera="0",
            valid=valid,
            aspect_ratio=self.size[0] / self.size[1],
        )
        check_projection([view], str(self.path))
        view = dataclasses.replace(view, positions=arrays[self.annotation][:, 0] / 1000)
        return [view_example(view, activity=activity.astype(np.uint8))]


def read_calibration(path: Path) -> dict[int, NDArray[np.float64]]:
    """Return the intrinsics of the cameras in a ``camera.calibration`` file.

    Returns:
        By the camera's number (9,) fx, fy, cx, cy and no distortion, for normalised screen
        coordinates.

    Raises:
        AnatomyError: for a file that is missing, no such file, or cut off.
    """
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not lines or not lines[0].startswith("Skeletool Camera Calibration File"):
        raise AnatomyError(f"{path}: expected a Skeletool Camera Calibration File")
    cameras: dict[int, NDArray[np.float64]] = {}
    name = None
    for line in lines[1:]:
        field, *values = line.split() or [""]
        if field == "name":
            name = " ".join(values)
        elif field == "intrinsic":
            try:
                numbers = np.array(values, np.float64).reshape(4, 4)
                number = int(name or "")
            except ValueError:
                raise AnatomyError(
                    f"{path}: camera {name}: expected 16 numbers of intrinsics, got {len(values)}"
                ) from None
            focal = numbers[[0, 1], [0, 1]]
            if not np.isfinite(numbers).all() or (focal <= 0).any():
                raise AnatomyError(f"{path}: camera {name}: focal lengths {focal} are no camera's")
            centre = normalize_screen(numbers[:2, 2], *SIZE)
            cameras[number] = np.concatenate([focal * 2 / SIZE[0], centre, np.zeros(5)])
    if not cameras:
        raise AnatomyError(f"{path}: expected cameras, got none")
    return cameras


def _read_cells(path: Path, names: tuple[str, ...]) -> dict[str, dict[int, NDArray[np.float64]]]:
    """Return the arrays of ``annot.mat`` by name and camera."""
    line = absent(path)
    if line:
        raise AnatomyError(line)
    content = read_matlab(path, (*names, "cameras"))
    missing = [name for name in (*names, "cameras") if name not in content]
    if missing:
        raise AnatomyError(f"{path}: expected {', '.join(missing)}, which are not there")
    cameras = content["cameras"].ravel()
    if cameras.dtype.kind not in "iu":
        raise AnatomyError(f"{path}: expected cameras to be whole numbers, got {cameras.dtype}")
    found: dict[str, dict[int, NDArray[np.float64]]] = {}
    for name in names:
        cells = content[name]
        if cells.dtype != object or cells.size != len(cameras):
            raise AnatomyError(
                f"{path}: expected {name} of {len(cameras)} cells, one a camera, got {cells.shape}"
            )
        by_camera = {int(camera): cell for camera, cell in zip(cameras, cells.ravel(), strict=True)}
        lacking = [camera for camera in CAMERAS if camera not in by_camera]
        if lacking:
            raise AnatomyError(f"{path}: expected {name} of camera {lacking[0]}, got none")
        found[name] = by_camera
    return found


def _joints(values: NDArray[Any], axes: int, where: str, name: str) -> NDArray[np.float64]:
    """Return (T, 28 * axes) as (T, 17, axes), with pixels unchanged and millimetres as metres."""
    if values.ndim != 2 or values.shape[1] != 28 * axes or values.dtype.kind not in "fiu":
        raise AnatomyError(
            f"{where}: expected {name} of shape (frames, {28 * axes}), got {values.shape} of "
            f"{values.dtype}"
        )
    points = values.reshape(-1, 28, axes)[:, JOINTS].astype(np.float64)
    _check_finite(points, f"{where}: {name}")
    return points / 1000 if axes == 3 else points


def _read_hdf5(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
    """Return the arrays of ``annot_data.mat`` by name."""
    import h5py

    line = absent(path)
    if line:
        raise AnatomyError(line)
    try:
        with h5py.File(path, "r") as file:
            missing = [name for name in names if name not in file]
            if missing:
                raise AnatomyError(f"{path}: expected {', '.join(missing)}, which are not there")
            arrays = {}
            for name in names:
                found = file[name]
                numbers = isinstance(found, h5py.Dataset) and found.dtype.kind in "fiu"
                if not numbers or not found.shape:
                    raise AnatomyError(f"{path}: expected {name} to be an array of numbers")
                if found.external or found.size > 1 << 24:
                    raise AnatomyError(f"{path}: {name} of shape {found.shape} is not TS1 to TS6's")
                arrays[name] = np.asarray(found, np.float64)
            return arrays
    except AnatomyError:
        raise
    # A damaged file, or a MATLAB v5 one, fails in a dozen ways deep in HDF5.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise AnatomyError(
            f"{path}: expected a MATLAB v7.3 (HDF5) file, got none ({reason})"
        ) from None


def _check_finite(values: NDArray[np.float64], where: str) -> None:
    if not np.isfinite(values).all():
        frame = int(np.argwhere(~np.isfinite(values))[0][0])
        raise AnatomyError(f"{where}: frame {frame} has a NaN or infinite number")
