"""Feet that slide or float."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.metrics import foot_height_error, foot_skating


def _feet(*x):
    """(T, 1, 3) one foot that moves along x."""
    return np.array(x, float)[:, None, None] * [1, 0, 0]


def test_skating_hand_worked():
    # Steps of 1, 2 and 3; the foot stands in frames 0 to 2.
    standing = [[True], [True], [True], [False]]
    found = foot_skating(_feet(0, 1, 3, 6), standing)[:, 0]
    np.testing.assert_array_equal(found, [1, 2, np.nan])


def test_skating_of_each_foot():
    feet = np.concatenate([_feet(0, 1), _feet(0, 5)], axis=1)
    np.testing.assert_array_equal(foot_skating(feet, [[True, True]] * 2), [[1, 5]])


def test_height_hand_worked():
    target = np.zeros((3, 1, 3))
    predicted = np.array([[[9, 0.2, 0]], [[0, -0.1, 9]], [[0, 7, 0]]])
    standing = [[True], [True], [False]]
    # Up need not be a unit vector.
    found = foot_height_error(predicted, target, standing, [0, 5, 0])[:, 0]
    np.testing.assert_allclose(found, [0.2, -0.1, np.nan])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: foot_skating(_feet(0), [[True]]), "at least 2 frames"),
        (lambda: foot_skating(_feet(0, 1), [True, True]), r"standing of shape \(2, 1\)"),
        (
            lambda: foot_height_error(_feet(0), _feet(0), [[True]], [0, 0, 0]),
            "expected up as a direction",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(AnatomyError, match=message):
        call()
