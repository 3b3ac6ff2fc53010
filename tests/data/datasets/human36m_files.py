"""Small files in the exact layouts of Human3.6M's archives, about a person we make up."""

import json
import pickle

import numpy as np

from anatomy_tf.cameras import Camera, denormalize_screen
from anatomy_tf.formats.motion.human36m_metadata import CAMERAS, IMAGE_SIZES, SUBJECTS

JOINTS_OF_32 = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
CLIPS = {"Directions 1": 6, "Photo": 4, "WalkDog 1": 5}
EXTRA_FRAMES = 2


def rotation(x: float, y: float, z: float) -> np.ndarray:
    a = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    b = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    c = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return a @ b @ c


def some_cameras(subject: str) -> list[Camera]:
    """Four cameras in a room's corners that look at its middle."""
    person = SUBJECTS.index(subject)
    cameras = []
    corners = ((3, 4), (-3, 4), (3, -4), (-3, -4))
    for index, (corner, (width, height)) in enumerate(zip(corners, IMAGE_SIZES, strict=True)):
        place = np.array([*corner, 1.5]) + 0.1 * person
        looking = Camera.looking_at(place, np.array([0, 0, 0.9]), 1145, width, height)
        cameras.append(
            Camera(
                rotation=looking.rotation,
                position=place,
                focal_length=np.array([1145.0 + index, 1144.0]),
                centre=np.array([512.0, 515.0 + index]),
                width=width,
                height=height,
                radial=np.array([-0.2, 0.24, -0.002]),
                tangential=np.array([-0.0009, -0.0015]),
                name=CAMERAS[index],
            )
        )
    return cameras


def euler_angles(matrix: np.ndarray) -> np.ndarray:
    """x, y, z with ``rotation(x, y, z) == matrix``."""
    return np.array(
        [
            np.arctan2(-matrix[1, 2], matrix[2, 2]),
            np.arcsin(matrix[0, 2]),
            np.arctan2(-matrix[0, 1], matrix[0, 0]),
        ]
    )


def world(subject: str, clip: str) -> np.ndarray:
    """(T, 32, 3) metres, float32."""
    rng = np.random.default_rng(abs(hash_of(subject + clip)))
    body = rng.normal([0, 0, 0.9], [0.2, 0.2, 0.4], (1, 32, 3))
    steps = np.cumsum(rng.normal(0, 0.01, (CLIPS[clip], 32, 3)), axis=0)
    return (body + steps).astype(np.float32)


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode()[:12], "big") % (1 << 32)


def seen(subject: str, clip: str, camera: int) -> np.ndarray:
    """(T + extra, 17, 2) pixels, float32: exact projections, then frames without 3D."""
    eye = some_cameras(subject)[camera]
    points = eye.world_to_camera(world(subject, clip)[:, JOINTS_OF_32])
    pixels = eye.project(points)
    return np.concatenate([pixels, pixels[-1:].repeat(EXTRA_FRAMES, axis=0)]).astype(np.float32)


def positions_3d(subjects=SUBJECTS) -> dict:
    return {s: {clip: world(s, clip) for clip in CLIPS} for s in subjects}


def positions_2d(subjects=SUBJECTS) -> dict:
    return {s: {clip: [seen(s, clip, c) for c in range(4)] for clip in CLIPS} for s in subjects}


METADATA = {
    "num_joints": 17,
    "keypoints_symmetry": [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]],
}


def scores(subjects=SUBJECTS) -> dict:
    """As Anatomy3D's: (T, 17, 1), some one frame short, some with extra frames."""
    table = {}
    for number, (s, clip, camera) in enumerate(
        (s, clip, c) for s in subjects for clip in CLIPS for c in range(4)
    ):
        frames = CLIPS[clip] + (number % 3) - 1
        values = np.arange(frames * 17, dtype=np.float32).reshape(frames, 17, 1)
        table[f"{s}_{clip}.{camera}"] = values / 1000
    return table


def write_positions(directory, table=None, name="positions_3d"):
    path = directory / "data_3d_h36m.npz"
    np.savez_compressed(path, **{name: positions_3d() if table is None else table})
    return path


def write_keypoints(directory, table=None, source="cpn_ft_h36m_dbb", metadata=METADATA):
    path = directory / f"data_2d_h36m_{source}.npz"
    table = positions_2d() if table is None else table
    np.savez_compressed(path, positions_2d=table, metadata=metadata)
    return path


def write_scores(directory, table=None):
    path = directory / "score.pkl"
    path.write_bytes(pickle.dumps(scores() if table is None else table))
    return path


def camera_parameters() -> dict:
    """The content of karfly's ``camera-parameters.json``."""
    lenses = some_cameras("S1")
    return {
        "intrinsics": {
            c.name: {
                "calibration_matrix": [
                    [c.focal_length[0], 0, c.centre[0]],
                    [0, c.focal_length[1], c.centre[1]],
                    [0, 0, 1],
                ],
                # k1, k2, p1, p2, k3
                "distortion": [*c.radial[:2], c.tangential[1], c.tangential[0], c.radial[2]],
            }
            for c in lenses
        },
        "extrinsics": {
            s: {
                c.name: {
                    "R": c.rotation.tolist(),
                    "t": (-1000 * c.rotation @ c.position)[:, None].tolist(),
                }
                for c in some_cameras(s)
            }
            for s in SUBJECTS
        },
    }


def write_camera_parameters(directory, content=None):
    path = directory / "camera-parameters.json"
    path.write_text(json.dumps(camera_parameters() if content is None else content))
    return path


def write_all(directory):
    write_positions(directory)
    write_keypoints(directory)
    write_keypoints(directory, source="gt")
    write_scores(directory)
    write_camera_parameters(directory)


def screen_to_pixels(view, camera: int) -> np.ndarray:
    return denormalize_screen(view.keypoints, *IMAGE_SIZES[camera])
