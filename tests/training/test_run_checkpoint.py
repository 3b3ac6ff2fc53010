"""States of a run: all of it comes back, and nothing that does not fit is taken."""

import keras
import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.training.checkpoint import Position, restore_state, save_state

pytestmark = pytest.mark.slow

X = np.arange(24, dtype="float32").reshape(12, 2) / 24
Y = X.sum(axis=1, keepdims=True)


def compiled(units=3):
    inputs = keras.Input((2,))
    hidden = keras.layers.Dropout(0.5, seed=1)(keras.layers.Dense(units)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.BatchNormalization()(hidden)))
    model.compile(optimizer=AMSGrad(0.01), loss="mse")
    model.optimizer.build(model.trainable_variables)
    model.compute_loss(y=Y[:1], y_pred=model(X[:1]))
    model.reset_metrics()
    return model


def values(model):
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def test_everything_comes_back(tmp_path):
    model = compiled()
    model.fit(X, Y, epochs=1, batch_size=4, verbose=0)
    save_state(tmp_path / "state.npz", model, Position(2, 7))
    other = compiled()
    position, restore_metrics = restore_state(tmp_path / "state.npz", other)
    other.reset_metrics()
    restore_metrics()
    assert position == Position(2, 7)
    before, after = values(model), values(other)
    assert len(before) == len(after)
    for expected, got in zip(before, after, strict=True):
        np.testing.assert_array_equal(got, expected)
    # Dropout has drawn three times; without its generator's state a resumed run draws them again.
    states = [v for v in model.variables if "seed_generator" in v.path]
    assert len(states) == 1 and np.any(keras.ops.convert_to_numpy(states[0]) != [1, 0])
    assert int(other.optimizer.iterations) == 3


def test_another_model_is_refused(tmp_path):
    save_state(tmp_path / "state.npz", compiled(3), Position(0, 1))
    with pytest.raises(AnatomyError, match=r"belongs to another model.*\(2, 3\).*\(2, 4\)"):
        restore_state(tmp_path / "state.npz", compiled(4))


def test_a_cut_off_file_is_called_damaged(tmp_path):
    path = tmp_path / "state.npz"
    save_state(path, compiled(), Position(0, 1))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(AnatomyError, match=r"state\.npz: not a readable npz file"):
        restore_state(path, compiled())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"header": np.array("[1]")}, "expected its epoch and step"),
        ({"header": np.array("{")}, "not a readable checkpoint"),
        ({"header": None}, "not a readable checkpoint"),
        ({"model/1": None}, "model/1 is missing"),
        ({"optimizer/2": np.zeros(3, np.float32)}, "expected float32 of shape"),
        ({"metrics/0": np.array("x")}, "metrics/0: expected float32"),
        ({"model/0": np.full((2, 3), np.nan, np.float32)}, "model/0: a number is NaN"),
    ],
)
def test_a_damaged_state_changes_no_weight(tmp_path, change, told):
    path = tmp_path / "state.npz"
    save_state(path, compiled(), Position(0, 1))
    with np.load(path) as archive:
        arrays = {**archive, **change}
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    model = compiled()
    before = values(model)
    with pytest.raises(AnatomyError, match=told):
        restore_state(path, model)
    for expected, got in zip(before, values(model), strict=True):
        np.testing.assert_array_equal(got, expected)
