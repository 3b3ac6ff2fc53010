"""The reference of the benchmark of four real cameras, on cameras and joints that are made up."""

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anatomy_tf.cameras import Camera
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import BLAZEPOSE_33

FRAMES, SIZE = 60, (1000, 800)
DELAYS = (-3.25, 2.5, 0.0, 1.0)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    yield importlib.import_module("four_cameras")
    sys.modules.pop("four_cameras", None)


def cameras() -> list[Camera]:
    places = ((4, 0, 2), (0, 4, 1.5), (-4, 0.5, 1), (0.3, -4, 2))
    return [
        Camera.looking_at(np.array(place, float), np.array((0, 0, 1.0)), 900.0, *SIZE)
        for place in places
    ]


def joints(times: np.ndarray) -> np.ndarray:
    """(T, 12, 3) joints that move smoothly about (0, 0, 1)."""
    phase = np.arange(36).reshape(12, 3)
    waves = np.sin(0.15 * times[:, None, None] + phase) * 0.4
    return waves + np.array((0, 0, 1.0))


def sights(benchmark: Any) -> list[Any]:
    found = []
    for camera, delay in zip(cameras(), DELAYS, strict=True):
        points = np.zeros((FRAMES, 33, 2), np.float32)
        world = joints(np.arange(FRAMES) - delay)
        places = [BLAZEPOSE_33.index(name) for name in benchmark.JOINTS]
        points[:, places] = camera.project(camera.world_to_camera(world))
        scores = np.ones((FRAMES, 33), np.float32)
        keypoints = KeypointSequence(points, scores, BLAZEPOSE_33, 60, *SIZE)
        found.append(benchmark.Sight(camera, keypoints))
    return found


@pytest.mark.slow
def test_delays_are_found_and_joints_are_where_they_were(benchmark):
    delays = benchmark.best_delays(sights(benchmark))
    np.testing.assert_allclose(delays, DELAYS, atol=0.05)
    times = np.arange(FRAMES, dtype=float)
    found = benchmark.triangulated(sights(benchmark), np.array(DELAYS), times)
    shown = ~np.isnan(found).any(axis=(1, 2))
    # Before frame 4 the first video has not begun; the second is over 3 frames early.
    assert np.flatnonzero(shown).tolist() == list(range(4, 57))
    np.testing.assert_allclose(found[shown], joints(times)[shown], atol=2e-3)


def test_qualisys_axes_are_right_up_and_backward(benchmark, tmp_path):
    path = tmp_path / "Calib.qca.txt"
    path.write_text(
        '<calibration><cameras><camera serial="cam01">'
        '<fov_video bottom="799" left="0" right="999" top="0"/>'
        '<transform r11="0" r12="1" r13="0" r21="0" r22="0" r23="1" r31="1" r32="0" r33="0" '
        'x="4000" y="0" z="1000"/>'
        '<intrinsic centerPointU="32000" centerPointV="25600" focalLengthU="57600" '
        'focalLengthV="57600" radialDistortion1="0.1" radialDistortion2="0" '
        'radialDistortion3="0" tangentalDistortion1="0" tangentalDistortion2="0.01"/>'
        "</camera></cameras></calibration>"
    )
    (camera,) = benchmark.qualisys_cameras(path)
    assert (camera.name, camera.width, camera.height) == ("cam01", 1000, 800)
    assert camera.focal_length.tolist() == [900, 900]
    assert camera.centre.tolist() == [500, 400]
    # It stands at x = 4 and looks back: a point higher up lies above the middle of the picture.
    seen = camera.world_to_camera(np.array([0, 0, 1.5]))
    np.testing.assert_allclose(seen, [0, -0.5, 4], atol=1e-12)
    assert camera.tangential == pytest.approx([0, 0.01])
