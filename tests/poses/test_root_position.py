import dataclasses

import numpy as np
import pytest

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses.root_position import NEAREST, place_in_camera, root_path
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17

FRAMES = 40
DISTORTED = {"radial": (-0.2, 0.24, -0.002), "tangential": (-0.0009, -0.0014)}


def camera(**lens):
    return Camera(
        np.eye(3), np.zeros(3), np.array([1145, 1140]), np.array([512, 515]), 1000, 1002, **lens
    )


def scene(lens):
    """Poses, the roots' true places and the exact keypoints of a person who walks about."""
    rng = np.random.default_rng(0)
    relative = rng.uniform(-0.8, 0.8, (FRAMES, 17, 3))
    relative[:, 0] = 0
    # Walks at an even pace, as the prior likes it best.
    roots = np.linspace((-0.5, 0.2, 4), (0.5, 0.1, 5.5), FRAMES)
    pixels = lens.project(relative + roots[:, None])
    poses = PoseSequence(relative, HUMAN36M_17, 50.0)
    return poses, roots, sequence(pixels)


def sequence(pixels, visibility=None):
    visibility = np.ones(pixels.shape[:2]) if visibility is None else visibility
    return KeypointSequence(pixels, visibility, HUMAN36M_17, 50.0, 1000, 1002)


def test_two_joints_by_hand():
    # Focal length 1, root at (1, 0, 4): joints at (1, 0, 4) and (1, 1, 5).
    positions = np.array([[[0, 0, 0], [0, 1, 1]]])
    keypoints = np.array([[[0.25, 0], [0.2, 0.2]]])
    intrinsics = np.array([1.0, 1, 0, 0, 0, 0, 0, 0, 0])
    found = root_path(positions, keypoints, intrinsics, 50)
    np.testing.assert_allclose(found, [[1, 0, 4]], atol=1e-9)


@pytest.mark.parametrize("lens", [{}, DISTORTED], ids=["pinhole", "distorted"])
def test_exact_projections_give_exact_roots(lens):
    taken_by = camera(**lens)
    poses, roots, keypoints = scene(taken_by)
    placed = place_in_camera(poses, keypoints, taken_by)
    np.testing.assert_allclose(placed.root, roots, atol=2e-3)
    assert (placed.root_relative, placed.axes) == (False, "camera")
    np.testing.assert_allclose(placed.relative_to_root().positions, poses.positions, atol=1e-5)
    same = place_in_camera(poses, keypoints, taken_by.intrinsics)
    np.testing.assert_array_equal(same.positions, placed.positions)
    np.testing.assert_array_equal(same.camera.intrinsics, taken_by.intrinsics)


def test_what_is_not_visible_does_not_count():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    wrong, visibility = keypoints.keypoints.copy(), keypoints.visibility.copy()
    wrong[:, 3] += 300
    visibility[:, 3] = 0
    wrong[:, 5] = np.nan
    placed = place_in_camera(poses, sequence(wrong, visibility), taken_by)
    np.testing.assert_allclose(placed.root, roots, atol=2e-3)


def test_outliers_hardly_count():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    wrong = keypoints.keypoints.copy()
    # An ankle that is always wrong, and all joints in one frame.
    wrong[:, 3] += 300
    wrong[20] += np.random.default_rng(2).normal(0, 200, (17, 2))
    errors = np.abs(place_in_camera(poses, sequence(wrong), taken_by).root - roots)
    assert errors[:, :2].max() < 0.01
    assert errors[:, 2].max() < 0.03


def test_depth_is_smooth_where_the_pose_trembles():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    noise = np.random.default_rng(1).normal(0, 0.05, poses.positions.shape)
    noise[:, 0] = 0
    trembling = PoseSequence(poses.positions + noise, HUMAN36M_17, 50.0)
    depth = place_in_camera(trembling, keypoints, taken_by).root[:, 2]
    # Each frame by itself would leap by 6 cm: 5 cm / 17 joints of 0.45 m extent at 4.75 m.
    assert np.abs(np.diff(depth) - np.diff(roots[:, 2])).max() < 0.006
    assert np.abs(depth - roots[:, 2]).mean() < 0.05


def test_noise_of_a_pixel_costs_centimetres():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    noise = np.random.default_rng(1).normal(0, 1, keypoints.keypoints.shape)
    placed = place_in_camera(poses, sequence(keypoints.keypoints + noise), taken_by)
    errors = np.abs(placed.root - roots)
    assert errors[:, :2].mean() < 0.002
    assert errors[:, 2].mean() < 0.01


