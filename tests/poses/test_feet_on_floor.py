"""Which feet stand, and the floor under them."""

import numpy as np
import pytest

from anatomy_tf.anatomy import angle_between
from anatomy_tf.poses import floor_up, standing_feet, still_feet


def _feet(*height):
    """(T, 1, 3) one foot at these heights."""
    return np.array(height, float)[:, None, None] * [0, 0, 1]


def test_still_hand_worked():
    # At 10 frames a second 0.01 m a frame is 0.1 m/s: still; 0.04 over two frames is 0.2 m/s.
    feet = _feet(0, 0.01, 0.02, 0.05, 0.06)
    assert still_feet(feet, 10)[:, 0].tolist() == [True, True, False, False, True]
    assert still_feet(feet, 10, speed=0.5).all()


def test_beside_an_unknown_foot_none_is_still():
    feet = np.zeros((5, 1, 3))
    feet[2] = np.nan
    assert still_feet(feet, 10)[:, 0].tolist() == [True, False, False, False, True]


def test_one_frame_shows_no_rest():
    assert still_feet(np.zeros((1, 2, 3)), 50).tolist() == [[False, False]]


def test_a_foot_held_in_the_air_does_not_stand():
    feet = np.concatenate([_feet(*[height] * 4) for height in (5, 5.14, 5.16)], axis=1)
    assert standing_feet(feet, 50).all()
    up = np.array([0, 0, 1.0])
    assert standing_feet(feet, 50, up).tolist() == [[True, True, False]] * 4
    # An unknown foot does not say how high the floor is.
    feet[0, 0] = np.nan
    expected = [[False, True, False]] * 2 + [[True, True, False]] * 2
    assert standing_feet(feet, 50, up).tolist() == expected


def _floor(rng, up, count=200):
    across = np.linalg.svd(up[None])[2][1:]
    return (
        3 * up + rng.uniform(-1, 1, (count, 2)) @ across + 0.003 * rng.normal(size=(count, 1)) * up
    )


def test_the_floors_normal_is_up():
    rng, up = np.random.default_rng(0), np.array([0.3, -0.95, 0.1])
    up /= np.linalg.norm(up)
    places = _floor(rng, up)
    # A tenth of the feet were still in the air.
    places[::10] += up * rng.uniform(0.2, 1, (20, 1))
    found = floor_up(places, above=10 * up)
    assert angle_between(found, up) < 0.5
    np.testing.assert_allclose(floor_up(places, above=-10 * up), -found)


def test_a_floor_is_uneven_by_up_to_2_centimetres():
    across = np.stack(np.meshgrid(np.arange(12.0), np.arange(12.0)), axis=-1).reshape(-1, 2)
    uneven, above = (-1) ** across.sum(axis=1), np.array([0, 0, 5.0])
    found = floor_up(np.column_stack([across, 0.018 * uneven]), above)
    np.testing.assert_allclose(found, [0, 0, 1], atol=1e-3)
    assert floor_up(np.column_stack([across, 0.022 * uneven]), above) is None


@pytest.mark.parametrize(
    "places",
    [
        np.zeros((10, 3)),
        np.zeros((100, 3)),
        np.linspace(0, 1, 100)[:, None] * [1, 0, 0],
        np.random.default_rng(0).uniform(-1, 1, (100, 3)),
    ],
    ids=["few", "one place", "a line", "no plane"],
)
def test_without_a_plane_there_is_no_floor(places):
    assert floor_up(places, np.array([0, 0, 5.0])) is None
