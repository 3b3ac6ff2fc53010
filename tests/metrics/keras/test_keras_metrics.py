"""The Keras metrics against the NumPy functions, and in ``fit``."""

import subprocess
import sys

import keras
import numpy as np
import pytest

import anatomy_tf
from anatomy_tf.losses import compile_arguments
from anatomy_tf.metrics import bone_length_error, mpjpe, p_mpjpe, pck
from anatomy_tf.metrics.keras import MPJPE, PCK, PMPJPE, BoneLengthError
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

pytestmark = pytest.mark.slow

ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))
PAIRS = {
    "mpjpe_mm": (MPJPE, lambda p, t: 1000 * mpjpe(p, t)),
    "p_mpjpe_mm": (PMPJPE, lambda p, t: 1000 * p_mpjpe(p, t)),
    "pck": (PCK, pck),
    "bone_length_error_mm": (
        BoneLengthError,
        lambda p, t: 1000 * bone_length_error(p, t, HUMAN36M_17),
    ),
}


def poses(frames: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Targets, and predictions that are off by about 15 cm."""
    rng = np.random.default_rng(seed)
    target = rng.normal(scale=0.4, size=(frames, 17, 3)).astype("float32")
    return target, target + rng.normal(scale=0.09, size=target.shape).astype("float32")


@pytest.mark.parametrize("name", PAIRS)
def test_frames_weigh_alike_over_uneven_batches(name):
    metric, of_numpy = PAIRS[name][0](), PAIRS[name][1]
    target, predicted = poses(10)
    assert metric.name == name
    for batch in (slice(0, 7), slice(7, 9), slice(9, 10)):
        metric.update_state(target[batch], predicted[batch])
    expected = of_numpy(predicted, target).mean()
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)
    metric.reset_state()
    assert float(metric.result()) == 0


@pytest.mark.parametrize("name", PAIRS)
def test_weights_of_the_frames_of_chunks(name):
    metric, of_numpy = PAIRS[name][0](), PAIRS[name][1]
    target, predicted = (array.reshape(3, 4, 17, 3) for array in poses(12, seed=1))
    weights = np.array([[1, 1, 1, 0], [2, 0, 1, 1], [0, 0, 0, 0]], "float32")
    metric.update_state(target, predicted, sample_weight=weights)
    expected = np.average(of_numpy(predicted, target), weights=weights)
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX always uses XLA")
@pytest.mark.parametrize("name", PAIRS)
def test_xla_compiles_them(name):
    """On a GPU ``fit`` compiles the step with XLA, which lacks some of TensorFlow's operations."""
    tf = pytest.importorskip("tensorflow")
    metric, of_numpy = PAIRS[name][0](), PAIRS[name][1]
    target, predicted = poses(6)
    predicted[0] = -target[0]
    given = tf.function(metric.values, jit_compile=True)(target, predicted)
    np.testing.assert_allclose(given, of_numpy(predicted, target), rtol=1e-4)


def test_weights_by_hand():
    target = np.zeros((3, 1, 3), np.float32)
    predicted = np.array([[[0.001, 0, 0]], [[0, 0.004, 0]], [[0, 0, 9]]], np.float32)
    metric = MPJPE()
    metric.update_state(target, predicted, sample_weight=[2, 1, 0])
    assert float(metric.result()) == pytest.approx((2 * 1 + 4) / 3)


def test_a_mirror_image_and_a_point_are_aligned_as_in_numpy():
    target, predicted = poses(2, seed=2)
    predicted = np.stack([target[0] * np.float32([-1, 1, 1]), np.zeros((17, 3), "float32")])
    metric = PMPJPE()
    metric.update_state(target, predicted)
    assert float(metric.result()) == pytest.approx(1000 * p_mpjpe(predicted, target).mean())


@pytest.mark.parametrize(
    "metric", [MPJPE("a"), PMPJPE("b"), PCK(0.2, "c"), BoneLengthError(ARM, "d")]
)
def test_rebuilt_from_its_config(metric):
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    target, predicted = (array[:, :3] for array in poses(4))
    for each in (metric, again):
        each.update_state(target, predicted)
    assert float(again.result()) == float(metric.result()) > 0


@pytest.mark.parametrize("joint_shift", [False, True])
def test_fit_shows_millimetres_and_a_file_keeps_them(joint_shift, tmp_path):
    model = VideoPose(filter_widths=(3,), channels=4, joint_shift=joint_shift)
    # A user's own metrics are beside the package's.
    own = {"positions": [keras.metrics.MeanSquaredError(name="mse")]}
    model.compile(optimizer="sgd", metrics=own, **compile_arguments(model))
    x = np.random.default_rng(3).normal(size=(5, 3, 17, 2)).astype("float32")
    y = dict.fromkeys(model.output_names, poses(5)[0])
    stop = keras.callbacks.EarlyStopping(monitor="val_mpjpe_mm")
    logs = model.fit(
        {"keypoints": x}, y, 2, 1, 0, validation_data=({"keypoints": x}, y), callbacks=[stop]
    ).history
    losses = {"loss", *(f"{name}_loss" for name in model.output_names if joint_shift)}
    names = {*PAIRS, "mse", *losses}
    assert set(logs) == names | {f"val_{name}" for name in names}
    predicted = model.predict({"keypoints": x}, verbose=0)["positions"]
    for name, (_, of_numpy) in PAIRS.items():
        expected = of_numpy(predicted, y["positions"]).mean()
        assert logs[f"val_{name}"] == [pytest.approx(expected, rel=1e-4)]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    again = loaded.evaluate({"keypoints": x}, y, verbose=0, return_dict=True)
    assert again["mpjpe_mm"] == pytest.approx(logs["val_mpjpe_mm"][0], rel=1e-6)


def test_metrics_measure_the_positions_of_the_lifter_and_can_be_left_out():
    model = AnatomyLifter(filter_widths=(3,), channels=4, skeleton=ARM)
    measured = compile_arguments(model)["weighted_metrics"]
    assert set(measured) == {"positions"}
    assert {metric.name for metric in measured["positions"]} == set(PAIRS)
    assert measured["positions"][-1].skeleton == ARM
    assert set(compile_arguments(model, metrics=False)) == {"loss", "loss_weights"}


def test_the_rooms_load_without_keras():
    program = (
        "import sys, anatomy_tf.metrics as m; m.mpjpe([[0, 0, 1]], [[0, 0, 0]]); m.keras.__all__;"
        "sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_they_are_named_by_their_room():
    assert anatomy_tf.metrics.keras.MPJPE is MPJPE


def test_older_files_know_mpjpe_by_its_former_name():
    stored = {
        "module": "anatomy_tf.metrics.mean_per_joint_position_error",
        "class_name": "MeanPerJointPositionError",
        "config": {"name": "validation", "dtype": "float32"},
        "registered_name": "anatomy_tf>MeanPerJointPositionError",
    }
    metric = keras.saving.deserialize_keras_object(stored)
    assert (type(metric), metric.name) == (MPJPE, "validation")
