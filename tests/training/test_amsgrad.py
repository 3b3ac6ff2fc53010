"""AMSGrad against the update written out in float64."""

import keras
import numpy as np
import pytest

from anatomy_tf.training.amsgrad import AMSGrad

pytestmark = pytest.mark.slow

# The second gradient is smaller, so that the running maximum matters; 1e-8 is where epsilon does.
GRADIENTS = np.array([[1.0, -2.0, 1e-8], [0.1, 0.5, -2e-8], [-0.3, 4.0, 1e-9]])


def written_out(weights: np.ndarray, gradients: np.ndarray, rate: float) -> np.ndarray:
    first = second = largest = np.zeros_like(weights)
    for step, gradient in enumerate(gradients, start=1):
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        largest = np.maximum(largest, second)
        corrected = np.sqrt(largest / (1 - 0.999**step))
        weights = weights - rate * first / (1 - 0.9**step) / (corrected + 1e-8)
    return weights


def test_three_steps_equal_the_update_written_out():
    start = np.array([1.0, -1.0, 0.5])
    variable = keras.Variable(start, dtype="float32")
    optimizer = AMSGrad(learning_rate=0.1)
    for gradient in GRADIENTS:
        optimizer.apply([keras.ops.cast(gradient, "float32")], [variable])
    expected = written_out(start, GRADIENTS, 0.1)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(variable), expected, atol=1e-6)
    # Hand-worked: the first step moves a large gradient by the learning rate, and a gradient of
    # 1e-8 by half of it, for its corrected root equals epsilon.
    one = written_out(start, GRADIENTS[:1], 0.1)
    np.testing.assert_allclose(one, [0.9, -0.9, 0.45], atol=1e-6)


def test_without_a_mean_of_gradients_each_step_is_the_gradients_own():
    variable = keras.Variable(np.ones(2), dtype="float32")
    optimizer = AMSGrad(0.1, beta_1=0.0)
    optimizer.apply([keras.ops.convert_to_tensor(np.float32([1, -1]))], [variable])
    np.testing.assert_allclose(variable, [0.9, 1.1], atol=1e-6)
    optimizer.apply([keras.ops.convert_to_tensor(np.float32([-1, -1]))], [variable])
    np.testing.assert_allclose(variable, [1.0, 1.2], atol=1e-6)


def test_it_differs_from_keras_adam_only_by_where_epsilon_goes():
    results = []
    for optimizer in (
        AMSGrad(0.01),
        keras.optimizers.Adam(0.01, epsilon=1e-8, amsgrad=True),
    ):
        variable = keras.Variable(np.ones(3), dtype="float32")
        optimizer.apply([keras.ops.cast(GRADIENTS[0], "float32")], [variable])
        results.append(keras.ops.convert_to_numpy(variable))
    np.testing.assert_allclose(results[0][:2], results[1][:2], atol=1e-6)
    assert abs(results[0][2] - results[1][2]) > 1e-3


@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_moves_weights_the_same_with_and_without_jit(jit_compile):
    inputs = keras.Input((2,))
    outputs = keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False)(inputs)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=AMSGrad(0.1), loss="mse", jit_compile=jit_compile)
    x = np.eye(2, dtype="float32")
    model.fit(x, np.array([[1.0], [-3.0]], "float32"), epochs=1, batch_size=2, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], [[0.1], [-0.1]], atol=1e-6)


def test_it_is_rebuilt_from_its_config():
    optimizer = AMSGrad(0.02, beta_1=0.8, beta_2=0.99, epsilon=1e-6)
    copy = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(copy, AMSGrad)
    assert copy.get_config() == optimizer.get_config()


def test_all_moments_are_variables():
    optimizer = AMSGrad()
    optimizer.build([keras.Variable(np.ones(3))])
    assert len(optimizer.variables) == 2 + 3  # iterations and learning rate, then the moments
