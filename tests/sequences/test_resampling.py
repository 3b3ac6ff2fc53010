"""Frame rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import interpolate_frames, resampled_times
from anatomy_tf.sequences.resampling import resample_frames, shares_due, smooth_frames


def test_times_hand_worked():
    np.testing.assert_allclose(resampled_times(7, 60, 50), [0, 1.2, 2.4, 3.6, 4.8, 6])
    np.testing.assert_allclose(resampled_times(3, 25, 50), [0, 0.5, 1, 1.5, 2])
    np.testing.assert_array_equal(resampled_times(1, 60, 50), [0])
    np.testing.assert_allclose(resampled_times(2, 50, 25, count=3), [0, 2, 4])


def test_shares_due_hand_worked():
    # Of 25 frames a second each second one of 50 lies between two; of 100 each second is left out.
    assert list(shares_due(0, 0, 25, 50)) == [1]
    assert list(shares_due(1, 1, 25, 50)) == [0.5, 1]
    assert list(shares_due(1, 1, 100, 50)) == []
    assert list(shares_due(1, 2, 100, 50)) == [1]


@given(st.integers(1, 240), st.integers(1, 240), st.integers(1, 60))
def test_shares_due_are_the_times_of_a_clip_so_far(fps, new_fps, frames):
    times = []
    for newest in range(frames):
        times += [newest - 1 + share for share in shares_due(len(times), newest, fps, new_fps)]
    np.testing.assert_allclose(times, resampled_times(frames, fps, new_fps), atol=1e-4)


@given(st.integers(1, 2000), st.integers(1, 240), st.integers(1, 240))
def test_times_fill_the_clip_and_stay_in_it(frames, fps, new_fps):
    times = resampled_times(frames, fps, new_fps)
    assert times[0] == 0
    assert times[-1] <= frames - 1 + 1e-4
    assert times[-1] + fps / new_fps > frames - 1 - 1e-4


@given(st.integers(1, 240), st.integers(1, 240))
def test_times_where_both_rates_meet_are_whole(fps, new_fps):
    times = resampled_times(fps + 1, fps, new_fps)
    frames = np.arange(new_fps + 1)
    meet = frames * fps % new_fps == 0
    np.testing.assert_array_equal(times[meet], frames[meet] * fps // new_fps)


@pytest.mark.parametrize("rate", [0, -25, np.nan, np.inf])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000"):
        resampled_times(10, 50, rate)


def test_interpolation_hand_worked():
    values = np.array([[0.0, 10], [1, 30], [5, 20]])
    np.testing.assert_allclose(
        interpolate_frames(values, np.array([0.5, 1, 1.75, 2, 7, -1])),
        [[0.5, 20], [1, 30], [4, 22.5], [5, 20], [5, 20], [0, 10]],
    )


def test_one_frame_is_held():
    np.testing.assert_array_equal(interpolate_frames(np.array([[3.0]]), np.arange(3.0)), [[3]] * 3)


def test_a_gap_spoils_only_the_times_that_touch_it():
    values = np.array([0.0, np.nan, 2, 3])
    times = np.array([0, 0.5, 1, 1.5, 2, 2.5])
    np.testing.assert_array_equal(
        interpolate_frames(values, times), [0, np.nan, np.nan, np.nan, 2, 2.5]
    )


def test_a_gap_beside_a_shared_frame_does_not_spoil_it():
    # 25 to 30 fps: every 6th new frame is an old one; its neighbours are all missing.
    values = np.full(501, np.nan)
    values[::5] = np.arange(101)
    found = interpolate_frames(values, resampled_times(501, 25, 30))
    np.testing.assert_array_equal(found[::6], np.arange(101))


def test_smooth_curves_go_through_the_frames_and_keep_parabolas():
    frames = np.arange(6.0)
    values = np.stack([frames**2, 3 - 2 * frames], axis=-1)
    times = np.array([0, 1, 1.5, 2.25, 3.5, 4, 5, 7])
    found = smooth_frames(values, times)
    held = np.minimum(times, 5)
    # All four frames around a time are there from 1 to 4, at a clip's ends a parabola is not known.
    np.testing.assert_allclose(found[:, 0], held**2, atol=1e-5)
    np.testing.assert_allclose(found[:, 1], 3 - 2 * held, atol=1e-5)


def test_smooth_curves_bend_more_than_straight_lines():
    values = np.array([0.0, 0, 1, 1])
    assert smooth_frames(values, np.array([1.5]))[0] == pytest.approx(0.5)
    # Catmull and Rom's spline: 0.5 (2 p1 + (p2 - p0) u + ...) at a quarter.
    assert smooth_frames(values, np.array([1.25]))[0] == pytest.approx(0.203125)


def test_smooth_curves_beside_a_gap():
    values = np.array([np.nan, 2, 4, np.nan, 7, 8])
    times = np.array([0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 4.5])
    expected = [np.nan, np.nan, 2, 3, 4, np.nan, np.nan, 7, 7.5]
    np.testing.assert_allclose(smooth_frames(values, times), expected, atol=1e-6)


def test_smooth_curve_of_one_frame_is_held():
    np.testing.assert_array_equal(smooth_frames(np.array([[3.0]]), np.arange(3.0)), [[3]] * 3)


def test_between_two_frames_a_truth_holds_when_it_does_in_both():
    truth = np.array([True, True, False, True])
    found = resample_frames(truth, np.array([0, 0.1, 1, 1.9, 2, 2.5, 3, 9]))
    assert found.tolist() == [True, True, True, False, False, False, True, True]


def test_numbers_are_interpolated():
    np.testing.assert_allclose(resample_frames(np.array([1.0, 3]), np.array([0.5])), [2])
