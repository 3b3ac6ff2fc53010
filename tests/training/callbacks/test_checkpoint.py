"""States that are saved while a run trains."""

import keras
import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.training.callbacks.checkpoint import Checkpoint
from anatomy_tf.training.run_folder import RunFolder
from anatomy_tf.training.stop_request import TrainingInterrupted

pytestmark = pytest.mark.slow

X = np.arange(24, dtype="float32").reshape(12, 2) / 24
Y = X.sum(axis=1, keepdims=True)


@pytest.fixture
def folder(tmp_path):
    run = RunFolder(tmp_path)
    run.checkpoints.mkdir()
    return run


def fit(checkpoint, targets=Y, epochs=1):
    """Six batches an epoch."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile(optimizer=AMSGrad(0.01), loss="mse")
    model.fit(X, targets, batch_size=2, epochs=epochs, verbose=0, callbacks=[checkpoint])


def names(folder):
    return [path.stem for path in folder.states()]


def test_states_are_saved_within_an_epoch_and_after_it(folder):
    saved = []

    class Noted(Checkpoint):
        def _save(self, position):
            saved.append((position.epoch, position.step))
            super()._save(position)

    fit(Noted(folder, every_steps=2, epochs=2), epochs=2)
    # Not twice after the sixth batch, which ends the epoch.
    assert saved == [(0, 2), (0, 4), (1, 0), (1, 2), (1, 4), (2, 0)]
    assert names(folder) == ["state-00002-00000000", "state-00001-00000004"]


def test_only_the_first_epoch_of_a_run_that_goes_on_begins_in_its_middle(folder):
    saved = []

    class Noted(Checkpoint):
        def _save(self, position):
            saved.append((position.epoch, position.step))

    fit(Noted(folder, every_steps=4, epochs=2, start_step=3), epochs=2)
    assert saved == [(0, 4), (0, 8), (1, 0), (1, 4), (2, 0)]


def test_a_request_to_stop_saves_and_ends_the_training(folder):
    asked = iter([False, False, True])
    checkpoint = Checkpoint(folder, 100, epochs=2, stop_requested=lambda: next(asked))
    with pytest.raises(TrainingInterrupted, match="the same command goes on from it"):
        fit(checkpoint, epochs=2)
    assert names(folder) == ["state-00000-00000003"]


def test_a_request_in_an_epochs_last_batch_stops_between_epochs(folder):
    asked = iter([False] * 5 + [True])
    checkpoint = Checkpoint(folder, 100, epochs=2, stop_requested=lambda: next(asked))
    with pytest.raises(TrainingInterrupted):
        fit(checkpoint, epochs=2)
    assert names(folder) == ["state-00001-00000000"]


def test_a_training_that_is_over_is_not_stopped(folder):
    asked = iter([False] * 5 + [True])
    fit(Checkpoint(folder, 100, epochs=1, stop_requested=lambda: next(asked)))
    assert names(folder) == ["state-00001-00000000"]


def test_weights_that_are_not_finite_are_never_saved(folder):
    with pytest.raises(AnatomyError, match="is not finite"):
        fit(Checkpoint(folder, 1, epochs=1), targets=Y * np.nan)
    assert names(folder) == []
