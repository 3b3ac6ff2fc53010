import threading

import numpy as np
import pytest

from anatomy_tf.network.few_rows import (
    READS_HALVES,
    TILE,
    ended,
    few_rows,
    in_tiles,
)

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)


def example(rows, inputs, outputs, bits=32):
    weights = RNG.normal(size=(inputs, outputs)).astype(np.float32)
    if bits == 16:
        weights = weights.astype(np.float16).astype(np.float32)
    values = RNG.normal(size=(rows, inputs)).astype(np.float32)
    scale, bias = RNG.normal(size=(2, outputs)).astype(np.float32)
    tiles = in_tiles(weights)
    assert tiles.dtype == (np.uint16 if bits == 16 else np.float32)
    return tiles, scale, bias, values, values.astype(float) @ weights * scale + bias


@pytest.mark.parametrize("bits", [32, 16])
@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 9, 27, 36, 37, 41, 100])
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (51, 48), (64, TILE), (100, TILE + 7)])
def test_a_product_of_any_size(bits, rows, inputs, outputs):
    tiles, scale, bias, values, expected = example(rows, inputs, outputs, bits)
    products = np.full((rows, outputs), np.nan, np.float32)
    few_rows(tiles, scale, bias, values, products, 2, np.zeros(2, np.int64))
    np.testing.assert_allclose(products, expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_threads_share_a_product(threads, size):
    tiles, scale, bias, values, expected = example(9, 300, 4 * TILE)
    products, pieces = np.full((9, 4 * TILE), np.nan, np.float32), np.zeros(2, np.int64)
    arguments = (tiles, scale, bias, values, products, size, pieces)
    running = [threading.Thread(target=few_rows, args=arguments) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    np.testing.assert_allclose(products, expected, rtol=1e-4, atol=1e-4)
    count = -(-4 // size)
    assert pieces.tolist() == [count + threads, count]
    assert ended(pieces, count, 1)
    assert not ended(pieces, count + 1, 1000)


@pytest.mark.skipif(not READS_HALVES, reason="this processor has no instruction for float16")
def test_every_float16_is_read_exactly():
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].astype(np.float32)
    tiles = in_tiles(finite[None])
    assert tiles.dtype == np.uint16
    one, products = np.ones((1, 1), np.float32), np.empty((1, len(finite)), np.float32)
    scale, bias = np.ones_like(finite), np.zeros_like(finite)
    few_rows(tiles, scale, bias, one, products, len(tiles), np.zeros(2, np.int64))
    np.testing.assert_array_equal(products[0], finite)


@pytest.mark.parametrize("weight", [1 / 3, 70000.0, 1e-9])
def test_weights_that_float16_does_not_hold_stay_as_they_are(weight):
    tiles = in_tiles(np.array([[1, weight]], np.float32))
    assert tiles.dtype == np.float32
    assert tiles[0, 0, 1] == np.float32(weight)


def test_not_a_number_is_not_hidden():
    tiles, scale, bias, values, _ = example(4, 20, 8)
    values[1, 3] = np.nan
    products = np.empty((4, 8), np.float32)
    few_rows(tiles, scale, bias, values, products, 2, np.zeros(2, np.int64))
    np.testing.assert_array_equal(np.isnan(products).any(axis=1), [False, True, False, False])
