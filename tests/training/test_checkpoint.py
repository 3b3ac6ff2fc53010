"""States of a run: all of it comes back, and nothing that does not fit is taken."""

import keras
import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.training.checkpoint import Checkpoint, Position, restore_state, save_state
from anatomy_tf.training.run_folder import RunFolder

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
    with pytest.raises(AnatomyError, match="is damaged"):
        restore_state(path, compiled())


def test_states_are_saved_between_the_batches_of_an_epoch(tmp_path):
    folder = RunFolder(tmp_path)
    folder.checkpoints.mkdir()
    checkpoint = Checkpoint(folder, every_steps=2)
    model = compiled()
    model.fit(X, Y, batch_size=2, verbose=0, callbacks=[checkpoint])
    # Six batches: after the second and the fourth; the sixth ends the epoch.
    names = [path.name for path in folder.states()]
    assert names == ["state-00000-00000004.npz", "state-00000-00000002.npz"]
    assert checkpoint.finished_epoch(6)


def test_a_request_to_stop_saves_and_ends_the_epoch(tmp_path):
    folder = RunFolder(tmp_path)
    folder.checkpoints.mkdir()
    asked = iter([False, False, True])
    checkpoint = Checkpoint(folder, 100, stop_requested=lambda: next(asked))
    compiled().fit(X, Y, batch_size=2, verbose=0, callbacks=[checkpoint])
    assert [path.name for path in folder.states()] == ["state-00000-00000003.npz"]
    assert not checkpoint.finished_epoch(6)


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    folder = RunFolder(tmp_path)
    folder.checkpoints.mkdir()
    with pytest.raises(AnatomyError, match="is not finite"):
        compiled().fit(X, Y * np.nan, batch_size=2, verbose=0, callbacks=[Checkpoint(folder, 1)])
    assert folder.states() == []
