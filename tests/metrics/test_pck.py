"""PCK and AUC."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.metrics import AUC_THRESHOLDS, auc, pck


def _errors(*x):
    """A pose whose joints are off by x, and its target."""
    predicted = np.zeros((1, len(x), 3))
    predicted[0, :, 1] = x
    return predicted, np.zeros_like(predicted)


def test_hand_worked():
    pair = _errors(0.0, 0.1, 0.15, 0.2)
    assert pck(*pair)[0] == 0.5
    assert pck(*pair, inclusive=True)[0] == 0.75
    assert pck(*pair, threshold=0.11)[0] == 0.5
    assert pck(*pair, threshold=0.05)[0] == 0.25


def test_thresholds_are_31_from_0_to_150_mm():
    np.testing.assert_allclose(AUC_THRESHOLDS * 1000, np.arange(0, 151, 5), atol=1e-9)


def test_auc_hand_worked():
    # 0 passes all but the first threshold, 0.148 only 150 mm, 0.2 none.
    assert auc(*_errors(0.0))[0] == pytest.approx(30 / 31)
    assert auc(*_errors(0.0), inclusive=True)[0] == 1
    assert auc(*_errors(0.148))[0] == pytest.approx(1 / 31)
    assert auc(*_errors(0.0, 0.148, 0.2))[0] == pytest.approx(31 / 31 / 3)
    assert auc(*_errors(1.0, 2.0), thresholds=[2, 1])[0] == pytest.approx((1 + 0) / 4)
    assert auc(*_errors(1.0, 2.0), thresholds=[2, 1], inclusive=True)[0] == pytest.approx(3 / 4)


@pytest.mark.parametrize("inclusive", [False, True])
def test_auc_is_the_mean_pck(inclusive):
    rng = np.random.default_rng(0)
    target = rng.normal(size=(3, 8, 14, 3))
    predicted = target + rng.normal(scale=0.08, size=target.shape)
    by_threshold = [pck(predicted, target, limit, inclusive) for limit in AUC_THRESHOLDS]
    np.testing.assert_allclose(
        auc(predicted, target, inclusive=inclusive), np.mean(by_threshold, axis=0)
    )


@pytest.mark.parametrize("thresholds", [[], 0.1, [[0.1]], [np.nan]])
def test_thresholds_that_are_no_list_of_numbers_are_refused(thresholds):
    with pytest.raises(AnatomyError, match="expected a list of thresholds"):
        auc(np.zeros((2, 3)), np.zeros((2, 3)), thresholds)


@pytest.mark.parametrize("threshold", [-0.1, np.nan, "150", [0.1, 0.2], None])
def test_a_threshold_that_is_no_distance_is_refused(threshold):
    with pytest.raises(AnatomyError, match="expected a threshold of 0 or more, got"):
        pck(np.zeros((2, 3)), np.zeros((2, 3)), threshold)
