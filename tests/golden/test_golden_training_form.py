"""The training form against arrays of the reference implementation (see make_golden.py).

Written in Keras alone, so that the same tests run with KERAS_BACKEND=jax; the backend is in the
tests' names. Gradients are read by an optimizer that keeps them, through ``compile`` and
``train_on_batch``: what is compared is what ``fit`` computes.
"""

import dataclasses
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops
from reference_set import TERMS, ReferenceSet

from anatomy_tf.losses import compile_arguments
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.weights import anatomy3d

pytestmark = [pytest.mark.slow, pytest.mark.golden]

BACKEND = keras.config.backend()
NAMES = ("G1", "G2", "G3", "G4")
STEPS = (
    ("G1", "train_step"),
    ("G3", "train_step"),
    ("G2", "train_step_last"),
    ("G4", "train_step_last"),
    # The same networks and inputs with the delayed target of the implementation.
    ("G2", "train_step"),
    ("G4", "train_step"),
)


class GradientKeeper(AMSGrad):
    """AMSGrad that keeps the last gradient of every variable."""

    def build(self, variables: list[Any]) -> None:
        if not self.built:
            super().build(variables)
            self.last = self.add_optimizer_variables(variables, "last_gradient")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        self.assign(self.last[self._get_variable_index(variable)], gradient)
        super().update_step(gradient, variable, learning_rate)


@dataclasses.dataclass
class Trained:
    """What the reference's five steps on one batch gave here."""

    state: dict[str, np.ndarray]
    expected: dict[str, np.ndarray]
    logs: list[dict[str, float]]
    gradients: dict[str, np.ndarray]
    after: dict[str, np.ndarray]
    table: dict[str, Any]

    def ours(self, kind: str) -> dict[str, np.ndarray]:
        """The reference's arrays of a kind in this package's layout."""
        start = f"{kind}/"
        return {
            key: self.table[key][1](value)
            for name, value in self.expected.items()
            if (key := name.removeprefix(start)) != name
        }


def train(name: str, step: str) -> Trained:
    reference = ReferenceSet(name)
    model = reference.model()
    optimizer = GradientKeeper(1e-3)
    # Eager on TensorFlow: five steps take less time than tracing one graph.
    model.compile(
        optimizer=optimizer,
        run_eagerly=BACKEND == "tensorflow",
        **compile_arguments(model, metrics=False),
    )
    inputs, targets = reference.step_inputs(step), reference.step_targets(step)
    table = anatomy3d.variables(model)
    logs, gradients, after = [], {}, {}
    for number in range(5):
        model.reset_metrics()
        logs.append(model.train_on_batch(inputs, targets, return_dict=True))
        if number == 0:
            kept = dict(zip(map(id, model.trainable_variables), optimizer.last, strict=True))
            for key, (variable, _) in table.items():
                after[key] = ops.convert_to_numpy(variable)
                if id(variable) in kept:
                    gradients[key] = ops.convert_to_numpy(kept[id(variable)])
    state = reference.under("state")
    return Trained(state, reference.step(step), logs, gradients, after, table)


@pytest.fixture(scope="module", params=NAMES, ids=lambda name: f"{name}-{BACKEND}")
def reference(request: pytest.FixtureRequest) -> ReferenceSet:
    return ReferenceSet(request.param)


@pytest.fixture(scope="module")
def model(reference: ReferenceSet) -> AnatomyLifter:
    return reference.model()


@pytest.fixture(scope="module", params=STEPS, ids=lambda pair: f"{pair[0]}-{pair[1]}-{BACKEND}")
def trained(request: pytest.FixtureRequest) -> Trained:
    return train(*request.param)


def test_every_output_in_inference_mode_within_1e_5(reference, model):
    expected = reference.outputs()
    outputs = model(reference.inputs(), training=False)
    assert set(outputs) == set(expected)
    for name, value in outputs.items():
        given = ops.convert_to_numpy(value)
        assert given.shape == expected[name].shape, name
        np.testing.assert_allclose(given, expected[name], rtol=0, atol=1e-5, err_msg=name)


