import importlib

import numpy as np
import pytest

from anatomy_tf.inference.lifter import past_frames
from anatomy_tf.network.bone_lengths import attention, pooled, pooled_over, pooled_so_far


def test_pooling_by_hand():
    lengths = np.array([[[1.0], [2.0], [4.0]]], np.float32)
    logits = np.log(np.array([[[1.0], [1.0], [2.0]]])).astype(np.float32)
    np.testing.assert_allclose(pooled(lengths, logits, np), [[(1 + 2 + 2 * 4) / 4]], rtol=1e-6)
    np.testing.assert_allclose(attention(logits, np)[0, :, 0], [0.25, 0.25, 0.5], rtol=1e-6)
    one = pooled_over(lengths, logits, np.array([[1]]), np)
    np.testing.assert_allclose(one, [[2]])


@pytest.mark.parametrize("spread", [1, 1000])
@pytest.mark.parametrize("lowest", [0, -1])
@pytest.mark.parametrize("xp", ["numpy", pytest.param("keras.ops", marks=pytest.mark.slow)])
def test_past_pooling_is_pooling_over_each_past(spread, lowest, xp):
    xp, rng = importlib.import_module(xp), np.random.default_rng(0)
    lengths = rng.uniform(lowest, 1, (2, 9, 4)).astype(np.float32)
    lengths[:, 3, 1] = 0
    logits = rng.normal(0, spread, (2, 9, 4)).astype(np.float32)
    expected = [pooled(lengths[:, : t + 1], logits[:, : t + 1], np) for t in range(9)]
    found = pooled_so_far(*map(xp.array, (lengths, logits)), xp)
    np.testing.assert_allclose(found, np.stack(expected, axis=1), rtol=1e-5, atol=1e-6)


def test_large_logits_do_not_overflow():
    logits = np.array([[[1000.0], [1000.0], [2000.0]]], np.float32)
    lengths = np.array([[[2.0], [4.0], [8.0]]], np.float32)
    assert pooled_so_far(lengths, logits, np)[0, :, 0].tolist() == [2, 3, 8]


def test_past_frames_are_past_and_different():
    chosen = past_frames(20, 6, np.random.default_rng(1))
    assert chosen.shape == (20, 6)
    for t, row in enumerate(chosen):
        assert row.max() <= t
        assert len(set(row)) == min(t + 1, 6)
    assert not np.array_equal(chosen[-1], chosen[-2])
