import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.views.virtual_cameras import CameraRanges, random_camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17


def travelling_clip(metres: float) -> MotionClip:
    rng = np.random.default_rng(0)
    body = rng.uniform([-0.3, -0.3, 0.0], [0.3, 0.3, 1.7], (17, 3))
    path = np.linspace(0, metres, 60)[:, None, None] * np.array([1.0, 0, 0])
    return MotionClip(body + path, HUMAN36M_17, 50, "ann", "walk", "one")


@pytest.mark.parametrize("metres", [0.0, 2.0, 8.0])
def test_every_camera_keeps_the_person_before_it_and_in_the_picture(metres):
    clip, ranges = travelling_clip(metres), CameraRanges()
    for seed in range(40):
        camera = random_camera(np.random.default_rng(seed), clip, ranges)
        seen = camera.world_to_camera(clip.positions)
        assert seen[..., 2].min() >= ranges.nearest_joint
        pixels = camera.project(seen)
        inside = ((pixels >= 0) & (pixels < (camera.width, camera.height))).all(axis=-1)
        assert inside.mean() >= ranges.in_picture
        assert ranges.height[0] <= camera.position[2] <= ranges.height[1]


def test_a_travelling_clip_is_seen_from_further_away():
    def mean_distance(metres):
        clip = travelling_clip(metres)
        cameras = [random_camera(np.random.default_rng(seed), clip) for seed in range(30)]
        middle = clip.positions.mean(axis=(0, 1))
        return np.mean([np.linalg.norm(camera.position - middle) for camera in cameras])

    assert mean_distance(8.0) > 1.3 * mean_distance(0.0)


def test_human36m_cameras():
    ranges = CameraRanges(human36m_share=1.0)
    for seed in range(10):
        camera = random_camera(np.random.default_rng(seed), travelling_clip(1.0), ranges)
        assert (camera.width, camera.height) == (1000, 1000)
        assert 1140 <= camera.focal_length[0] <= 1150
        assert camera.radial[0] < 0 < camera.radial[1]


def test_other_lenses_cover_the_range_of_the_longer_side():
    ranges = CameraRanges(human36m_share=0.0)
    cameras = [
        random_camera(np.random.default_rng(seed), travelling_clip(0.0), ranges)
        for seed in range(200)
    ]
    focal = np.array([c.focal_length[0] / max(c.width, c.height) for c in cameras])
    assert focal.min() < 0.8 and focal.max() > 2.6 and focal.min() >= 0.7 and focal.max() <= 3.0
    assert {(c.width, c.height) for c in cameras} == set(ranges.sizes)


def test_roll_is_within_its_range_and_cameras_come_from_all_around():
    cameras = [random_camera(np.random.default_rng(s), travelling_clip(0.0)) for s in range(100)]
    # Roll lifts the x axis of the camera out of the world's horizontal plane.
    roll = np.rad2deg(np.arcsin([c.rotation[0, 2] for c in cameras]))
    assert 2 < np.abs(roll).max() <= CameraRanges().roll
    azimuth = np.arctan2(*np.array([c.rotation[2, :2] for c in cameras]).T)
    assert np.histogram(azimuth, 4, (-np.pi, np.pi))[0].min() > 10


def test_the_same_numbers_give_the_same_camera():
    clip = travelling_clip(1.0)
    first, again, other = (random_camera(np.random.default_rng(s), clip) for s in (3, 3, 4))
    np.testing.assert_array_equal(first.intrinsics, again.intrinsics)
    np.testing.assert_array_equal(first.position, again.position)
    assert np.abs(first.position - other.position).max() > 0.01


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distance": (8.0, 1.0)}, "distance: expected .* in rising order"),
        ({"focal_length": (0.3, 1.0)}, "at least 0.5"),
        ({"human36m_share": 1.5}, "human36m_share: expected .* from 0 to 1, got 1.5"),
        ({"nearest_joint": 0.0}, "nearest_joint: expected .* above 0"),
        ({"sizes": ()}, "sizes: expected .* not empty"),
    ],
)
def test_ranges_that_make_no_sense(change, message):
    with pytest.raises(AnatomyError, match=message):
        dataclasses.replace(CameraRanges(), **change)


def test_a_clip_that_no_camera_can_see():
    clip = travelling_clip(1e6)
    with pytest.raises(AnatomyError, match="clip ann/one: no camera has it in view"):
        random_camera(np.random.default_rng(0), clip)