def test_frames_without_a_view_lie_between_the_others():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    holes = keypoints.keypoints.copy()
    holes[10, 1:] = np.nan
    holes[30:] = np.nan
    placed = place_in_camera(poses, sequence(holes), taken_by).root
    np.testing.assert_allclose(placed[10], roots[10], atol=0.02)
    # Beyond the last view the path comes to rest instead of running away.
    assert np.abs(np.diff(placed[30:], axis=0)).max() < np.abs(np.diff(roots, axis=0)).max()


def test_nobody_comes_behind_the_camera():
    taken_by = camera()
    # Comes nearer at 6 m/s for half a second; then a frame whose joints are mirrored, which would
    # be behind the camera, and nothing more.
    frames = 100
    rng = np.random.default_rng(3)
    relative = rng.uniform(-0.3, 0.3, (1, 17, 3)) * np.ones((frames, 1, 1))
    relative[:, 0] = 0
    roots = np.zeros((frames, 3)) + np.maximum(0.6, 4 - 0.12 * np.arange(frames))[:, None] * (
        0,
        0,
        1,
    )
    pixels = taken_by.project(relative + roots[:, None])
    pixels[30:] = np.nan
    pixels[30] = 2 * pixels[29, 0] - pixels[29]
    poses = PoseSequence(relative, HUMAN36M_17, 50.0)
    placed = place_in_camera(poses, sequence(pixels), taken_by)
    assert placed.positions[..., 2].min() > NEAREST - 1e-6
    assert placed.root[-1, 2] < placed.root[0, 2]


def test_a_camera_in_the_room_says_what_is_up():
    room = Camera.looking_at(np.array([5.0, 0, 2]), np.array([0.0, 0, 1]), 1000, 1000, 1002)
    poses, _, keypoints = scene(room)
    placed = place_in_camera(poses, keypoints, room)
    np.testing.assert_allclose(placed.up, room.rotation[:, 2], atol=1e-12)
    np.testing.assert_array_equal(placed.camera.rotation, np.eye(3))
    np.testing.assert_array_equal(placed.camera.position, np.zeros(3))
    assert place_in_camera(poses, keypoints, camera()).up is None


def test_a_camera_of_a_larger_video():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    placed = place_in_camera(poses, keypoints, taken_by.resized(2000, 2004))
    np.testing.assert_allclose(placed.root, roots, atol=2e-3)
    with pytest.raises(AnatomyError, match="the shape 1002x960, got 1000x1002"):
        place_in_camera(poses, keypoints, Camera.pinhole(1000, 1002, 1000 - 40))


def test_what_cannot_be_placed_is_refused():
    taken_by = camera()
    poses, _, keypoints = scene(taken_by)
    one = np.full_like(keypoints.keypoints, np.nan)
    one[:, 0] = 500
    with pytest.raises(AnatomyError, match="person 0: no frame has enough visible joints"):
        place_in_camera(poses, sequence(one), taken_by)
    same_place = np.full_like(keypoints.keypoints, 500)
    point = PoseSequence(np.zeros_like(poses.positions), HUMAN36M_17, 50.0)
    with pytest.raises(AnatomyError, match="no frame has enough visible joints"):
        place_in_camera(point, sequence(same_place), taken_by)
    with pytest.raises(AnatomyError, match="got 40 at 25 fps for 40 poses at 50 fps"):
        place_in_camera(poses, dataclasses.replace(keypoints, fps=25.0), taken_by)
    with pytest.raises(AnatomyError, match="expected keypoints of the same frames, got 3"):
        place_in_camera(poses, sequence(keypoints.keypoints[:3]), taken_by)
    with pytest.raises(AnatomyError, match="expected intrinsics"):
        place_in_camera(poses, keypoints, np.zeros(9))
    with pytest.raises(AnatomyError, match="camera: expected numbers"):
        place_in_camera(poses, keypoints, "front")
    placed = place_in_camera(poses, keypoints, taken_by)
    with pytest.raises(AnatomyError, match="expected root-relative poses"):
        place_in_camera(placed, keypoints, taken_by)


def test_points_behind_the_camera_are_no_solution():
    # Rays that spread as if the person stood behind the lens.
    positions = np.array([[[0, 0, 0], [1.0, 0, 0]]])
    keypoints = np.array([[[0.2, 0], [0.0, 0]]])
    intrinsics = np.array([1.0, 1, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(AnatomyError, match="no frame has enough visible joints"):
        root_path(positions, keypoints, intrinsics, 50)
