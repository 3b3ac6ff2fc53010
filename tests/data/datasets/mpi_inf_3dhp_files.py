"""Small files in the exact layouts of P-STMO's archives of MPI-INF-3DHP, about invented people."""

import numpy as np

from anatomy_tf.cameras import project

TRAIN_CAMERAS = ("0", "1", "2", "4", "5", "6", "7", "8")
SEQUENCES = {
    **{f"S{n} Seq{m}": 25 for n in range(1, 9) for m in (1, 2)},
    "S1 Seq2": 50,
    "S3 Seq1": 50,
    "S3 Seq2": 50,
}
FRAMES = 5
TEST_FRAMES = {"TS1": 4, "TS2": 4, "TS3": 4, "TS4": 4, "TS5": 6, "TS6": 5}
TEST_SIZES = {n: (1920, 1080) if n in ("TS5", "TS6") else (2048, 2048) for n in TEST_FRAMES}


def lens(name: str) -> np.ndarray:
    """(9,) pixels; each camera's own."""
    number = sum(name.encode()) % 97
    width, height = TEST_SIZES.get(name, (2048, 2048))
    return np.array([1500 + number, 1490 + number, width / 2 + 3, height / 2 - 5, *np.zeros(5)])


def motion(name: str, frames: int) -> np.ndarray:
    """(T, 17, 3) mm in the camera's frame, float32."""
    rng = np.random.default_rng(int.from_bytes(name.encode()[-8:], "big") % (1 << 32))
    body = rng.normal([100, -50, 3800], [250, 450, 250], (1, 17, 3))
    steps = np.cumsum(rng.normal(0, 12, (frames, 17, 3)), axis=0)
    return (body + steps).astype(np.float32)


def view(name: str, frames: int) -> dict:
    positions = motion(name, frames)
    return {"data_2d": project(positions, lens(name)).astype(np.float32), "data_3d": positions}


def train_data() -> dict:
    return {
        name: [{camera: view(f"{name} {camera}", FRAMES) for camera in TRAIN_CAMERAS}, fps]
        for name, fps in SEQUENCES.items()
    }


def valid(name: str) -> np.ndarray:
    """Every third frame is not valid."""
    return (np.arange(TEST_FRAMES[name]) % 3 != 1).astype(np.float64)


def test_set() -> dict:
    return {
        name: {**view(name, frames), "valid": valid(name)} for name, frames in TEST_FRAMES.items()
    }


def write_train(directory, data=None):
    path = directory / "data_train_3dhp.npz"
    np.savez_compressed(path, data=train_data() if data is None else data)
    return path


def write_test(directory, data=None):
    path = directory / "data_test_3dhp.npz"
    np.savez_compressed(path, data=test_set() if data is None else data)
    return path
