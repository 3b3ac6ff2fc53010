"""Bones, directions, lengths, shifts and the way back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.anatomy import (
    bone_directions,
    bone_lengths,
    bone_vectors,
    forward_kinematics,
    joint_shifts,
    norm,
    perpendicular,
    unit,
)
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton, get_skeleton, skeleton_names

ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))
POSE = np.array([[1, 1, 1], [1, 1, 3], [4, 5, 3]], float)


def test_hand_worked_arm():
    np.testing.assert_array_equal(bone_vectors(POSE, ARM), [[0, 0, 2], [3, 4, 0]])
    np.testing.assert_array_equal(bone_lengths(POSE, ARM), [2, 5])
    np.testing.assert_allclose(bone_directions(POSE, ARM), [[0, 0, 1], [0.6, 0.8, 0]])
    np.testing.assert_array_equal(joint_shifts(POSE, ARM), [[3, 4, 2]])
    np.testing.assert_array_equal(
        joint_shifts(POSE, ARM, self_pairs=True), [[0, 0, 0], [3, 4, 2], [0, 0, 0], [0, 0, 0]]
    )
    np.testing.assert_allclose(
        forward_kinematics(bone_directions(POSE, ARM), bone_lengths(POSE, ARM), ARM),
        [[0, 0, 0], [0, 0, 2], [3, 4, 2]],
    )


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(skeleton_names()), st.integers(0, 2**32 - 1))
def test_kinematics_inverts_the_decomposition(name, seed):
    skeleton = get_skeleton(name)
    positions = np.random.default_rng(seed).normal(size=(2, 3, skeleton.joint_count, 3))
    rebuilt = forward_kinematics(
        bone_directions(positions, skeleton), bone_lengths(positions, skeleton), skeleton
    )
    root = positions[..., [skeleton.root], :]
    np.testing.assert_allclose(rebuilt, positions - root, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(skeleton_names()), st.integers(0, 2**32 - 1))
def test_matrices_say_the_same_as_the_functions(name, seed):
    skeleton = get_skeleton(name)
    positions = np.random.default_rng(seed).normal(size=(4, skeleton.joint_count, 3))
    np.testing.assert_allclose(
        bone_vectors(positions, skeleton), skeleton.bone_matrix @ positions, atol=1e-12
    )
    for self_pairs in (False, True):
        np.testing.assert_allclose(
            joint_shifts(positions, skeleton, self_pairs),
            skeleton.pair_matrix(self_pairs) @ positions,
            atol=1e-12,
        )


def test_a_bone_without_length_has_no_direction_and_no_nan():
    np.testing.assert_array_equal(norm(np.zeros((2, 3))), [0, 0])
    np.testing.assert_array_equal(unit(np.zeros((2, 3))), np.zeros((2, 3)))
    np.testing.assert_array_equal(unit(np.array([0, 0, 1e-9])), [0, 0, 0])
    np.testing.assert_allclose(unit(np.array([0, 0, 1e-7])), [0, 0, 1])


def test_nan_is_not_taken_for_a_bone_without_length():
    vectors = np.array([[np.nan, 0, 0], [0, 0, 2]])
    np.testing.assert_array_equal(norm(vectors), [np.nan, 2])
    assert np.isnan(unit(vectors)[0]).all()
    np.testing.assert_array_equal(unit(vectors)[1], [0, 0, 1])
    pose = np.ones((17, 3))
    pose[HUMAN36M_17.index("left_knee")] = np.nan
    lost = {
        HUMAN36M_17.bone_names[b] for b in np.flatnonzero(np.isnan(bone_lengths(pose, HUMAN36M_17)))
    }
    assert lost == {"left_knee", "left_ankle"}


def test_float32_stays_float32():
    positions = np.random.default_rng(0).normal(size=(2, 17, 3)).astype(np.float32)
    directions = bone_directions(positions, HUMAN36M_17)
    lengths = bone_lengths(positions, HUMAN36M_17)
    assert directions.dtype == lengths.dtype == np.float32
    assert forward_kinematics(directions, lengths, HUMAN36M_17).dtype == np.float32


@pytest.mark.slow
def test_keras_gives_the_same_numbers():
    ops = pytest.importorskip("keras").ops
    positions = np.random.default_rng(0).normal(size=(2, 17, 3)).astype(np.float32)
    positions[0, 3] = positions[0, 2]
    tensor = ops.convert_to_tensor(positions)
    for function in (bone_vectors, bone_lengths, bone_directions, joint_shifts):
        theirs = ops.convert_to_numpy(function(tensor, HUMAN36M_17, xp=ops))
        np.testing.assert_allclose(theirs, function(positions, HUMAN36M_17), atol=1e-6)
    rebuilt = forward_kinematics(
        bone_directions(tensor, HUMAN36M_17, ops),
        bone_lengths(tensor, HUMAN36M_17, ops),
        HUMAN36M_17,
        ops,
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(rebuilt), positions - positions[:, :1], atol=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize("length", [0.0, 1e-30, 1e-9, 1e-7, 1.0])
def test_gradients_are_finite_at_and_near_zero(length):
    tf = pytest.importorskip("tensorflow")
    from keras import ops

    vectors = tf.Variable(np.array([[0, 0, length], [0, 3, 4]], np.float32))
    with tf.GradientTape(persistent=True) as tape:
        total_norm = ops.sum(norm(vectors, ops))
        total_unit = ops.sum(unit(vectors, ops))
    of_norm = tape.gradient(total_norm, vectors).numpy()
    of_unit = tape.gradient(total_unit, vectors).numpy()
    assert np.isfinite(of_norm).all()
    assert np.isfinite(of_unit).all()
    np.testing.assert_allclose(of_norm[1], [0, 0.6, 0.8], rtol=1e-6)
    if length == 0:
        np.testing.assert_array_equal(of_norm[0], 0)
        np.testing.assert_array_equal(of_unit[0], 0)


def test_vectors_are_made_perpendicular_to_their_axes():
    vectors = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 0.0], [0.0, 5.0, -0.5]])
    found = perpendicular(vectors, np.array([0.0, 1.0, 0.0]))
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 0, 0], [0, 0, -1]])
