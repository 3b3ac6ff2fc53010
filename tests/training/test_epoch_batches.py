"""Batches made ahead: the same ones in the same order, with the wait for them measured."""

import threading
import time

import keras
import numpy as np
import pytest

from anatomy_tf.training.epoch_batches import EpochBatches

pytestmark = pytest.mark.slow


class Numbered:
    """Batches that hold their own number."""

    def batch(self, epoch, index):
        return {"x": np.full((2, 1), 100 * epoch + index, "f4")}, {"y": np.zeros((2, 1), "f4")}


class Late(Numbered):
    """Whose last batch comes a second after the training has done the one before."""

    def __init__(self):
        self.due = threading.Event()

    def batch(self, epoch, index):
        if index == 9:
            assert self.due.wait(60)
        return super().batch(epoch, index)


class Release(keras.callbacks.Callback):
    """Lets the last batch come, in a second."""

    def __init__(self, late):
        super().__init__()
        self.late = late

    def on_train_batch_end(self, batch, logs=None):
        if batch == 8:
            threading.Timer(1.0, self.late.due.set).start()


def test_batches_come_in_order_and_can_be_asked_for_again():
    with EpochBatches(Numbered(), epoch=2, start=3, stop=9, threads=3) as batches:
        assert len(batches) == 6
        first = [float(batches[i][0]["x"][0, 0]) for i in (0, 1, 0, *range(6))]
        assert first == [203, 204, 203, 203, 204, 205, 206, 207, 208]


def test_fit_sees_every_batch_and_the_wait_is_that_of_the_training():
    seen = []

    class Model(keras.Model):
        def call(self, inputs):
            return {"y": inputs["x"] * self.factor}

        def build(self, shape):
            self.factor = self.add_weight(shape=(), initializer="zeros", name="factor")

    model = Model()
    model.compile(
        optimizer=keras.optimizers.SGD(0.0),
        loss={"y": lambda y_true, y_pred: seen.append(y_pred.numpy()) or y_pred * 0},
        run_eagerly=True,
    )
    model({"x": np.zeros((2, 1), "f4")})
    model.factor.assign(1.0)
    late = Late()
    began = time.monotonic()
    with EpochBatches(late, 0, 0, 10, threads=2) as batches:
        model.fit(batches.for_fit(), shuffle=False, verbose=0, callbacks=[Release(late)])
    # Of the second, what the training took to ask for the last batch does not count.
    assert 0.1 < batches.waited < time.monotonic() - began
    assert [float(y[0, 0]) for y in seen[-10:]] == list(range(10))
