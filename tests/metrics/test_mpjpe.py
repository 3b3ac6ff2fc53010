"""Protocol 1 and the checks that all pose metrics share."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.metrics import joint_errors, mpjpe


def test_hand_worked():
    target = np.zeros((2, 2, 3))
    predicted = np.array([[[3, 4, 0], [0, 0, 0]], [[0, 0, 2], [1, 2, 2]]], float)
    np.testing.assert_array_equal(joint_errors(predicted, target), [[5, 0], [2, 3]])
    np.testing.assert_array_equal(mpjpe(predicted, target), [2.5, 2.5])


def test_single_pose_gives_a_scalar():
    assert mpjpe([[0, 0, 1]], [[0, 0, 0]]) == 1


def test_float32_poses_far_away_lose_nothing_inside():
    rng = np.random.default_rng(0)
    target = rng.normal(size=(5, 17, 3)).astype(np.float32) + 1000
    assert mpjpe(target, target).dtype == np.float64
    np.testing.assert_array_equal(mpjpe(target, target), 0)


@pytest.mark.parametrize(
    ("predicted", "target", "message"),
    [
        (np.zeros((4, 17, 3)), np.zeros((4, 16, 3)), r"one shape.*\(4, 17, 3\).*\(4, 16, 3\)"),
        # Shapes that NumPy would broadcast without a word.
        (np.zeros((1, 17, 3)), np.zeros((4, 17, 3)), "one shape"),
        (np.zeros((4, 17, 2)), np.zeros((4, 17, 2)), r"\(\.\.\., joints, 3\)"),
        ("poses.npz", np.zeros((4, 17, 3)), "predicted poses: expected numbers, got <U9"),
        (np.zeros(3), np.zeros(3), r"\(\.\.\., joints, 3\)"),
        (np.full((1, 2, 3), np.nan), np.zeros((1, 2, 3)), "predicted.*NaN"),
        (np.zeros((1, 2, 3)), np.full((1, 2, 3), np.inf), "target.*infinite"),
    ],
)
def test_refused_in_one_line(predicted, target, message):
    with pytest.raises(AnatomyError, match=message) as caught:
        mpjpe(predicted, target)
    assert "\n" not in str(caught.value)
