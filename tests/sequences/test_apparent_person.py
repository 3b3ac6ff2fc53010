import numpy as np
import pytest

from anatomy_tf.cameras.canonical_view import ray_directions
from anatomy_tf.sequences.apparent_person import (
    MEMORY,
    centre_and_size,
    frame_sums,
    kept_share,
)
from anatomy_tf.sequences.running import fading_sums


def two_joints(angle):
    """Directions to joints that lie an angle to either side of a middle at 45 degrees."""
    angles = np.pi / 4 + np.array([-angle, angle])
    return np.stack([np.sin(angles), 0 * angles, np.cos(angles)], axis=-1)[None, None]


def test_centre_and_size_by_hand():
    sums = frame_sums(two_joints(0.1), np.ones((1, 1, 2)))
    centre, size = centre_and_size(sums)
    np.testing.assert_allclose(centre[0, 0], [np.sqrt(0.5), 0, np.sqrt(0.5)], atol=1e-7)
    assert size.item() == pytest.approx(np.sin(0.1))


def test_a_person_in_one_point_has_a_size():
    _, size = centre_and_size(frame_sums(two_joints(0.0), np.ones((1, 1, 2))))
    assert size.item() == pytest.approx(1e-3)


def test_joints_weigh_by_their_visibility_and_frames_fade():
    directions = np.concatenate([two_joints(0.1), two_joints(0.3)], axis=1)
    visibility = np.array([[[1.0, 1.0], [1.0, 0.0]]])
    sums = frame_sums(directions, visibility)
    so_far = fading_sums(sums, 0.5, np)
    np.testing.assert_allclose(so_far[:, 0], sums[:, 0])
    np.testing.assert_allclose(so_far[:, 1], 0.5 * sums[:, 0] + sums[:, 1])
    centre, _ = centre_and_size(sums)
    # Of the second frame one joint counts.
    np.testing.assert_allclose(centre[0, 1], directions[0, 1, 0], atol=1e-3)


def test_a_frame_in_which_nobody_was_seen_changes_little():
    rng = np.random.default_rng(0)
    directions = ray_directions(rng.normal(0, 0.1, (1, 30, 17, 2)))
    directions[:, 20:] = ray_directions(rng.normal(1, 0.1, (1, 10, 17, 2)))
    visibility = np.ones((1, 30, 17))
    visibility[:, 20:] = 0
    centre, size = centre_and_size(
        fading_sums(frame_sums(directions, visibility), kept_share(50), np)
    )
    np.testing.assert_allclose(centre[0, 20:], np.broadcast_to(centre[0, 19], (10, 3)), atol=0.02)
    np.testing.assert_allclose(size[0, 20:], np.broadcast_to(size[0, 19], (10, 1)), rtol=0.1)


def test_the_memory_is_seconds_at_any_rate():
    assert kept_share(50) ** (50 * MEMORY) == pytest.approx(np.exp(-1))
    assert kept_share(25) == pytest.approx(kept_share(50) ** 2)