def test_the_inference_model_gives_the_same_poses(reference, model):
    inputs = reference.inputs()
    del inputs["augmented_keypoints"]
    outputs = model.inference_model()(inputs, training=False)
    expected = reference.outputs()
    expected["bone_directions"] = expected["bone_directions_2"]
    assert set(outputs) == {"positions", "bone_lengths", "bone_directions"}
    for name, value in outputs.items():
        given = ops.convert_to_numpy(value)
        np.testing.assert_allclose(given, expected[name], rtol=0, atol=1e-5, err_msg=name)


def test_every_loss_term_and_the_total_within_1e_5(trained):
    logs = trained.logs[0]
    assert set(logs) == {"loss", *(f"{output}_loss" for output in TERMS)}
    for output, term in TERMS.items():
        expected = trained.expected[f"loss/{term}"]
        np.testing.assert_allclose(logs[f"{output}_loss"], expected, rtol=1e-5, err_msg=output)
    np.testing.assert_allclose(logs["loss"], trained.expected["loss/total"], rtol=1e-5)


def test_every_gradient_within_1e_4_of_its_largest_entry(trained):
    expected = trained.ours("grad")
    noise = set(trained.expected["grad_zero_exact"].tolist())
    assert set(expected) | noise == set(trained.gradients)
    for key, gradient in expected.items():
        assert np.abs(gradient).max() > 0, key
        error = np.abs(trained.gradients[key] - gradient).max() / np.abs(gradient).max()
        assert error < 1e-4, f"{key}: {error:.1e}"


def test_gradients_that_are_zero_in_exact_arithmetic_are_rounding_noise(trained):
    largest = max(np.abs(gradient).max() for gradient in trained.gradients.values())
    for key in trained.expected["grad_zero_exact"].tolist():
        assert np.abs(trained.gradients[key]).max() < 1e-5 * largest, key


def test_running_statistics_after_one_step_within_1e_6(trained):
    """Relative for the values above 1, absolute below."""
    running = {key: value for key, value in trained.ours("after").items() if "running" in key}
    assert running
    for key, value in running.items():
        np.testing.assert_allclose(
            trained.after[key], value, rtol=1e-6, atol=1e-6, err_msg=key, strict=True
        )


def test_parameters_after_one_amsgrad_step_within_1e_6(trained):
    """Where the step is determined: the first step is learning rate times the gradient's sign, so
    an entry whose gradient is below the gradients' tolerance goes up or down by rounding."""
    parameters = {k: v for k, v in trained.ours("after").items() if "running" not in k}
    gradients = trained.ours("grad")
    assert set(parameters) == set(gradients)
    entries = compared = 0
    for key, value in parameters.items():
        size = np.abs(gradients[key])
        determined = size > 1e-4 * size.max()
        entries, compared = entries + size.size, compared + determined.sum()
        np.testing.assert_allclose(
            trained.after[key][determined], value[determined], rtol=0, atol=1e-6, err_msg=key
        )
    assert compared > 0.99 * entries


def test_amsgrad_of_the_references_gradients_within_1e_6(trained):
    """Every entry, however small its gradient: the optimizer alone."""
    gradients, expected = trained.ours("grad"), trained.ours("after")
    variables = {
        key: keras.Variable(trained.table[key][1](trained.state[key])) for key in gradients
    }
    AMSGrad(1e-3).apply(
        [ops.convert_to_tensor(gradient) for gradient in gradients.values()],
        list(variables.values()),
    )
    for key, variable in variables.items():
        given = ops.convert_to_numpy(variable)
        np.testing.assert_allclose(given, expected[key], rtol=0, atol=1e-6, err_msg=key)


def test_totals_of_five_steps_within_1e_4(trained):
    totals = [logs["loss"] for logs in trained.logs]
    np.testing.assert_allclose(totals, trained.expected["loss/total_seq"], rtol=1e-4)
