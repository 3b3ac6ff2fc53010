"""One device, several, several processes: the same weights."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.loopback import free_ports
from anatomy_tf.training import RunFolder, load_experiment, train
from anatomy_tf.training.distribution import choice
from anatomy_tf.training.distribution.choice import distribution_for
from anatomy_tf.training.distribution.distribution import Distribution
from anatomy_tf.training.distribution.run_files import run_files

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("replicated_program.py")
EXPERIMENT = PROGRAM.with_name("replicated_experiment.py")
REPOSITORY = PROGRAM.parents[3]
CONFIG = load_experiment(EXPERIMENT)
LOSSES = ("loss", "val_mpjpe_mm", "val_p_mpjpe_mm")


def start(mode, folder, **environment):
    return subprocess.Popen(
        [sys.executable, PROGRAM, mode, folder],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
    )


def outcome(process):
    output, _ = process.communicate(timeout=500)
    return process.returncode, output


def newest_state(folder):
    return np.load(RunFolder(folder).states()[0], allow_pickle=False)


def check_equal_runs(one, other):
    """Weights, optimizer, sums of losses, saved model, losses and errors of two run folders."""
    states = newest_state(one), newest_state(other)
    for name in states[0].files:
        if name == "header":
            assert str(states[0][name]) == str(states[1][name])
        else:
            np.testing.assert_allclose(
                states[1][name], states[0][name], rtol=1e-6, atol=1e-6, err_msg=name
            )
    models = [keras.models.load_model(RunFolder(folder).model) for folder in (one, other)]
    for ours, theirs in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-6)
    lines = [RunFolder(folder).read_metrics() for folder in (one, other)]
    assert len(lines[0]) == len(lines[1]) == 2
    for ours, theirs in zip(*lines, strict=True):
        for name in LOSSES:
            assert theirs[name] == pytest.approx(ours[name], rel=1e-6)


def test_none_is_one_device_and_the_chief():
    devices = distribution_for("none", CONFIG)
    assert (devices.replicas, devices.chief) == (1, True)
    assert devices.any_process(True) and not devices.any_process(False)


def test_auto_takes_one_device_where_no_others_are(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert type(distribution_for("auto", CONFIG)) is Distribution


def test_auto_joins_the_workers_that_tf_config_names(monkeypatch):
    joined = []

    def join():
        joined.append(True)
        return Distribution()

    monkeypatch.setitem(choice._MAKERS, ("multi_worker", "tensorflow"), join)
    monkeypatch.setenv("TF_CONFIG", tf_config(0, [1, 2]))
    distribution_for("auto", CONFIG)
    assert joined == [True]


def test_replicas_share_a_batch_equally(monkeypatch):
    three = Distribution()
    three.replicas = 3
    monkeypatch.setitem(choice._MAKERS, ("mirrored", "tensorflow"), lambda: three)
    assert distribution_for("mirrored", CONFIG) is three
    with pytest.raises(AnatomyError, match="that 3 replicas can share equally, got 1024"):
        distribution_for("mirrored", dataclasses.replace(CONFIG, batch_size=1024))
    with pytest.raises(AnatomyError, match="strategies refuse XLA: expected jit auto or off"):
        distribution_for("mirrored", dataclasses.replace(CONFIG, jit="on"))


def test_devices_that_are_not_there_are_one_line(monkeypatch, tmp_path):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    for name, problem in (
        ("mirrored", "expected GPUs or several logical CPU devices"),
        ("multi_worker", "expected TF_CONFIG in the environment, such as"),
        ("mirorred", "expected one of auto, none, mirrored, multi_worker, got 'mirorred'"),
    ):
        with pytest.raises(AnatomyError, match=problem) as error:
            train(CONFIG, tmp_path / "run", distribution=name)
        assert "\n" not in str(error.value)
    monkeypatch.setattr(keras.config, "backend", lambda: "torch")
    with pytest.raises(AnatomyError, match="TensorFlow backend or JAX, this is torch"):
        distribution_for("mirrored", CONFIG)
    assert not (tmp_path / "run").exists()


def test_only_the_chief_writes_into_the_run_folder(tmp_path):
    chief, other = Distribution(), Distribution()
    other.chief = False
    with run_files(chief, tmp_path) as own:
        assert own == tmp_path
    with run_files(other, tmp_path) as own:
        (own / "state").write_text("x")
    assert not own.exists() and not list(tmp_path.iterdir())


def test_two_devices_train_what_one_does(tmp_path):
    code, output = outcome(start("mirrored", tmp_path))
    assert code == 0, output
    check_equal_runs(tmp_path / "none", tmp_path / "mirrored")
    check_equal_runs(tmp_path / "none", tmp_path / "moved")

    # In the whole network some biases have no effect, because normalisation or softmax takes them
    # away; their gradient is rounding, which AMSGrad makes steps of.
    models = [
        keras.models.load_model(RunFolder(tmp_path / f"whole-{name}").model)
        for name in ("none", "mirrored")
    ]
    compared = 0
    for ours, theirs in zip(*(model.weights for model in models), strict=True):
        if re.match(r"length_.*(bias|moving_mean)$|bone_length_attention/bias$", ours.path):
            continue
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(theirs), ours, rtol=0, atol=1e-6, err_msg=ours.path
        )
        compared += 1
    assert compared > 20

    masks = np.load(tmp_path / "masks.npy")
    assert masks.shape == (2, 64) and set(masks.ravel()) == {0, 2}
    assert (masks[0] != masks[1]).sum() > 10


def test_jax_trains_on_two_devices_what_it_trains_on_one(tmp_path):
    pytest.importorskip("jax")
    flags = "--xla_force_host_platform_device_count=2"
    code, output = outcome(start("two_devices", tmp_path, KERAS_BACKEND="jax", XLA_FLAGS=flags))
    assert code == 0, output
    check_equal_runs(tmp_path / "none", tmp_path / "mirrored")
    check_equal_runs(tmp_path / "none", tmp_path / "moved")


def test_two_workers_of_which_one_is_killed_train_what_one_process_does(tmp_path):
    folder = tmp_path / "workers"
    ports = free_ports(2)
    # Ten steps, a state after every second: the second worker dies after the eighth.
    chief, other = (
        start("worker", folder, TF_CONFIG=tf_config(index, ports), STEPS_TO_LIVE=steps)
        for index, steps in enumerate(("0", "8"))
    )
    assert outcome(other)[0] == -signal.SIGKILL
    code, output = outcome(chief)
    assert code == 1
    assert "worker 0 lost the others: start all again" in output.splitlines()[-1]

    again = [start("worker", folder, TF_CONFIG=tf_config(index, ports)) for index in (0, 1)]
    (code, output), (other_code, other_output) = map(outcome, again)
    assert (code, other_code) == (0, 0), output + other_output
    assert "Going on at epoch 2, step 2" in output
    # The second worker says nothing of the run, only TensorFlow may.
    assert "epoch" not in other_output

    train(CONFIG, tmp_path / "one", console=Console(quiet=True), distribution="none")
    check_equal_runs(tmp_path / "one", folder)


def tf_config(index, ports):
    workers = [f"127.0.0.1:{port}" for port in ports]
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})
