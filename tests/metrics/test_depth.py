"""Depth errors and limbs that lean the wrong way."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.metrics import depth_error, depth_sign_errors


def test_depth_error_hand_worked():
    target = [[[0, 0, 1], [5, 5, -2]]]
    predicted = [[[9, 9, 4], [0, 0, -1]]]
    np.testing.assert_array_equal(depth_error(predicted, target), [(3 + 1) / 2])


def _limb(x, z):
    return [[0, 0, 0], [x, 0, z]]


def test_signs_hand_worked():
    # 45 degrees away: right, wrong, and flat, which is wrong too.
    target = [_limb(1, 1)] * 3
    predicted = [_limb(1, 0.1), _limb(1, -5), _limb(1, 0)]
    np.testing.assert_array_equal(
        depth_sign_errors(predicted, target, [(0, 1)]), [[0.0], [1.0], [1.0]]
    )


def test_the_order_of_a_limbs_ends_does_not_matter():
    target, predicted = [_limb(1, 1)], [_limb(1, -1)]
    assert depth_sign_errors(predicted, target, [(0, 1), (1, 0)]).tolist() == [[1, 1]]


def test_a_limb_near_the_image_plane_does_not_count():
    # The sine of 30 degrees is a half: 0.6 of 1 is deep, 0.4 is not.
    target = [_limb(0.8, 0.6), _limb(np.sqrt(1 - 0.16), 0.4)]
    found = depth_sign_errors(target, target, [(0, 1)])[:, 0]
    assert found[0] == 0 and np.isnan(found[1])
    assert np.isnan(depth_sign_errors(target, target, [(0, 1)], angle=50)).all()


def test_several_limbs_and_frames():
    poses = np.random.default_rng(0).normal(size=(5, 4, 6, 3))
    limbs = [(0, 1), (2, 3), (4, 5)]
    assert depth_sign_errors(poses, poses, limbs).shape == (5, 4, 3)
    assert np.nanmax(depth_sign_errors(poses, poses, limbs)) == 0
    assert depth_sign_errors(poses, poses, []).shape == (5, 4, 0)
    mirrored = poses * [1, 1, -1]
    assert np.nanmin(depth_sign_errors(mirrored, poses, limbs)) == 1


@pytest.mark.parametrize("metric", [depth_error, lambda a, b: depth_sign_errors(a, b, [(0, 1)])])
def test_nan_is_refused(metric):
    with pytest.raises(AnatomyError, match="NaN"):
        metric(np.full((2, 2, 3), np.nan), np.zeros((2, 2, 3)))


@pytest.mark.parametrize("limbs", [[(0, 2)], [(-1, 0)], [(0, 1, 0)], [("a", "b")], 3, [(0.5, 1)]])
def test_limbs_that_are_no_pairs_of_joints_are_refused(limbs):
    with pytest.raises(
        AnatomyError, match=r"limbs: expected numbers|limbs as pairs of joints from 0 to 1"
    ):
        depth_sign_errors(np.zeros((1, 2, 3)), np.zeros((1, 2, 3)), limbs)
