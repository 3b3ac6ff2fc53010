import itertools

import numpy as np
import pytest
from scipy.stats import chisquare

from anatomy_tf.data.batches.sampled_frames import consecutive_frames, sample_without_replacement


# Both ways of drawing: sorted keys (short videos) and redrawn repeats (6 frames and more).
@pytest.mark.parametrize("length", [3, 4, 5, 6, 7])
def test_every_ordered_choice_is_equally_likely(length: int) -> None:
    rng = np.random.default_rng(length)
    drawn = sample_without_replacement(rng, np.full(60_000, length), 3)
    choices = list(itertools.permutations(range(length), 3))
    codes = drawn @ [length**2, length, 1]
    counts = [int((codes == np.dot(choice, [length**2, length, 1])).sum()) for choice in choices]
    assert sum(counts) == 60_000
    assert chisquare(counts).pvalue > 1e-3


def test_each_place_is_uniform_over_a_long_video() -> None:
    drawn = sample_without_replacement(np.random.default_rng(0), np.full(4000, 120), 50)
    for place in (0, 25, 49):
        assert chisquare(np.bincount(drawn[:, place], minlength=120)).pvalue > 1e-3


def test_videos_of_different_lengths() -> None:
    lengths = np.array([50, 51, 99, 100, 101, 150, 1000, 5000, 10**7] * 40)
    drawn = sample_without_replacement(np.random.default_rng(1), lengths, 50)
    assert drawn.shape == (360, 50)
    assert drawn.min() >= 0
    assert (drawn < lengths[:, None]).all()
    assert (np.diff(np.sort(drawn, axis=1), axis=1) > 0).all()
    assert (np.sort(drawn[0]) == np.arange(50)).all()


def test_a_short_video_repeats_its_frames_evenly() -> None:
    drawn = sample_without_replacement(np.random.default_rng(2), np.array([1, 2, 3]), 7)
    np.testing.assert_array_equal(drawn[0], 0)
    assert sorted(np.bincount(drawn[1])) == [3, 4]
    assert sorted(np.bincount(drawn[2])) == [2, 2, 3]
    np.testing.assert_array_equal(drawn[2, :3], drawn[2, 3:6])


def test_consecutive_frames_around_and_before() -> None:
    rng = np.random.default_rng(3)
    frame, lengths = np.array([0, 5, 9, 1]), np.array([10, 10, 10, 2])
    around = np.sort(consecutive_frames(rng, frame, lengths, 4, causal=False), axis=1)
    np.testing.assert_array_equal(around, [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9], [0, 0, 1, 1]])
    before = np.sort(consecutive_frames(rng, frame, lengths, 4, causal=True), axis=1)
    np.testing.assert_array_equal(before, [[0, 0, 0, 0], [2, 3, 4, 5], [6, 7, 8, 9], [0, 0, 1, 1]])


def test_consecutive_frames_come_in_random_order() -> None:
    drawn = consecutive_frames(
        np.random.default_rng(4), np.full(8000, 10), np.full(8000, 20), 4, causal=False
    )
    assert chisquare(np.bincount(drawn[:, 0] - 8, minlength=4)).pvalue > 1e-3
