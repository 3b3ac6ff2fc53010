import numpy as np
import pytest

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses.root_position import place_in_camera, root_positions
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
    roots = rng.uniform((-1, -0.5, 4), (1, 0.5, 7), (FRAMES, 3))
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
    found = root_positions(positions, keypoints, intrinsics)
    np.testing.assert_allclose(found, [[1, 0, 4]], atol=1e-9)


@pytest.mark.parametrize("lens", [{}, DISTORTED], ids=["pinhole", "distorted"])
def test_exact_projections_give_exact_roots(lens):
    taken_by = camera(**lens)
    poses, roots, keypoints = scene(taken_by)
    placed = place_in_camera(poses, keypoints, taken_by)
    np.testing.assert_allclose(placed.positions[:, 0], roots, atol=1e-4)
    assert (placed.root_relative, placed.axes) == (False, "camera")
    np.testing.assert_allclose(placed.relative_to_root().positions, poses.positions, atol=1e-5)
    same = place_in_camera(poses, keypoints, taken_by.intrinsics)
    np.testing.assert_array_equal(same.positions, placed.positions)


def test_what_is_not_visible_does_not_count():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    wrong, visibility = keypoints.keypoints.copy(), keypoints.visibility.copy()
    wrong[:, 3] += 300
    visibility[:, 3] = 0
    wrong[:, 5] = np.nan
    placed = place_in_camera(poses, sequence(wrong, visibility), taken_by)
    np.testing.assert_allclose(placed.positions[:, 0], roots, atol=1e-4)
    seen = place_in_camera(poses, sequence(wrong), taken_by)
    assert np.abs(seen.positions[:, 0] - roots).max() > 0.1


def test_noise_of_a_pixel_costs_centimetres():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    noise = np.random.default_rng(1).normal(0, 1, keypoints.keypoints.shape)
    placed = place_in_camera(poses, sequence(keypoints.keypoints + noise), taken_by)
    errors = np.abs(placed.positions[:, 0] - roots)
    # One pixel of 1145 at 5.5 m, 17 joints: about 1.2 mm aside; depth is as many times worse as
    # the person is narrower than far.
    assert errors[:, :2].mean() < 0.005
    assert errors[:, 2].mean() < 0.02


def test_frames_without_a_view_are_interpolated():
    taken_by = camera()
    poses, roots, keypoints = scene(taken_by)
    holes = keypoints.keypoints.copy()
    holes[10, 1:] = np.nan
    holes[:2] = np.nan
    placed = place_in_camera(poses, sequence(holes), taken_by).positions[:, 0]
    np.testing.assert_allclose(placed[10], (roots[9] + roots[11]) / 2, atol=1e-4)
    np.testing.assert_allclose(placed[:2], roots[[2, 2]], atol=1e-4)


def test_what_cannot_be_placed_is_refused():
    taken_by = camera()
    poses, _, keypoints = scene(taken_by)
    one = np.full_like(keypoints.keypoints, np.nan)
    one[:, 0] = 500
    with pytest.raises(AnatomyError, match="no frame has enough visible joints"):
        place_in_camera(poses, sequence(one), taken_by)
    with pytest.raises(AnatomyError, match="expected keypoints of the same frames, got 3"):
        place_in_camera(poses, sequence(keypoints.keypoints[:3]), taken_by)
    with pytest.raises(AnatomyError, match="expected intrinsics"):
        place_in_camera(poses, keypoints, np.zeros(9))
    placed = place_in_camera(poses, keypoints, taken_by)
    with pytest.raises(AnatomyError, match="expected root-relative poses"):
        place_in_camera(placed, keypoints, taken_by)


def test_points_behind_the_camera_are_no_solution():
    # Rays that spread as if the person stood behind the lens.
    positions = np.array([[[0, 0, 0], [1.0, 0, 0]]])
    keypoints = np.array([[[0.2, 0], [0.0, 0]]])
    intrinsics = np.array([1.0, 1, 0, 0, 0, 0, 0, 0, 0])
    assert np.isnan(root_positions(positions, keypoints, intrinsics)).all()
