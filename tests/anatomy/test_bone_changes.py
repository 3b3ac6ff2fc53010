"""New bone lengths for a motion."""

import numpy as np

from anatomy_tf.anatomy import bone_directions, bone_lengths, lengthen_bones, random_bone_changes
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))


def test_hand_worked_arm():
    pose = np.array([[1, 1, 1], [1, 1, 3], [4, 5, 3]], np.float32)
    longer = lengthen_bones(pose, np.float32([1, 5]), ARM)
    # The elbow moves 1 along z; the wrist with it and 5 more along (0.6, 0.8, 0).
    np.testing.assert_allclose(longer, [[1, 1, 1], [1, 1, 4], [7, 9, 4]])


def test_only_the_subtree_moves():
    pose = np.random.default_rng(0).normal(size=(17, 3)).astype(np.float32)
    for bone, subtree in enumerate(HUMAN36M_17.subtrees):
        change = np.zeros(16, np.float32)
        change[bone] = 0.1
        moved = np.abs(lengthen_bones(pose, change, HUMAN36M_17) - pose).max(axis=-1) > 1e-6
        assert tuple(np.flatnonzero(moved)) == subtree


def test_lengths_change_and_directions_and_root_do_not():
    rng = np.random.default_rng(1)
    poses = rng.normal(size=(2, 5, 17, 3))
    change = rng.uniform(-0.05, 0.05, size=(2, 1, 16))
    changed = lengthen_bones(poses, change, HUMAN36M_17)
    np.testing.assert_allclose(
        bone_lengths(changed, HUMAN36M_17), bone_lengths(poses, HUMAN36M_17) + change, atol=1e-12
    )
    np.testing.assert_allclose(
        bone_directions(changed, HUMAN36M_17), bone_directions(poses, HUMAN36M_17), atol=1e-12
    )
    np.testing.assert_array_equal(changed[:, :, 0], poses[:, :, 0])


def test_random_changes_hand_worked():
    # One bone; lengths 1 and 3 in the first video (mean 2), 4 and 4 in the second: mean 3.
    stick = Skeleton("stick", ("a", "b"), (-1, 0))
    positions = np.zeros((2, 2, 2, 3), np.float32)
    positions[:, :, 1, 0] = [[1, 3], [4, 4]]
    change, lengths = random_bone_changes(positions, np.array([[0.0], [0.75]]), stick)
    np.testing.assert_allclose(change, [[-0.9], [0.45]], rtol=1e-6)
    np.testing.assert_allclose(lengths, [[1.1], [4.45]], rtol=1e-6)


def test_random_changes_stay_within_their_degree():
    rng = np.random.default_rng(0)
    positions = rng.normal(size=(64, 3, 17, 3)).astype(np.float32)
    change, lengths = random_bone_changes(
        positions, rng.uniform(size=(64, 16)), HUMAN36M_17, degree=0.2
    )
    own = bone_lengths(positions, HUMAN36M_17).mean(axis=1)
    share = np.abs(change) / own.mean(axis=0)
    assert 0.09 < share.max() <= 0.1
    np.testing.assert_allclose(lengths, own + change, rtol=1e-6)
