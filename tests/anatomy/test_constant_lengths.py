import numpy as np

from anatomy_tf.anatomy import bone_lengths, with_bone_lengths
from anatomy_tf.skeletons import CMU_31, HUMAN36M_17, Skeleton

ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))


def test_both_ends_of_a_bone_give_way():
    straight = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
    fitted = with_bone_lengths(straight, np.array([0.9, 0.9]), ARM)
    np.testing.assert_allclose(fitted, [[0.1, 0, 0], [1, 0, 0], [1.9, 0, 0]], atol=0.02)


def test_bones_have_the_lengths_and_joints_stay_near():
    rng = np.random.default_rng(0)
    for skeleton in (HUMAN36M_17, CMU_31):
        steps = rng.normal(0, 0.2, (20, skeleton.bone_count, 3))
        true = np.einsum("jb,tbi->tji", skeleton.kinematics_matrix, steps)
        lengths = bone_lengths(true[0], skeleton)
        np.testing.assert_allclose(with_bone_lengths(true[0], lengths, skeleton), true[0])
        noisy = true[0] + rng.normal(0, 0.01, true.shape)
        fitted = with_bone_lengths(noisy, lengths, skeleton)
        measured = bone_lengths(fitted, skeleton)
        np.testing.assert_allclose(measured, np.broadcast_to(lengths, measured.shape), atol=1e-12)
        assert np.linalg.norm(fitted - noisy, axis=-1).mean() < 0.01


def test_parents_may_come_after_their_children():
    arm = Skeleton("arm", ("wrist", "elbow", "shoulder"), (1, 2, -1))
    bent = np.array([[1, 1.1, 0], [1.2, 0, 0], [0, 0, 0]], np.float32)
    fitted = with_bone_lengths(bent, np.array([1.0, 1.0]), arm)
    np.testing.assert_allclose(bone_lengths(fitted, arm), 1, atol=1e-12)
    assert np.abs(fitted - bent).max() < 0.2


def test_a_bone_without_a_direction_stays_so():
    dot = np.zeros((3, 3))
    np.testing.assert_array_equal(with_bone_lengths(dot, np.array([1.0, 1]), ARM), dot)


def test_joints_move_more_easily_along_a_mobile_axis():
    slanted = np.array([[0.0, 0, 0], [0.6, 0, 0.6], [1.2, 0, 1.2]])
    lengths = np.array([0.8, 0.8])
    alike = with_bone_lengths(slanted, lengths, ARM)
    deeper = with_bone_lengths(slanted, lengths, ARM, mobility=(1, 1, 9))
    for found in (alike, deeper):
        np.testing.assert_allclose(bone_lengths(found, ARM), lengths, atol=1e-9)
    np.testing.assert_allclose(np.diff(alike, axis=0)[:, 0], np.diff(alike, axis=0)[:, 2])
    # Across, a bone keeps its 0.6; the depth that is left is sqrt(0.64 - 0.36).
    np.testing.assert_allclose(np.diff(deeper, axis=0)[:, 0], 0.6, atol=0.02)
    np.testing.assert_allclose(np.diff(deeper, axis=0)[:, 2], np.sqrt(0.28), atol=0.03)
