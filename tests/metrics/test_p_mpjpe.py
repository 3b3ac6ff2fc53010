"""Protocol 2."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_tf.metrics import mpjpe, p_mpjpe, procrustes_align


def _similarity(poses, rng):
    turned = poses @ Rotation.random(rng=rng).as_matrix().T
    return rng.uniform(0.2, 5) * turned + rng.normal(size=3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_undoes_any_similarity(seed):
    rng = np.random.default_rng(seed)
    target = rng.normal(size=(3, 17, 3))
    np.testing.assert_allclose(p_mpjpe(_similarity(target, rng), target), 0, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_similarity_of_the_prediction_changes_the_value(seed):
    rng = np.random.default_rng(seed)
    predicted, target = rng.normal(size=(2, 4, 9, 3))
    np.testing.assert_allclose(
        p_mpjpe(_similarity(predicted, rng), target), p_mpjpe(predicted, target), atol=1e-10
    )


def test_no_nearby_similarity_has_a_smaller_squared_error():
    rng = np.random.default_rng(3)
    predicted, target = rng.normal(size=(2, 17, 3))
    aligned = procrustes_align(predicted, target)
    best = np.sum((aligned - target) ** 2)
    centre = aligned.mean(axis=0)
    for _ in range(200):
        turn = Rotation.from_rotvec(rng.normal(scale=0.01, size=3)).as_matrix()
        scale, shift = 1 + rng.normal(scale=0.01), rng.normal(scale=0.01, size=3)
        other = scale * (aligned - centre) @ turn.T + centre + shift
        assert np.sum((other - target) ** 2) > best


def test_hand_worked_line_of_three_points():
    predicted = np.array([[[-1, 0, 0], [0, 0, 0], [1, 0, 0]]], float)
    target = np.array([[[0, -3, 0], [0, 0, 6], [0, 3, 0]]], float)
    # Centred target: (0,-3,-2), (0,0,4), (0,3,-2); the line maps to scale 3 along y.
    np.testing.assert_allclose(p_mpjpe(predicted, target), (2 + 4 + 2) / 3)


def test_a_mirror_image_is_not_undone():
    target = np.random.default_rng(2).normal(size=(17, 3))
    mirrored = target * [-1, 1, 1]
    assert p_mpjpe(mirrored, target) > 0.1
    aligned = procrustes_align(mirrored, target)
    map_found = np.linalg.lstsq(mirrored - mirrored.mean(axis=0), aligned - aligned.mean(axis=0))[0]
    assert np.linalg.det(map_found) > 0


def test_many_frames_equal_one_by_one():
    rng = np.random.default_rng(5)
    predicted, target = rng.normal(size=(2, 2, 3, 17, 3))
    batched = p_mpjpe(predicted, target)
    assert batched.shape == (2, 3)
    for place in np.ndindex(2, 3):
        assert batched[place] == pytest.approx(p_mpjpe(predicted[place], target[place]), abs=1e-12)


def test_a_prediction_of_one_point_lands_on_the_centroid():
    target = np.array([[[-3, 0, 0], [1, 0, 0], [2, 0, 0]]], float)
    for point in (0.0, 0.1, 7e5):
        predicted = np.full((1, 3, 3), point)
        np.testing.assert_allclose(procrustes_align(predicted, target), 0, atol=1e-12)
        np.testing.assert_allclose(p_mpjpe(predicted, target), 2)


def test_a_target_of_one_point_is_met():
    rng = np.random.default_rng(0)
    np.testing.assert_allclose(p_mpjpe(rng.normal(size=(1, 5, 3)), np.ones((1, 5, 3))), 0)


@pytest.mark.parametrize("flattened", [(2,), (1, 2)])
def test_flat_and_straight_poses_align_exactly(flattened):
    rng = np.random.default_rng(1)
    target = rng.normal(size=(8, 17, 3))
    target[..., list(flattened)] = 0
    predicted = _similarity(target, rng)
    np.testing.assert_allclose(p_mpjpe(predicted, target), 0, atol=1e-12)
    assert mpjpe(predicted, target).min() > 0.1
