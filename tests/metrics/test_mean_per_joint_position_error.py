"""The Keras metric."""

import subprocess
import sys

import numpy as np
import pytest

from anatomy_tf.metrics import MeanPerJointPositionError, mpjpe


def test_frames_weigh_alike_over_uneven_batches():
    rng = np.random.default_rng(0)
    target, predicted = rng.normal(size=(2, 10, 17, 3)).astype(np.float32)
    metric = MeanPerJointPositionError()
    assert metric.name == "mpjpe_mm"
    for batch in (slice(0, 7), slice(7, 9), slice(9, 10)):
        metric.update_state(target[batch], predicted[batch])
    assert float(metric.result()) == pytest.approx(1000 * mpjpe(predicted, target).mean(), rel=1e-6)
    metric.reset_state()
    assert float(metric.result()) == 0


def test_sample_weights():
    target = np.zeros((3, 1, 3), np.float32)
    predicted = np.array([[[0.001, 0, 0]], [[0, 0.004, 0]], [[0, 0, 9]]], np.float32)
    metric = MeanPerJointPositionError()
    metric.update_state(target, predicted, sample_weight=[2, 1, 0])
    assert float(metric.result()) == pytest.approx((2 * 1 + 4) / 3)


def test_several_frames_a_sample():
    metric = MeanPerJointPositionError()
    predicted = np.zeros((2, 5, 17, 3), np.float32)
    predicted[..., 2] = 0.05
    metric.update_state(np.zeros_like(predicted), predicted)
    assert float(metric.result()) == pytest.approx(50)


def test_rebuilt_from_its_config():
    import keras

    config = keras.metrics.serialize(MeanPerJointPositionError(name="validation"))
    again = keras.metrics.deserialize(config)
    assert isinstance(again, MeanPerJointPositionError)
    assert again.name == "validation"


def test_works_in_fit():
    import keras

    model = keras.Sequential([keras.Input((6,)), keras.layers.Reshape((2, 3))])
    model.compile(loss="mse", metrics=[MeanPerJointPositionError()])
    x = np.zeros((5, 6), np.float32)
    y = np.full((5, 2, 3), 0.01, np.float32)
    logs = model.evaluate(x, y, batch_size=2, verbose=0, return_dict=True)
    assert logs["mpjpe_mm"] == pytest.approx(10 * np.sqrt(3), rel=1e-6)


def test_the_room_loads_without_keras():
    program = (
        "import sys, anatomy_tf.metrics as m; m.mpjpe([[0, 0, 1]], [[0, 0, 0]]);"
        "sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
