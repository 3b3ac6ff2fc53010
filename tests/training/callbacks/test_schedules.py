"""Learning rate and BatchNorm momentum over the epochs."""

import keras
import numpy as np
import pytest

from anatomy_tf.layers import BatchNormalization
from anatomy_tf.training.callbacks.schedules import (
    BatchShareSchedule,
    LearningRateSchedule,
    batch_share_at,
    learning_rate_at,
)

pytestmark = pytest.mark.slow


def test_the_learning_rate_shrinks_after_every_epoch():
    rates = [learning_rate_at(epoch, 1e-3, 0.95) for epoch in range(3)]
    np.testing.assert_allclose(rates, [1e-3, 0.95e-3, 0.9025e-3])


def test_the_batch_share_falls_a_hundredfold():
    # 0.1 exp(-(e/E) ln 100): a tenth of the start is left half way.
    shares = [batch_share_at(epoch, 60, 0.1, 0.001) for epoch in (0, 30, 60)]
    np.testing.assert_allclose(shares, [0.1, 0.01, 0.001])
    assert batch_share_at(7, 60, 0.1, 0.001) == pytest.approx(0.1 * np.exp(-7 / 60 * np.log(100)))


def test_fit_follows_the_schedules_also_from_a_later_epoch():
    inputs = keras.Input((4,))
    follows, stays = BatchNormalization(scheduled=True), BatchNormalization()
    model = keras.Model(inputs, keras.layers.Dense(1)(stays(follows(inputs))))
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    history = model.fit(
        np.zeros((4, 4), "float32"),
        np.zeros((4, 1), "float32"),
        initial_epoch=5,
        epochs=6,
        verbose=0,
        callbacks=[LearningRateSchedule(0.01, 0.5), BatchShareSchedule(epochs=10)],
    )
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01 * 0.5**5)
    assert float(follows.batch_share) == pytest.approx(0.01)
    assert float(stays.batch_share) == pytest.approx(0.1)
    assert history.history["learning_rate"] == [pytest.approx(0.01 * 0.5**5)]
    assert history.history["batch_share"] == [pytest.approx(0.01)]


def test_the_share_changes_what_a_traced_step_does():
    inputs = keras.Input((1,))
    norm = BatchNormalization(scheduled=True)
    model = keras.Model(inputs, norm(inputs))
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    data = np.array([[1.0], [3.0]], "float32")
    schedule = BatchShareSchedule(epochs=2, start=0.5, end=0.125)
    model.fit(data, data, epochs=2, batch_size=2, verbose=0, callbacks=[schedule])
    # Batch mean 2: 0 → 0.5·2 = 1 in epoch 0, then by 0.25 of the rest: 1 + 0.25·(2 - 1).
    np.testing.assert_allclose(keras.ops.convert_to_numpy(norm.moving_mean), [1.25])
