"""Angles between directions, and the turn of a whole clip."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.errors import AnatomyError
from anatomy_tf.metrics import clip_rotation, direction_error


def test_angles_hand_worked():
    found = direction_error(
        [[1, 0, 0], [0, 2, 0], [1, 1, 0], [0, 0, -3]], [[3, 0, 0]] * 3 + [[0, 0, 1]]
    )
    np.testing.assert_allclose(found, [0, 90, 45, 180])


def test_small_angles_are_exact():
    assert direction_error([1, 1e-9, 0], [1, 0, 0]) == pytest.approx(np.degrees(1e-9), rel=1e-6)


def test_without_a_length_there_is_no_angle():
    assert np.isnan(direction_error([0, 0, 0], [1, 0, 0]))


def test_directions_have_three_numbers():
    with pytest.raises(AnatomyError, match=r"shape \(\.\.\., 3\), got \(2,\)"):
        direction_error([1, 0], [1, 0, 0])
    with pytest.raises(AnatomyError, match="target directions: expected numbers"):
        direction_error([1, 0, 0], ["a", "b", "c"])


def test_the_turn_of_a_clip_is_found():
    target = np.random.default_rng(0).normal(size=(8, 17, 3))
    turn = Rotation.from_rotvec([0.1, -0.4, 0.2]).as_matrix()
    np.testing.assert_allclose(clip_rotation(target @ turn, target), turn, atol=1e-12)
    # A size of its own does not matter.
    np.testing.assert_allclose(clip_rotation(2 * target @ turn, target), turn, atol=1e-12)


def test_opposite_turns_of_the_frames_cancel():
    # As wide in all directions, so that no frame's turn weighs more.
    target = np.stack([np.concatenate([np.eye(3), -np.eye(3)])] * 2)
    turn = Rotation.from_rotvec([0, 0, 0.3]).as_matrix()
    predicted = np.stack([target[0] @ turn, target[1] @ turn.T])
    np.testing.assert_allclose(clip_rotation(predicted, target), np.eye(3), atol=1e-12)


def test_a_mirror_image_is_turned_not_mirrored():
    target = np.random.default_rng(0).normal(size=(4, 17, 3))
    assert np.linalg.det(clip_rotation(target * [-1, 1, 1], target)) == pytest.approx(1)
