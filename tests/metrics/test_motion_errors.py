"""Velocity and acceleration errors."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.metrics import acceleration_error, mpjve


def _clip(*x):
    """One joint that moves along x."""
    positions = np.zeros((len(x), 1, 3))
    positions[:, 0, 0] = x
    return positions


def test_velocity_hand_worked():
    # Steps 1, 2, 3 against 1, 1, 1.
    np.testing.assert_array_equal(mpjve(_clip(0, 1, 3, 6), _clip(9, 10, 11, 12)), [0, 1, 2])


def test_acceleration_hand_worked():
    # Second differences 0, 2 against -2, 0.
    np.testing.assert_array_equal(acceleration_error(_clip(0, 1, 2, 5), _clip(0, 2, 2, 2)), [2, 2])


def test_velocity_is_a_distance_in_space():
    target = np.zeros((2, 2, 3))
    predicted = np.zeros((2, 2, 3))
    predicted[1, 0] = [3, 4, 0]
    np.testing.assert_array_equal(mpjve(predicted, target), [2.5])


def test_a_constant_offset_is_no_velocity_and_a_drift_no_acceleration():
    target = np.random.default_rng(0).normal(size=(6, 17, 3))
    drift = np.arange(6.0)[:, None, None]
    np.testing.assert_allclose(mpjve(target + 2, target), 0, atol=1e-14)
    np.testing.assert_allclose(mpjve(target + drift, target), np.sqrt(3), atol=1e-14)
    np.testing.assert_allclose(acceleration_error(target + drift, target), 0, atol=1e-14)


def test_many_clips_at_once():
    predicted, target = np.random.default_rng(0).normal(size=(2, 4, 6, 17, 3))
    assert mpjve(predicted, target).shape == (4, 5)
    np.testing.assert_allclose(mpjve(predicted, target)[2], mpjve(predicted[2], target[2]))
    assert acceleration_error(predicted, target).shape == (4, 4)


@pytest.mark.parametrize(("metric", "frames"), [(mpjve, 1), (acceleration_error, 2)])
def test_too_short_is_refused(metric, frames):
    with pytest.raises(AnatomyError, match=f"at least {frames + 1} frames"):
        metric(np.zeros((frames, 17, 3)), np.zeros((frames, 17, 3)))
    with pytest.raises(AnatomyError, match=f"at least {frames + 1} frames"):
        metric(np.zeros((17, 3)), np.zeros((17, 3)))
