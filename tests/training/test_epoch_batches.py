"""Batches made ahead: the same ones in the same order, with the wait for them measured."""

import time

import keras
import numpy as np
import pytest

from anatomy_tf.training.epoch_batches import EpochBatches


class Numbered:
    """Batches that hold their own number."""

    def __init__(self, seconds=0.0):
        self.seconds = seconds

    def batch(self, epoch, index):
        time.sleep(self.seconds)
        return {"x": np.full((2, 1), 100 * epoch + index, "f4")}, {"y": np.zeros((2, 1), "f4")}


class Seconds(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.03)


def test_batches_come_in_order_and_can_be_asked_for_again():
    with EpochBatches(Numbered(), epoch=2, start=3, stop=9, threads=3) as batches:
        assert len(batches) == 6
        first = [float(batches[i][0]["x"][0, 0]) for i in (0, 1, 0, *range(6))]
        assert first == [203, 204, 203, 203, 204, 205, 206, 207, 208]


@pytest.mark.parametrize(("seconds", "least", "most"), [(0.0, 0.0, 0.1), (0.1, 0.1, 1.2)])
def test_fit_sees_every_batch_and_the_wait_is_that_of_the_training(seconds, least, most):
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
    with EpochBatches(Numbered(seconds), 0, 0, 10, threads=2) as batches:
        model.fit(batches.for_fit(), shuffle=False, verbose=0, callbacks=[Seconds()])
        # Ten batches by two threads: 0.5 s, of which ten steps of 0.03 s or more are not waiting.
        assert least <= batches.waited <= most
    assert [float(y[0, 0]) for y in seen[-10:]] == list(range(10))
