"""Frames that are not known."""

import numpy as np
import pytest

from anatomy_tf.sequences.gaps import fill_frames


@pytest.mark.parametrize("unknown", [9, np.nan])
def test_unknown_frames_are_between_the_known(unknown):
    values = np.array([[unknown], [1], [unknown], [unknown], [4], [unknown]])
    known = np.array([False, True, False, False, True, False])
    np.testing.assert_allclose(fill_frames(values, known), [[1], [1], [2], [3], [4], [4]])


def test_one_known_frame_is_held():
    known = np.array([False, True, False])
    values = np.random.default_rng(0).normal(size=(3, 4, 3)).astype(np.float32)
    np.testing.assert_array_equal(fill_frames(values, known), np.repeat(values[1:2], 3, axis=0))


def test_known_frames_stay_as_they_are():
    values = np.random.default_rng(1).normal(size=(5, 2)).astype(np.float32)
    known = np.array([True, False, True, True, False])
    np.testing.assert_array_equal(fill_frames(values, known)[known], values[known])
    np.testing.assert_array_equal(fill_frames(values, np.ones(5, bool)), values)
