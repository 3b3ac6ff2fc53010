import threading

import numpy as np
import pytest

from anatomy_tf.inference.second_thread import SecondThread
from anatomy_tf.inference.streaming_products import Product


def example(rows, inputs=1500, outputs=1100):
    rng = np.random.default_rng(rows)
    weights = rng.normal(size=(outputs, inputs)).astype(np.float32)
    bias = rng.normal(size=outputs).astype(np.float32)
    values = rng.normal(size=(rows, 1, inputs)).astype(np.float32)
    return weights, bias, values, values @ weights.T + bias


@pytest.mark.parametrize("rows", [1, 3, 9, 27, 40])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_product_is_a_product_however_it_is_cut(rows, threads):
    weights, bias, values, expected = example(rows)
    product = Product(weights, bias, SecondThread() if threads == 2 else None)
    found = product(values)
    assert found.shape == (rows, 1, 1100)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_several_may_be_under_way():
    second = SecondThread()
    examples = [example(rows) for rows in (9, 3, 1)]
    started = [Product(w, b, second).start(values) for w, b, values, _ in examples]
    for finish, (*_, expected) in reversed(list(zip(started, examples, strict=True))):
        np.testing.assert_allclose(finish(), expected, atol=1e-3)


def test_nobody_waits_for_a_second_thread_that_is_busy():
    second, released = SecondThread(), threading.Event()
    occupied = second.start(released.wait)
    weights, bias, values, expected = example(9)
    np.testing.assert_allclose(Product(weights, bias, second)(values), expected, atol=1e-3)
    released.set()
    assert occupied()


def test_what_goes_wrong_on_the_second_thread_is_raised():
    second, begun = SecondThread(), threading.Event()

    def pieces():
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            raise MemoryError("no room")

    finish = second.start_pieces(pieces)
    assert begun.wait(10)
    with pytest.raises(MemoryError, match="no room"):
        finish()
