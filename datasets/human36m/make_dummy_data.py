"""Write ``dummy_data/``: made-up motion in the exact format of Human3.6M's files.

    python datasets/human36m/make_dummy_data.py

Two clips of each person with a few frames, and a third, S11's damaged one, which is never read.
"""

from __future__ import annotations

import dataclasses
import pickle
import sys
from pathlib import Path

import cdflib.cdfwrite
import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.data.datasets.human36m_archives import JOINTS_OF_32
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.formats.motion.human36m_metadata import (
    CAMERAS,
    IMAGE_SIZES,
    SUBJECTS,
    canonical_clip,
)

CLIPS = ("Directions 1", "WalkingDog")
PEOPLE = 11
CDF_FLOAT = 44
LENS = (1145.0, 1144.0, 512.0, 515.0, -0.2, 0.24, -0.002, -0.001, -0.0014)
PLACES = ((1.8, 5.0, 1.6), (1.8, -5.2, 1.5), (-1.8, 5.2, 1.6), (-1.8, -3.7, 1.6))
"""Positions of the four cameras, metres."""


def main(folder: Path) -> None:
    """Write the files.

    Args:
        folder: folder to write to, made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cameras = [_camera(index) for index in range(4)]
    (folder / "metadata.xml").write_text(_metadata(cameras), encoding="utf-8")
    detections: dict[str, dict[str, list[NDArray[np.float32]]]] = {}
    scores: dict[str, NDArray[np.float32]] = {}
    rng = np.random.default_rng(0)
    motions = iter(procedural_motion(len(SUBJECTS), 2.0, 50.0, seed=1))
    for number, subject in enumerate(SUBJECTS):
        motion = next(motions).positions
        positions_folder = folder / subject / "MyPoseFeatures/D3_Positions"
        positions_folder.mkdir(parents=True, exist_ok=True)
        for start, clip in enumerate(_clips(subject)):
            positions = motion[5 * start : 5 * start + 4 + number % 3]
            _write_cdf(positions_folder / f"{clip}.cdf", positions)
            views = []
            for index, camera in enumerate(cameras):
                pixels = camera.project(camera.world_to_camera(positions))
                found = (pixels + rng.normal(0, 3, pixels.shape)).astype(np.float32)
                # Some of the videos go on after the motion capture.
                views.append(np.concatenate([found, found[-1:]]) if index == 1 else found)
                kept = len(found) - (index == 2)
                scores[f"{subject}_{canonical_clip(clip)}.{index}"] = rng.uniform(
                    0.2, 1, (kept, 17)
                ).astype(np.float32)
            detections.setdefault(subject, {})[canonical_clip(clip)] = views
    symmetry = [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]
    layout = {"layout_name": "h36m", "num_joints": 17, "keypoints_symmetry": symmetry}
    for detector in ("cpn_ft_h36m_dbb", "detectron_ft_h36m"):
        np.savez_compressed(
            folder / f"data_2d_h36m_{detector}.npz",
            positions_2d=np.array(detections, object),
            metadata=np.array(layout, object),
        )
    with (folder / "score.pkl").open("wb") as file:
        pickle.dump(scores, file)


def _clips(subject: str) -> tuple[str, ...]:
    return (*CLIPS, "Directions") if subject == "S11" else CLIPS


def _camera(index: int) -> Camera:
    width, height = IMAGE_SIZES[index]
    place = np.array(PLACES[index])
    camera = Camera.looking_at(place, np.array([0, 0, 0.9]), LENS[0], width, height)
    lens = np.array(LENS)
    return dataclasses.replace(
        camera,
        focal_length=lens[:2],
        centre=lens[2:4],
        radial=lens[4:7],
        tangential=lens[7:],
    )


def _metadata(cameras: list[Camera]) -> str:
    """Return metadata.xml, with the four cameras standing alike for all people."""
    numbers: list[float] = []
    for camera in cameras:
        turn = camera.rotation
        angles = (
            np.arctan2(-turn[1, 2], turn[2, 2]),
            np.arcsin(turn[0, 2]),
            np.arctan2(-turn[0, 1], turn[0, 0]),
        )
        numbers += [*angles, *(camera.position * 1000)] * PEOPLE
    numbers += [*LENS] * len(cameras)
    people = [f"S{number}" for number in range(1, PEOPLE + 1)]
    rows = [["", "", *people]]
    rows.append(["1", "1", *["_ALL 1"] * PEOPLE])
    names = (*CLIPS, "Directions")
    for row, name in enumerate(names, start=2):
        cells = [name if name in CLIPS or person == "S11" else "" for person in people]
        rows.append([str(row), "1", *cells])
    table = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    cells = "".join(f"<e>{name}</e>" for name in CAMERAS)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<metadata>\n'
        f"<mapping>\n{table}</mapping>\n<dbcameras><index2id>{cells}</index2id></dbcameras>\n"
        f"<w0>[{' '.join(f'{number:.10g}' for number in numbers)}]</w0>\n</metadata>\n"
    )


def _write_cdf(path: Path, positions: NDArray[np.floating]) -> None:
    """Write positions (T, 17, 3), metres, as the site's CDF: ``Pose`` (1, T, 96), millimetres."""
    pose = np.zeros((1, len(positions), 32, 3), np.float32)
    pose[0, :, JOINTS_OF_32] = (positions * 1000).transpose(1, 0, 2)
    path.unlink(missing_ok=True)
    file = cdflib.cdfwrite.CDF(path, cdf_spec={"Majority": "row_major", "Compressed": 0})
    specification = {
        "Variable": "Pose",
        "Data_Type": CDF_FLOAT,
        "Num_Elements": 1,
        "Rec_Vary": True,
        "Dim_Sizes": [len(positions), 96],
        "Compress": 6,
    }
    file.write_var(specification, var_data=pose.reshape(1, len(positions), 96))
    file.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "dummy_data")
