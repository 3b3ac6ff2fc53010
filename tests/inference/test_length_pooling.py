import numpy as np
import pytest

from anatomy_tf.inference.length_pooling import past_frames, pool_lengths, pool_past_lengths


def test_pooling_by_hand():
    lengths = np.array([[1.0], [2.0], [4.0]], np.float32)
    logits = np.log(np.array([[1.0], [1.0], [2.0]])).astype(np.float32)
    pooled = pool_lengths(lengths, logits, np.array([0, 1, 2]))
    np.testing.assert_allclose(pooled, [(1 + 2 + 2 * 4) / 4], rtol=1e-6)
    np.testing.assert_allclose(pool_lengths(lengths, logits, np.array([1])), [2])


@pytest.mark.parametrize("spread", [1, 1000])
@pytest.mark.parametrize("lowest", [0, -1])
def test_past_pooling_is_pooling_over_each_past(spread, lowest):
    rng = np.random.default_rng(0)
    lengths = rng.uniform(lowest, 1, (9, 4)).astype(np.float32)
    lengths[3, 1] = 0
    logits = rng.normal(0, spread, (9, 4)).astype(np.float32)
    expected = [pool_lengths(lengths, logits, np.arange(t + 1)) for t in range(9)]
    np.testing.assert_allclose(pool_past_lengths(lengths, logits), expected, rtol=1e-5, atol=1e-6)


def test_past_frames_are_past_and_different():
    chosen = past_frames(20, 6, np.random.default_rng(1))
    assert chosen.shape == (20, 6)
    for t, row in enumerate(chosen):
        assert row.max() <= t
        assert len(set(row)) == min(t + 1, 6)
    assert not np.array_equal(chosen[-1], chosen[-2])
