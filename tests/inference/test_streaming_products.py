import threading

import numpy as np
import pytest

from anatomy_tf.inference.folding import FoldedConvolution
from anatomy_tf.inference.second_thread import SecondThread
from anatomy_tf.inference.streaming_products import Product, in_numpy


def example(rows, inputs=1500, outputs=1100):
    rng = np.random.default_rng(rows)
    weights = rng.normal(size=(outputs, inputs)).astype(np.float32)
    scale, bias = rng.normal(size=(2, outputs)).astype(np.float32)
    values = rng.normal(size=(rows, 1, inputs)).astype(np.float32)
    return (weights.T, scale, bias), values, values @ weights.T * scale + bias


@pytest.mark.parametrize("rows", [1, 3, 9, 27, 40])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_product_is_a_product_however_it_is_cut(rows, threads):
    layer, values, expected = example(rows)
    found = Product.of_kernel(*layer, SecondThread() if threads == 2 else None)(values)
    assert found.shape == (rows, 1, 1100)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("rows", [1, 9])
def test_weights_that_float16_holds_are_read_in_16_bits(rows):
    (kernel, scale, bias), values, _ = example(rows)
    kernel = kernel.astype(np.float16).astype(np.float32)
    product = Product.of_kernel(kernel, scale, bias)
    assert product.weights.dtype == np.uint16
    np.testing.assert_allclose(product(values), values @ kernel * scale + bias, atol=1e-3)


def test_a_convolution_keeps_the_weights_as_stored_however_they_are_normalised():
    stored = np.float16([[[1 / 3, 2]], [[0.1, 5]]]).astype(np.float32)
    product = in_numpy().of_convolution(FoldedConvolution(stored, np.array([1.1, 0.7]), 2.0))
    assert product.weights.dtype == np.uint16
    expected = stored.astype(float).sum(axis=(0, 1)) * [1.1, 0.7] + 2
    np.testing.assert_allclose(product(np.ones((1, 2), np.float32)), expected[None], rtol=1e-6)


def test_several_may_be_under_way():
    second = SecondThread()
    examples = [example(rows) for rows in (9, 3, 1)]
    started = [Product.of_kernel(*layer, second).start(values) for layer, values, _ in examples]
    for finish, (*_, expected) in reversed(list(zip(started, examples, strict=True))):
        np.testing.assert_allclose(finish(), expected, atol=1e-3)


def test_nobody_waits_for_a_second_thread_that_is_busy():
    second, released = SecondThread(), threading.Event()
    occupied = second.start(released.wait)
    layer, values, expected = example(9)
    np.testing.assert_allclose(Product.of_kernel(*layer, second)(values), expected, atol=1e-3)
    released.set()
    assert occupied()


def test_what_goes_wrong_on_the_second_thread_is_raised():
    second, begun = SecondThread(), threading.Event()

    def work():
        begun.set()
        raise MemoryError("no room")

    finish = second.start(work)
    assert begun.wait(10)
    with pytest.raises(MemoryError, match="no room"):
        finish()
