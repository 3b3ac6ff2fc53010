"""Write ``dummy_data/``: made-up motion in the exact format of MPI-INF-3DHP's files.

    python datasets/mpi_inf_3dhp/make_dummy_data.py

All sequences with a few frames each; the real ones have thousands.
"""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
import scipy.io
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.skeletons import HUMAN36M_17, MPI_INF_3DHP_17, map_skeleton
from anatomy_tf_datasets.mpi_inf_3dhp.mpi_inf_3dhp_reader import JOINTS, TEST, TRAINING

CAMERA_COUNT, SENSOR = 14, (10, 10)
FOCAL, UNIVERSAL = 1497.693, 1.07
MATLAB_HEADER = 512


def main(folder: Path, frames: int = 2) -> None:
    """Write the files.

    Args:
        folder: folder to write to, made if it is missing.
        frames: length of the shortest sequence.
    """
    mapping = map_skeleton(HUMAN36M_17, MPI_INF_3DHP_17)
    people = iter(procedural_motion(len(TRAINING) + len(TEST), 1.0, 25.0, seed=2))
    for number, (subject, sequence) in enumerate(TRAINING):
        motion = mapping.points(next(people).positions)[: frames + number % 2]
        _write_training(folder / subject / f"Seq{sequence}", motion)
    for number, (subject, (_, size)) in enumerate(TEST.items()):
        motion = mapping.points(next(people).positions)[: frames + 2 + number % 2]
        _write_test(folder / subject, motion, size)


def _cameras(size: tuple[int, int]) -> list[Camera]:
    cameras = []
    for number in range(CAMERA_COUNT):
        angle = 2 * np.pi * number / CAMERA_COUNT
        place = np.array([4 * np.cos(angle), 4 * np.sin(angle), 1.0 + number % 3])
        cameras.append(Camera.looking_at(place, np.array([0, 0, 0.9]), FOCAL, *size))
    return cameras


def _write_training(folder: Path, motion: NDArray[np.float32]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cells = {name: np.empty((CAMERA_COUNT, 1), object) for name in ("annot2", "annot3")}
    cells["univ_annot3"] = np.empty((CAMERA_COUNT, 1), object)
    text = ["Skeletool Camera Calibration File V1.0"]
    for number, camera in enumerate(_cameras((2048, 2048))):
        positions = camera.world_to_camera(motion.astype(np.float64))
        points = np.zeros((len(motion), 28, 3))
        points[:, JOINTS] = positions * 1000
        pixels = np.zeros((len(motion), 28, 2))
        pixels[:, JOINTS] = camera.project(positions)
        cells["annot2"][number, 0] = pixels.reshape(len(motion), -1)
        cells["annot3"][number, 0] = points.reshape(len(motion), -1)
        cells["univ_annot3"][number, 0] = points.reshape(len(motion), -1) * UNIVERSAL
        lens = np.eye(4)
        lens[[0, 1], [0, 1]], lens[:2, 2] = camera.focal_length, camera.centre
        place = np.eye(4)
        place[:3, :3] = camera.rotation
        place[:3, 3] = -camera.rotation @ camera.position * 1000
        text += [
            f"name {number}",
            f"  sensor {SENSOR[0]} {SENSOR[1]}",
            "  size 2048 2048",
            "  animated 0",
            "  intrinsic " + "".join(f"{value:.6g} " for value in lens.ravel()),
            "  extrinsic " + "".join(f"{value:.6g} " for value in place.ravel()),
            "  radial 0",
        ]
    (folder / "camera.calibration").write_text("\n".join(text) + "\n", encoding="ascii")
    arrays = {
        **cells,
        "cameras": np.arange(CAMERA_COUNT, dtype=np.uint8)[None],
        "frames": np.arange(len(motion), dtype=np.uint16)[:, None],
    }
    scipy.io.savemat(folder / "annot.mat", arrays, do_compression=True)


def _write_test(folder: Path, motion: NDArray[np.float32], size: tuple[int, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    camera = _cameras(size)[3]
    positions = camera.world_to_camera(motion.astype(np.float64))
    frames = len(motion)
    valid = np.ones((frames, 1))
    valid[1] = 0
    path = folder / "annot_data.mat"
    path.unlink(missing_ok=True)
    with h5py.File(path, "w", userblock_size=MATLAB_HEADER, track_order=False) as file:
        arrays = {
            "annot2": camera.project(positions)[:, None],
            "annot3": positions[:, None] * 1000,
            "univ_annot3": positions[:, None] * 1000 * UNIVERSAL,
            "valid_frame": valid,
            "activity_annotation": np.arange(frames, dtype=np.float64)[:, None] % 7 + 1,
        }
        for name, value in arrays.items():
            written = file.create_dataset(name, data=value, track_times=False)
            written.attrs["MATLAB_class"] = np.bytes_("double")
        references = file.create_group("#refs#")
        crops = file.create_dataset("bb_crop", (frames, 1), h5py.ref_dtype)
        crops.attrs["MATLAB_class"] = np.bytes_("cell")
        for frame in range(frames):
            crop = references.create_dataset(f"f{frame}", data=np.zeros((34, 1)), track_times=False)
            crops[frame, 0] = crop.ref
    header = b"MATLAB 7.3 MAT-file, made up by anatomy_tf".ljust(124) + b"\x00\x02IM"
    with path.open("r+b") as raw:
        raw.write(header)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "dummy_data")
