"""Bone-length error, its variation over time, and symmetry."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.metrics import bone_length_deviation, bone_length_error, symmetry_error
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

ARMS = Skeleton("arms", ("chest", "left_hand", "right_hand"), (-1, 0, 0))
CHAIN = Skeleton("chain", ("a", "b", "c"), (-1, 0, 1))


def _arms(left, right):
    return [[0, 0, 0], [left, 0, 0], [0, -right, 0]]


def test_error_hand_worked():
    # Bones 1 and 3 against 2 and 1.5.
    assert bone_length_error([_arms(1, 3)], [_arms(2, 1.5)], ARMS)[0] == (1 + 1.5) / 2


def test_error_does_not_see_directions_or_the_place():
    moved = -np.array([_arms(1, 3)], float)[..., [2, 0, 1]] + 7
    assert bone_length_error(moved, [_arms(1, 3)], ARMS)[0] == pytest.approx(0, abs=1e-12)


def test_deviation_hand_worked():
    # Left lengths 1, 3: deviation 1; right lengths 2, 2: none; mean over both 0.5.
    clip = np.array([_arms(1, 2), _arms(3, 2)], float)
    assert bone_length_deviation(clip, ARMS) == 0.5
    np.testing.assert_array_equal(bone_length_deviation(np.stack([clip, 2 * clip]), ARMS), [0.5, 1])


def test_deviation_of_one_frame_is_zero():
    assert bone_length_deviation([_arms(1, 2)], ARMS) == 0


def test_symmetry_hand_worked():
    np.testing.assert_array_equal(symmetry_error([_arms(1, 3), _arms(2, 2)], ARMS), [2, 0])


def test_symmetry_of_human36m_looks_at_six_pairs():
    rng = np.random.default_rng(0)
    poses = rng.normal(size=(2, 17, 3))
    pairs = [((0, 4), (0, 1)), ((4, 5), (1, 2)), ((5, 6), (2, 3))]
    pairs += [((8, 11), (8, 14)), ((11, 12), (14, 15)), ((12, 13), (15, 16))]

    def length(bone):
        return np.linalg.norm(poses[:, bone[1]] - poses[:, bone[0]], axis=-1)

    expected = np.mean([abs(length(left) - length(right)) for left, right in pairs], axis=0)
    np.testing.assert_allclose(symmetry_error(poses, HUMAN36M_17), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: symmetry_error(np.zeros((1, 3, 3)), CHAIN), "no left and right"),
        (lambda: symmetry_error(np.zeros((1, 4, 3)), ARMS), "expected 3 joints for arms"),
        (lambda: bone_length_error(np.zeros((4, 3)), np.zeros((4, 3)), ARMS), "expected 3 joints"),
        (lambda: bone_length_deviation(np.zeros((3, 3)), ARMS), "frames"),
        (lambda: bone_length_deviation(np.zeros((0, 3, 3)), ARMS), "a frame or more"),
    ],
)
def test_refused(call, message):
    with pytest.raises(AnatomyError, match=message):
        call()


def test_a_layout_by_its_name():
    poses = np.random.default_rng(0).normal(size=(2, 17, 3))
    assert bone_length_deviation(poses, "human36m_17") == bone_length_deviation(poses, HUMAN36M_17)
    assert symmetry_error(poses, "human36m_17").shape == (2,)
    assert bone_length_error(poses, poses, "coco_17").tolist() == [0, 0]
    with pytest.raises(AnatomyError, match="unknown skeleton 'human'"):
        symmetry_error(poses, "human")
