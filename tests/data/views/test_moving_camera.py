import numpy as np
import pytest

from anatomy_tf.cameras import Camera
from anatomy_tf.data.views.moving_camera import MovingCamera, pixels_in_picture
from anatomy_tf.errors import AnatomyError


def lens(**changes) -> Camera:
    values = {
        "rotation": np.eye(3),
        "position": np.zeros(3),
        "focal_length": np.full(2, 500.0),
        "centre": np.array([320.0, 240.0]),
        "width": 640,
        "height": 480,
    }
    return Camera(**(values | changes))


def test_each_frame_has_its_own_axes():
    first, second = (
        Camera.looking_at(np.array(at), np.array([0, 0, 1.0]), 500, 640, 480, roll)
        for at, roll in (([4.0, 0, 1], 0.0), ([0, 3.0, 2], 0.3))
    )
    moving = MovingCamera(
        lens(),
        np.stack([first.rotation, second.rotation]),
        np.stack([first.position, second.position]),
    )
    points = np.random.default_rng(0).normal(0, 0.5, (2, 5, 3))
    seen = moving.world_to_camera(points)
    np.testing.assert_allclose(seen[0], first.world_to_camera(points[0]))
    np.testing.assert_allclose(seen[1], second.world_to_camera(points[1]))
    np.testing.assert_allclose(moving.up, [first.up, second.up])
    np.testing.assert_allclose(first.up, [0, -1, 0], atol=1e-12)
    # What lies higher in the world lies further along up.
    above = moving.world_to_camera(points + np.array([0, 0, 1]))
    np.testing.assert_allclose(above - seen, np.broadcast_to(moving.up[:, None], seen.shape))
    with pytest.raises(AnatomyError, match=r"expected rotation \(2, 3, 3\)"):
        MovingCamera(lens(), np.eye(3), np.zeros((2, 3)))


def test_a_pinholes_picture_ends_at_its_border():
    points = np.array(
        [[0, 0, 5], [3.19, 0, 5], [3.21, 0, 5], [0, -2.41, 5], [0, 0, -5], [90, 0, 5]]
    )
    pixels, inside = pixels_in_picture(points, lens())
    assert inside.tolist() == [True, True, False, False, False, False]
    np.testing.assert_allclose(pixels[:3, 0], [320, 639, 641])


def test_a_bending_lens_puts_nothing_from_outside_into_the_picture():
    """k1 of -0.4 brings a ray of 57 degrees back to the middle."""
    barrel = lens(radial=np.array([-0.4, 0, 0]))
    far = np.array([[1.55, 0.0, 1.0], [0.9, 0.9, 1.0]])
    assert (np.abs(barrel.project(np.array([[0.9, 0.9, 1.0]])) - [320, 240]) < 240).all()
    pixels, inside = pixels_in_picture(far, barrel)
    assert not inside.any()
    np.testing.assert_allclose(pixels[0], [320 + 1.55 * 500, 240])
    near = np.array([[0.3, 0.1, 1.0]])
    pixels, inside = pixels_in_picture(near, barrel)
    assert inside.all()
    np.testing.assert_allclose(pixels, barrel.project(near), rtol=1e-6)
