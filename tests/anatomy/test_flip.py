"""Mirror images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.anatomy import bone_directions, bone_lengths, flip_points, flip_visibility
from anatomy_tf.anatomy.flip import flip_vectors
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton, get_skeleton, skeleton_names

ARMS = Skeleton("arms", ("chest", "left_hand", "right_hand"), (-1, 0, 0))


def test_hand_worked():
    points = np.array([[0.5, 1], [2, 3], [-4, 5]])
    np.testing.assert_array_equal(flip_points(points, ARMS), [[-0.5, 1], [4, 5], [-2, 3]])
    np.testing.assert_array_equal(flip_visibility(np.array([1, 0.2, 0.7]), ARMS), [1, 0.7, 0.2])
    np.testing.assert_array_equal(flip_vectors(np.array([[1, 2, 3]])), [[-1, 2, 3]])


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(skeleton_names()), st.sampled_from([2, 3]), st.integers(0, 2**32 - 1))
def test_twice_is_nothing(name, axes, seed):
    skeleton = get_skeleton(name)
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(3, skeleton.joint_count, axes)).astype(np.float32)
    flipped = flip_points(points, skeleton)
    assert flipped.dtype == np.float32
    assert not np.array_equal(flipped, points)
    np.testing.assert_array_equal(flip_points(flipped, skeleton), points)
    scores = rng.uniform(size=(3, skeleton.joint_count))
    np.testing.assert_array_equal(
        flip_visibility(flip_visibility(scores, skeleton), skeleton), scores
    )


@pytest.mark.parametrize("name", skeleton_names())
def test_bones_swap_as_the_skeleton_says(name):
    skeleton = get_skeleton(name)
    positions = np.random.default_rng(0).normal(size=(skeleton.joint_count, 3))
    flipped, order = flip_points(positions, skeleton), list(skeleton.bone_flip_order)
    np.testing.assert_allclose(
        bone_lengths(flipped, skeleton), bone_lengths(positions, skeleton)[order]
    )
    np.testing.assert_allclose(
        bone_directions(flipped, skeleton),
        bone_directions(positions, skeleton)[order] * [-1, 1, 1],
    )


@pytest.mark.slow
def test_keras_gives_the_same_numbers():
    ops = pytest.importorskip("keras").ops
    points = np.random.default_rng(0).normal(size=(2, 17, 3)).astype(np.float32)
    tensor = ops.convert_to_tensor(points)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(flip_points(tensor, HUMAN36M_17, ops)),
        flip_points(points, HUMAN36M_17),
    )
    np.testing.assert_array_equal(
        ops.convert_to_numpy(flip_visibility(tensor[..., 0], HUMAN36M_17, ops)),
        flip_visibility(points[..., 0], HUMAN36M_17),
    )
