import importlib

import numpy as np
import pytest

from anatomy_tf.sequences.gaps import fill_gaps, hold_ends
from anatomy_tf.sequences.running import running

NAN = np.nan


def filled(rows, xp=np):
    """One coordinate of some joints, a row a frame."""
    points = np.array(rows, np.float32)[None, ..., None]
    found = ~np.isnan(points[..., 0])
    points = np.nan_to_num(points)
    values = fill_gaps(xp.array(points), xp.array(found), xp=xp)
    return np.asarray(values)[0, ..., 0].tolist()


@pytest.mark.parametrize("xp", ["numpy", pytest.param("keras.ops", marks=pytest.mark.slow)])
def test_gaps_by_hand(xp):
    rows = [[NAN, 1, NAN], [4, NAN, NAN], [NAN, NAN, NAN], [8, 7, NAN], [NAN, 9, NAN]]
    # Held at the ends, linear between; the last joint was never found.
    expected = [[4, 1, 2.5], [4, 3, 3.5], [6, 5, 5.5], [8, 7, 7.5], [8, 9, 8.5]]
    assert filled(rows, importlib.import_module(xp)) == expected


def test_a_part_of_a_clip_is_held_at_its_ends():
    part = np.array([[1, 2], [3, 4], [5, 6]])
    assert hold_ends(part, 2, 7)[:, 0].tolist() == [1, 1, 1, 3, 5, 5, 5]
    np.testing.assert_array_equal(hold_ends(part, 0, 3), part)


def test_a_found_joint_is_itself_to_the_last_digit():
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 1e4, (50, 4)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.5] = NAN
    rows[7] = 1
    found = np.array(filled(rows), np.float32)
    known = ~np.isnan(rows)
    np.testing.assert_array_equal(found[known], rows[known])


def test_frames_after_the_clip_do_not_count():
    points = np.array([[1, 0, 5]], np.float32)[..., None, None]
    found = np.array([[True, False, True]])[..., None]
    valid = np.array([[True, True, False]])
    assert fill_gaps(points, found, valid)[0, :2, 0, 0].tolist() == [1, 1]
    assert fill_gaps(points, found)[0, :2, 0, 0].tolist() == [1, 3]


@pytest.mark.parametrize("frames", [1, 2, 7, 16])
def test_running_sums_are_cumulative_sums(frames):
    values = np.random.default_rng(0).normal(size=(2, frames, 3))
    found = running((values,), lambda a, b: (a[0] + b[0],), (0.0,), np)[0]
    np.testing.assert_allclose(found, np.cumsum(values, axis=1))
