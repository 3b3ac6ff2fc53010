"""The virtual camera that looks at the person, level with the horizon."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.cameras.canonical_view import (
    camera_up,
    level_view,
    ray_directions,
    seen,
    turned_back,
    turned_into,
)


def unit(vector):
    return np.asarray(vector, np.float32) / np.linalg.norm(vector)


def test_the_axes_are_a_rotation_whose_down_is_away_from_up():
    forward, up = unit([0.3, 0.2, 1]), unit([0.2, -0.9, 0.1])
    axes, view = level_view(forward, up, np.ones(1, np.float32))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-6)
    assert np.linalg.det(axes) == pytest.approx(1)
    np.testing.assert_allclose(axes[2], forward, atol=1e-6)
    # Seen from there, up has no sideways part.
    sine, cosine, known = view
    np.testing.assert_allclose(axes @ up, [0, -cosine, sine], atol=1e-6)
    assert known == 1


def test_a_level_camera_that_looks_at_the_person_keeps_its_axes():
    axes, view = level_view(
        np.float32([0, 0, 1]), camera_up(np.zeros(3, np.float32)), np.zeros(1, np.float32)
    )
    np.testing.assert_allclose(axes, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(view, [0, 1, 0], atol=1e-6)


@pytest.mark.parametrize("straight", [1, -1])
def test_a_camera_that_looks_straight_down_or_up_goes_by_the_picture(straight):
    forward = np.float32([0, 0, 1])
    axes, view = level_view(forward, straight * forward, np.ones(1, np.float32))
    np.testing.assert_allclose(axes, np.eye(3), atol=1e-5)
    np.testing.assert_allclose(view[:2], [straight, 0], atol=1e-5)


def test_straight_above_a_person_beside_the_picture_the_axes_are_a_rotation():
    forward = unit([0.2, 0.5, 1])
    axes, _ = level_view(forward, -forward, np.ones(1, np.float32))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-6)


def test_the_horizon_gives_way_to_the_picture_where_up_is_steep():
    # Up is 6 degrees from the optical axis, and leans to the right of the picture: by hand.
    up = np.array([0.1, 0, np.sqrt(0.99)], np.float32)
    axes, _ = level_view(np.float32([0, 0, 1]), up, np.ones(1, np.float32))
    down = np.array([-0.1, np.exp(-1), 0])
    np.testing.assert_allclose(axes[1], down / np.linalg.norm(down), atol=1e-6)


def test_keypoints_are_in_units_of_the_persons_size_and_stay_finite_beside_the_camera():
    directions = np.array([[0, 0, 1], [0.6, 0, 0.8], [0, 1, 0], [0.6, 0, -0.8]])
    found = seen(directions, np.eye(3), np.array([0.5]))
    # 0.6 / 0.8 / 0.5, then with the least depth of 0.05.
    np.testing.assert_allclose(found, [[0, 0], [1.5, 0], [0, 40], [24, 0]])


def test_what_is_seen_does_not_depend_on_how_the_camera_is_turned():
    rng = np.random.default_rng(0)
    points = rng.normal([0.3, -0.2, 4], 0.4, (17, 3))
    up = unit([0.05, -1, 0.2])
    turn = Rotation.from_euler("zxy", [35, -20, 15], degrees=True).as_matrix()
    found = []
    for rotation in (np.eye(3), turn):
        rays = (points @ rotation.T)[:, :2] / (points @ rotation.T)[:, 2:]
        directions = ray_directions(rays)
        forward = unit(directions.mean(axis=0))
        axes, view = level_view(forward, rotation @ up, np.ones(1))
        found.append((seen(directions, axes, np.array([0.1])), view, axes @ rotation))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_vectors_are_turned_back_exactly():
    rng = np.random.default_rng(0)
    axes = Rotation.random(5, random_state=0).as_matrix()
    vectors = rng.normal(size=(5, 17, 3))
    turned = turned_into(vectors, axes)
    np.testing.assert_allclose(turned[2, 3], axes[2] @ vectors[2, 3])
    np.testing.assert_allclose(turned_back(turned, axes), vectors, atol=1e-12)


@pytest.mark.slow
def test_tensors_give_the_same():
    from keras import ops

    rng = np.random.default_rng(0)
    rays = rng.normal(0, 0.3, (2, 4, 17, 2)).astype(np.float32)
    up = np.broadcast_to(unit([0.1, -1, 0.3]), (2, 4, 3)).astype(np.float32)
    ones = np.ones((2, 4, 1), np.float32)
    found = []
    for xp in (np, ops):
        directions = ray_directions(xp.array(rays), xp)
        forward = directions[:, :, 0]
        axes, view = level_view(forward, xp.array(up), xp.array(ones), xp)
        found.append([axes, view, seen(directions, axes, xp.array(ones), xp)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, ops.convert_to_numpy(other), atol=1e-5)
