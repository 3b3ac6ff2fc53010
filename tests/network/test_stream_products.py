import threading

import numpy as np
import pytest

from anatomy_tf.network.second_thread import SecondThread
from anatomy_tf.network.stream_products import BlasProduct, FewRowsProduct
from anatomy_tf.network.weights import Product

pytestmark = pytest.mark.slow

PRODUCTS = {
    "BLAS": BlasProduct,
    "one thread": FewRowsProduct,
    "two threads": lambda layer: FewRowsProduct(layer, SecondThread()),
}


def example(rows, inputs=1500, outputs=1100):
    rng = np.random.default_rng(rows)
    kernel = rng.normal(size=(1, inputs, outputs)).astype(np.float32)
    scale, bias = rng.normal(size=(2, outputs)).astype(np.float32)
    values = rng.normal(size=(rows, 1, inputs)).astype(np.float32)
    return Product(kernel, scale, bias), values, values @ kernel[0] * scale + bias


@pytest.mark.parametrize("rows", [1, 3, 9, 27, 40])
@pytest.mark.parametrize("kind", PRODUCTS)
def test_a_product_is_a_product_however_it_is_cut(rows, kind):
    layer, values, expected = example(rows)
    product = PRODUCTS[kind](layer)
    for found in (product(values), product.begin(values)()):
        assert found.shape == (rows, 1, 1100)
        np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize("rows", [1, 9])
def test_weights_that_float16_holds_are_read_in_16_bits(rows):
    layer, values, _ = example(rows)
    kernel = layer.kernel.astype(np.float16).astype(np.float32)
    product = FewRowsProduct(Product(kernel, layer.scale, layer.bias))
    assert product.weights.dtype == np.uint16
    expected = values @ kernel[0] * layer.scale + layer.bias
    np.testing.assert_allclose(product(values), expected, atol=2e-3)


def test_a_convolution_keeps_the_weights_as_stored_however_they_are_normalised():
    stored = np.float16([[[1 / 3, 2]], [[0.1, 5]]]).astype(np.float32)
    product = FewRowsProduct(Product(stored, np.array([1.1, 0.7]), np.array([2.0, 2.0])))
    assert product.weights.dtype == np.uint16
    expected = stored.astype(float).sum(axis=(0, 1)) * [1.1, 0.7] + 2
    np.testing.assert_allclose(product(np.ones((1, 2), np.float32)), expected[None], rtol=1e-6)


def test_several_may_be_under_way():
    second = SecondThread()
    examples = [example(rows) for rows in (9, 3, 1)]
    begun = [FewRowsProduct(layer, second).begin(values) for layer, values, _ in examples]
    for finish, (*_, expected) in reversed(list(zip(begun, examples, strict=True))):
        np.testing.assert_allclose(finish(), expected, atol=2e-3)


def test_nobody_waits_for_a_second_thread_that_is_busy():
    second, released = SecondThread(), threading.Event()
    occupied = second.start(released.wait)
    layer, values, expected = example(9)
    np.testing.assert_allclose(FewRowsProduct(layer, second)(values), expected, atol=2e-3)
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
