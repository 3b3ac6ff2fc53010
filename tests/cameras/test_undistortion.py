import numpy as np
import pytest

from anatomy_tf.cameras import project
from anatomy_tf.cameras.projection import pinhole_rays
from anatomy_tf.cameras.undistortion import undistort

PLAIN = (1145.0, 1144.0, 512.0, 515.0, 0, 0, 0, 0, 0)
HUMAN36M = (1145.0, 1144.0, 512.0, 515.0, -0.2, 0.24, -0.002, -0.0009, -0.0014)
WIDE = (600.0, 610.0, 500.0, 500.0, -0.1, 0.02, 0.0, 0.002, -0.001)


def test_without_distortion_it_is_a_quotient():
    ray = undistort(np.array([512 + 1145 / 2, 515 - 1144 / 4]), np.array(PLAIN))
    np.testing.assert_allclose(ray, [0.5, -0.25], atol=1e-12)


def test_without_undoing_it_distortion_stays():
    found = pinhole_rays(np.array([[500 + 300, 500 - 305], [500, 500]]), np.array(WIDE))
    np.testing.assert_allclose(found, [[0.5, -0.5], [0, 0]], atol=1e-7)


@pytest.mark.parametrize("intrinsics", [PLAIN, HUMAN36M, WIDE])
def test_it_inverts_projection(intrinsics):
    intrinsics = np.array(intrinsics)
    rays = np.random.default_rng(0).uniform(-0.6, 0.6, (7, 5, 2))
    points = np.concatenate([rays, np.ones((7, 5, 1))], axis=-1) * 3.0
    np.testing.assert_allclose(undistort(project(points, intrinsics), intrinsics), rays, atol=1e-8)


def test_rays_beyond_45_degrees_are_found():
    # By hand: r (1 + 0.1 r^2) at r = 3, 72 degrees from the axis, is 5.7.
    pincushion = np.array([1.0, 1, 0, 0, 0.1, 0, 0, 0, 0])
    np.testing.assert_allclose(undistort(np.array([0.0, 5.7]), pincushion), [0, 3], atol=1e-9)
    # And at r = 1.5 r (1 - 0.1 r^2 + 0.02 r^4) is 1.314375.
    barrel = np.array([1.0, 1, 0, 0, -0.1, 0.02, 0, 0, 0])
    np.testing.assert_allclose(undistort(np.array([1.314375, 0]), barrel), [1.5, 0], atol=1e-9)


def test_what_the_lens_cannot_reach_is_nan_and_said():
    # r (1 - r^2 / 2) is at most 0.544, at r = 0.816.
    barrel = np.array([1.0, 1, 0, 0, -0.5, 0, 0, 0, 0])
    # To 2 comes a ray from the other side, -2 (1 - 4 / 2), where the image is inside out.
    pixels = np.array([[0.3, 0], [0.6, 0], [np.nan, 0], [0.544, 0], [2, 0]])
    with pytest.warns(RuntimeWarning, match="2 of 5 pixels lie beyond"):
        rays = undistort(pixels, barrel)
    np.testing.assert_array_equal(np.isnan(rays[:, 0]), [False, True, True, False, True])
    assert 0.79 < rays[3, 0] < 0.8166  # the nearer of the two rays that come there


def test_a_lens_without_distortion_reaches_every_pixel():
    far = np.array([[1e6, -1e6], [512, 515]])
    assert np.isfinite(undistort(far, np.array(PLAIN))).all()
