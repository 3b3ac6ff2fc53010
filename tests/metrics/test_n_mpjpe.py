"""Protocol 3."""

import numpy as np

from anatomy_tf.metrics import clip_scale, n_mpjpe


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


def test_one_scale_for_a_clip_hand_worked():
    # Lengths 1 and 2 against 2 and 3: 8 / 5 times 1 and 2 is 1.6 and 3.2.
    predicted, target = [[[1, 0, 0]], [[0, 2, 0]]], [[[2, 0, 0]], [[0, 3, 0]]]
    assert clip_scale(predicted, target) == 8 / 5
    np.testing.assert_allclose(n_mpjpe(predicted, target, whole_clip=True), [0.4, 0.2])
    np.testing.assert_allclose(n_mpjpe(predicted, target), [0, 0])


def test_a_prediction_of_zeros_has_no_scale():
    assert clip_scale(np.zeros((2, 3, 3)), np.ones((2, 3, 3))) == 0
