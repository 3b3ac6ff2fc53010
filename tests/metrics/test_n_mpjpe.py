"""Protocol 3."""

import numpy as np

from anatomy_tf.metrics import n_mpjpe


def test_hand_worked():
    predicted = np.array([[[1, 0, 0], [0, 2, 0]]], float)
    target = np.array([[[2, 0, 0], [0, 1, 1]]], float)
    # Scale (2 + 2) / (1 + 4) = 0.8: joints (0.8, 0, 0) and (0, 1.6, 0).
    np.testing.assert_allclose(n_mpjpe(predicted, target), [(1.2 + np.hypot(0.6, 1)) / 2])


def test_each_frame_has_its_own_scale():
    target = np.random.default_rng(0).normal(size=(3, 17, 3))
    predicted = target * np.array([0.5, 2, 30])[:, None, None]
    np.testing.assert_allclose(n_mpjpe(predicted, target), 0, atol=1e-14)


def test_a_shift_is_not_undone():
    target = np.random.default_rng(0).normal(size=(3, 17, 3))
    assert n_mpjpe(target + 1, target).min() > 0.1


def test_a_prediction_of_zeros_stays_zeros():
    target = np.array([[[3, 4, 0], [0, 0, 1]]], float)
    np.testing.assert_array_equal(n_mpjpe(np.zeros_like(target), target), [3])
