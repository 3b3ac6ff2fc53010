"""What a served model does with pixels against the package's own containers."""

import numpy as np
import pytest
from pixel_clips import batch, clip

from anatomy_tf.network.arrays import KerasArrays, NumPyArrays
from anatomy_tf.network.preparation import (
    exact_rate,
    filled,
    held,
    normalized,
    not_found,
    rays,
    resampled,
    resampled_frames,
    valid_frames,
)
from anatomy_tf.sequences import interpolate_frames, resampled_times
from anatomy_tf.sequences.gaps import NOT_FOUND


@pytest.fixture(params=[NumPyArrays, pytest.param(KerasArrays, marks=pytest.mark.slow)])
def arrays(request):
    return request.param()


def of(arrays, *values):
    """Values as these arrays' own."""
    return [arrays.xp.array(value) for value in values]


def test_gaps_are_closed_as_in_a_keypoint_sequence(arrays):
    clips = [clip(frames, 50, seed) for seed, frames in enumerate((21, 4, 1))]
    pixels, visibility, frames = of(arrays, *batch(clips))
    valid = valid_frames(frames, pixels.shape[1], arrays)
    # What padding holds is not read.
    padding = np.logical_not(np.asarray(valid))[..., None].astype(np.float32)
    unsure = 0.5 * padding
    pixels = arrays.xp.where(padding[..., None] > 0, 7 + 0 * padding[..., None], pixels)
    found, seen = map(np.asarray, filled(pixels, visibility + unsure, valid, arrays))
    for at, c in enumerate(clips):
        found_only = c.without(NOT_FOUND)
        expected = found_only.filled().keypoints
        np.testing.assert_allclose(found[at, : len(c)], expected, rtol=2e-6)
        np.testing.assert_array_equal(seen[at, : len(c)], found_only.visibility)
        assert not seen[at, len(c) :].any()


def test_a_joint_is_lost_without_a_place_or_below_the_least_score(arrays):
    pixels = np.array([[1, 2], [np.nan, 2], [1, np.nan], [1, 2], [1, 2]], np.float32)
    scores = np.array([NOT_FOUND, 1, 1, NOT_FOUND - 0.001, 0], np.float32)
    found = not_found(*of(arrays, pixels, scores), arrays)
    assert np.asarray(found).tolist() == [False, True, True, True, True]


def test_rates_differ_within_a_batch(arrays):
    values = np.random.default_rng(0).normal(size=(3, 11, 2)).astype(np.float32)
    frames, rates = np.array([11, 7, 1], np.int32), np.array([25, 29.97, 120])
    fps, new = of(arrays, rates, np.float64(50))
    counts = resampled_frames(*of(arrays, frames), fps, new, arrays)
    assert np.asarray(counts).tolist() == [21, 11, 1]
    found = resampled(*of(arrays, values, frames), 21, fps, new, arrays)
    for at, (count, rate) in enumerate(zip(frames, rates, strict=True)):
        times = resampled_times(count, rate, 50.0, 21)
        expected = interpolate_frames(values[at, :count], times)
        np.testing.assert_allclose(found[at], expected, atol=1e-6)


def test_a_rate_is_the_decimal_fraction_that_was_meant(arrays):
    meant = [29.97, 23.976, 50, 30000 / 1001]
    found = np.asarray(exact_rate(*of(arrays, np.float32(meant)), arrays))
    assert found[:3].tolist() == meant[:3]
    np.testing.assert_allclose(found[3], meant[3], rtol=1e-7)


def test_pixels_are_normalised_by_each_rows_own_image(arrays):
    pixels = np.array([[[0, 0], [1280, 720]], [[0, 0], [1080, 1920]]], np.float32)
    sizes = np.array([[1280, 720], [1080, 1920]], np.float32)
    found = np.asarray(normalized(*of(arrays, pixels, sizes), arrays))
    y = 720 / 1280, 1920 / 1080
    expected = [[[-1, -y[0]], [1, y[0]]], [[-1, -y[1]], [1, y[1]]]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_rays_are_of_a_lens_of_60_degrees_over_each_rows_longer_side(arrays):
    pixels = np.array([[[1280, 360], [640, 0]], [[540, 1920], [0, 960]]], np.float32)
    sizes = np.array([[1280, 720], [1080, 1920]], np.float32)
    found = np.asarray(rays(*of(arrays, pixels, sizes), arrays))
    edge = np.tan(np.radians(30))
    expected = [[[edge, 0], [0, -edge * 9 / 16]], [[0, edge], [-edge * 9 / 16, 0]]]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_lost_joints_are_held_and_fade(arrays):
    screen = np.array([[[5, 5], [1, 3], [3, 1]], [[7, 8], [0, 0], [0, 0]]], np.float32)
    visibility = np.array([[0, 1, 0.5], [1, 0, 0]], np.float32)
    lost = np.array([[True, False, False], [False, True, True]])
    last = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    before = (last, np.full((2, 3), 0.8, np.float32), np.array([False, True]))
    found = held(*of(arrays, screen, visibility, lost), tuple(of(arrays, *before)), 0.5, arrays)
    points, scores = map(np.asarray, found)
    # A new person's lost joint stands at the mean of the joints that were found.
    expected = [[[2, 2], [1, 3], [3, 1]], [[7, 8], [8, 9], [10, 11]]]
    np.testing.assert_array_equal(points, expected)
    np.testing.assert_allclose(scores, [[0, 1, 0.5], [1, 0.4, 0.4]])
