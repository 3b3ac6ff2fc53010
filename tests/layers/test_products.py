"""Products whose factors are rounded to bfloat16."""

import keras
import numpy as np
import pytest
from keras import ops

from anatomy_tf.layers import TemporalConvolution
from anatomy_tf.layers.products import bfloat16_products, product
from anatomy_tf.models.precision import computing_in

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(4, 6, 96)).astype(np.float32)
KERNEL = RNG.normal(size=(96, 8)).astype(np.float32)


def rounded(values):
    return np.asarray(ops.cast(ops.cast(values, "bfloat16"), "float32"))


def test_a_product_of_rounded_factors_is_float32_and_as_close_as_bfloat16_is():
    found = product(ops.convert_to_tensor(VALUES), ops.convert_to_tensor(KERNEL), True)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    exact = rounded(VALUES) @ rounded(KERNEL)
    # JAX gives float32 sums, the others round the sum once more.
    np.testing.assert_allclose(np.asarray(found), exact, rtol=2**-7, atol=1e-3)
    assert np.abs(np.asarray(found) - VALUES @ KERNEL).max() > 1e-3


def test_only_layers_made_in_the_block_round():
    layers = []
    for rounds in (False, True):
        with bfloat16_products(rounds):
            layers.append(TemporalConvolution(8, 1, dropout=0.0))
    plain, rounding = layers
    for layer in layers:
        layer.build(VALUES.shape)
        layer.kernel.assign(KERNEL[None])
    np.testing.assert_allclose(plain.product(VALUES), VALUES @ KERNEL, rtol=1e-4, atol=1e-4)
    found = np.asarray(rounding.product(ops.convert_to_tensor(VALUES)))
    np.testing.assert_allclose(found, rounded(VALUES) @ rounded(KERNEL), rtol=2**-7, atol=1e-3)
    assert rounding.get_config() == {**plain.get_config(), "name": rounding.name}


def test_blocks_end_and_nest():
    with bfloat16_products():
        with bfloat16_products(False):
            assert TemporalConvolution(8)._rounded
        assert TemporalConvolution(8)._rounded
    assert not TemporalConvolution(8)._rounded


@pytest.mark.parametrize("precision", ["float32", "bfloat16_products"])
def test_weights_are_float32(precision):
    with computing_in(precision):
        layer = TemporalConvolution(8)
    layer.build(VALUES.shape)
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    assert layer.compute_dtype == "float32"
    assert layer._rounded == (precision == "bfloat16_products")


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="JAX has gradients of its own")
def test_gradients_on_jax_are_those_of_the_rounded_factors():
    import jax

    def total(values, kernel):
        return (product(values, kernel, True) ** 2).sum()

    of_values, of_kernel = jax.grad(total, (0, 1))(VALUES, KERNEL)
    values, kernel = rounded(VALUES), rounded(KERNEL)
    gradient = rounded(2 * (values @ kernel))
    np.testing.assert_allclose(of_values, gradient @ kernel.T, rtol=1e-2, atol=0.5)
    rows = gradient.reshape(-1, 8)
    np.testing.assert_allclose(of_kernel, values.reshape(-1, 96).T @ rows, rtol=1e-2, atol=0.5)
