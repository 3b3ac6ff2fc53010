import numpy as np
import pytest
from scipy.stats import vonmises_fisher

from anatomy_tf.losses import JointPositionLoss, UpDirectionLoss

pytestmark = pytest.mark.slow


def test_it_is_the_negative_logarithm_of_the_density_less_its_constant():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(4, 3, 3))
    truth /= np.linalg.norm(truth, axis=-1, keepdims=True)
    mean, logarithm = rng.normal(size=(4, 3, 3)), rng.uniform(-2, 5, (4, 3, 1))
    found = UpDirectionLoss(reduction="none")(truth, np.concatenate([mean, logarithm], axis=-1))
    mean = mean / np.linalg.norm(mean, axis=-1, keepdims=True)
    expected = [
        [
            -vonmises_fisher(mean[i, j], np.exp(logarithm[i, j, 0])).logpdf(truth[i, j])
            for j in range(3)
        ]
        for i in range(4)
    ]
    np.testing.assert_allclose(found, np.mean(expected, axis=1) - np.log(2 * np.pi) + 8, rtol=1e-4)


def test_frames_without_a_true_up_count_nothing():
    truth = np.array([[[0, -1, 0], [np.nan] * 3]], np.float32)
    guess = np.array([[[0, -2, 0, 1], [5, 5, 5, 5]]], np.float32)
    loss = float(UpDirectionLoss()(truth, guess))
    assert loss == pytest.approx((8 - 1 + np.log(1 - np.exp(-2 * np.e))) / 2, rel=1e-5)


def test_the_surest_right_answer_is_0():
    truth = np.array([[[0, 0, 1]]], np.float32)
    assert float(UpDirectionLoss()(truth, np.array([[[0, 0, 5, 9.0]]], np.float32))) == 0


def test_velocities_count_in_chunks_only():
    truth = np.zeros((1, 3, 17, 3), np.float32)
    guess = truth.copy()
    guess[:, 1] = [0.1, 0, 0]  # off in one frame: two steps of 0.1
    plain = JointPositionLoss(reduction="none")(truth, guess)
    moving = JointPositionLoss(velocity_weight=2.0, reduction="none")(truth, guess)
    np.testing.assert_allclose(plain, [[0, 0.1, 0]], atol=1e-7)
    np.testing.assert_allclose(moving, [[0, 0.1 + 0.2, 0.2]], atol=1e-6)
    window = JointPositionLoss(velocity_weight=2.0)(truth[:, 1], guess[:, 1])
    assert float(window) == pytest.approx(0.1)


def test_a_movement_from_or_to_a_frame_without_a_true_pose_does_not_count():
    truth = np.zeros((1, 4, 17, 3), np.float32)
    guess = truth.copy()
    guess[:, 1] = [0.1, 0, 0]
    guess[:, 3] = [0.3, 0, 0]
    loss = JointPositionLoss(velocity_weight=2.0, reduction="none")
    found = loss(truth, guess, sample_weight=np.float32([[1, 0, 1, 1]]))
    np.testing.assert_allclose(found, [[0, 0, 0, 0.3 + 2 * 0.3]], atol=1e-6)
    one = loss(truth, guess, sample_weight=np.float32([2.0]))
    np.testing.assert_allclose(one, 2 * np.asarray(loss(truth, guess)), atol=1e-6)
    again = JointPositionLoss.from_config(loss.get_config())
    np.testing.assert_array_equal(again(truth, guess), loss(truth, guess))
