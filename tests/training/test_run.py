"""Whole runs of a tiny model."""

import dataclasses
import errno
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from anatomy_tf.cli.main import main
from anatomy_tf.data import Batches
from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import load_experiment, override, train, validate
from anatomy_tf.training.divergence import TrainingDivergedError
from anatomy_tf.training.run_folder import RunFolder

pytestmark = pytest.mark.slow

EXPERIMENT = Path(__file__).with_name("tiny_experiment.py")
BASELINE = EXPERIMENT.parent / "distribution" / "replicated_experiment.py"
REPOSITORY = EXPERIMENT.parents[2]
QUIET = Console(quiet=True)
TRAIN = "import sys; from anatomy_tf.cli.main import main; sys.exit(main(sys.argv[1:]))"
# One process imports TensorFlow, which takes seconds, and both runs are forks of it.
KILLED = """
import os, signal, sys
import keras, tensorflow
from anatomy_tf.cli.main import main
from anatomy_tf.training.callbacks import checkpoint

whole, killed, *arguments = sys.argv[1:]
after_batch = checkpoint.Checkpoint.on_train_batch_end

def run(folder, steps_to_live=None):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    done = []
    def then_die(self, batch, logs=None):
        after_batch(self, batch, logs)
        done.append(batch)
        if len(done) == steps_to_live:
            os.kill(os.getpid(), signal.SIGKILL)
    checkpoint.Checkpoint.on_train_batch_end = then_die
    code = main(["train", *arguments, "--folder", folder])
    sys.stdout.flush()
    os._exit(code)

assert run(whole) == 0
# 10 steps an epoch and a state every second one: killed after a step that no state holds.
assert run(killed, 15) == -signal.SIGKILL
"""


def small(**changes):
    """The tiny experiment on the baseline, which compiles in a second."""
    config = load_experiment(EXPERIMENT)
    values = {"model": VideoPoseConfig(filter_widths=(3,), channels=4), "deterministic": False}
    return type(config)(**{**vars(config), **values, **changes})


def start(program, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def finish(process):
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


def metrics_without_times(folder):
    times = {"seconds": None, "speed": None}
    return [{**line, **times} for line in RunFolder(folder).read_metrics()]


def test_xla_is_not_left_out_in_silence(tmp_path):
    with pytest.raises(AnatomyError, match="jit on: expected deterministic=False"):
        train(small(jit="on", deterministic=True), tmp_path / "run", console=QUIET)
    assert not (tmp_path / "run").exists()


def test_a_run_leaves_a_model_metrics_and_the_way_there(tmp_path):
    result = train(small(epochs=2), tmp_path / "run", console=QUIET)
    assert [line["epoch"] for line in result.metrics] == [0, 1]
    # 80 frames and their mirror images in batches of 16.
    assert [line["step"] for line in result.metrics] == [10, 20]
    assert result.metrics[1]["learning_rate"] == pytest.approx(0.95e-3)
    assert result.metrics[1]["batch_share"] == pytest.approx(0.01)
    assert result.metrics == RunFolder(tmp_path / "run").read_metrics()
    assert result.best["val_mpjpe_mm"] == min(m["val_mpjpe_mm"] for m in result.metrics)
    loaded = keras.models.load_model(tmp_path / "run" / "model.keras")
    assert not loaded.compiled
    for ours, theirs in zip(loaded.get_weights(), result.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert any((tmp_path / "run" / "tensorboard").iterdir())

    again = train(small(epochs=2), tmp_path / "run", console=QUIET)
    assert again.metrics == result.metrics


def test_the_best_model_is_kept_beside_the_last(tmp_path):
    # So fast a learning rate grows that the second epoch undoes the first.
    config = small(epochs=2, learning_rate=0.01, learning_rate_decay=1e4)
    result = train(config, tmp_path / "run", console=QUIET, explosion_factor=math.inf)
    assert result.best["epoch"] == 0
    _, store = config.data.load()
    best = keras.models.load_model(tmp_path / "run" / "best.keras")
    batches = Batches.for_model(best, store, 16, flip=False, seed=5, drop_remainder=False)
    measured = validate(best, batches, config.validation_frames, store.actions)
    assert measured.mpjpe_mm == pytest.approx(result.best["val_mpjpe_mm"], rel=1e-5)
    assert measured.predicted.shape == (20, 17, 3)
    assert measured.mpjpe_mm_by_action == {"sway": pytest.approx(measured.mpjpe_mm)}


def test_a_run_goes_only_where_it_belongs(tmp_path):
    config = small(epochs=1, steps_per_epoch=1)
    train(config, tmp_path / "run", console=QUIET)
    with pytest.raises(AnatomyError, match="seed was 5, is 6"):
        train(override(config, ["seed=6"]), tmp_path / "run", console=QUIET)
    with pytest.raises(AnatomyError, match="already holds a run"):
        train(config, tmp_path / "run", resume=False, console=QUIET)


def test_data_that_do_not_fit_the_model_leave_nothing_behind(tmp_path):
    config = small(model=VideoPoseConfig(filter_widths=(3,), channels=4, fps=25.0))
    with pytest.raises(AnatomyError, match="the model's fps is 25, the data's 50"):
        train(config, tmp_path / "run", console=QUIET)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("factor", [math.nan, 0.0, 1.0, "10"])
def test_a_factor_that_would_watch_no_loss_or_any_is_refused(factor, tmp_path):
    with pytest.raises(AnatomyError, match=f"expected a number above 1, got {factor!r}"):
        train(small(), tmp_path / "run", console=QUIET, explosion_factor=factor)


def test_a_finished_run_whose_model_is_damaged_is_one_line(tmp_path):
    config = small(epochs=1, steps_per_epoch=1)
    train(config, tmp_path / "run", console=QUIET)
    (tmp_path / "run" / "model.keras").write_bytes(b"no model")
    with pytest.raises(AnatomyError, match=r"model\.keras: not a readable model of a finished run"):
        train(config, tmp_path / "run", console=QUIET)


def test_a_loss_that_explodes_ends_the_run_and_keeps_its_batch(tmp_path):
    config = small(epochs=1, learning_rate=1e6)
    with pytest.raises(TrainingDivergedError, match="times the median of the 1 batches") as caught:
        train(config, tmp_path / "run", console=QUIET)
    assert "diverged at epoch 1, step 2: the loss" in str(caught.value)
    assert "the last good state was before the first checkpoint" in str(caught.value)
    assert caught.value.state is None and RunFolder(tmp_path / "run").states() == []
    with np.load(caught.value.batch, allow_pickle=False) as batch:
        assert batch["inputs/keypoints"].shape == (16, 3, 17, 2)
        assert batch["targets/positions"].shape == (16, 17, 3)
        assert set(batch["subject"]) <= {"a", "b"} and set(batch["action"]) == {"sway"}
        assert (batch["epoch"], batch["step"]) == (0, 1)


@dataclasses.dataclass(frozen=True)
class PoisonedData:
    """The tiny experiment's people, one frame of whom is nowhere."""

    def load(self):
        train_store, validation_store = load_experiment(EXPERIMENT).data.load()
        train_store.positions[20, 3] = np.nan
        return train_store, validation_store


def test_a_poisoned_batch_ends_the_run_before_a_state_is_spoilt(tmp_path):
    config = small(data=PoisonedData(), flip=False, batch_size=8, checkpoint_every_steps=1)
    with pytest.raises(TrainingDivergedError, match="loss is not finite") as caught:
        train(config, tmp_path / "run", console=QUIET)
    assert str(caught.value).count("\n") == 0
    with np.load(caught.value.batch, allow_pickle=False) as batch:
        bad = np.isnan(batch["targets/positions"]).any(axis=(1, 2))
        assert bad.sum() == 1 and batch["subject"][bad] == ["a"]
        step = int(batch["step"])
    # The state before the poisoned batch, which the data's order puts in the middle.
    assert step > 1
    assert caught.value.state == RunFolder(tmp_path / "run").state_path(0, step)
    with np.load(caught.value.state, allow_pickle=False) as state:
        assert all(np.isfinite(state[name]).all() for name in state.files if name != "header")


def test_a_full_disk_leaves_the_last_states_and_the_run_goes_on_from_them(tmp_path, monkeypatch):
    config = small(epochs=1, deterministic=True)
    savez, calls = np.savez, []

    def full(file, **arrays):
        calls.append(arrays)
        if len(calls) == 3:
            file.write(b"PK")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        savez(file, **arrays)

    folder = RunFolder(tmp_path / "full")
    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        with pytest.raises(
            AnatomyError, match=r"state-00000-00000006\.npz: cannot be written: No sp"
        ):
            train(config, folder.path, console=QUIET)
    names = sorted(file.name for file in folder.checkpoints.iterdir())
    assert names == ["state-00000-00000002.npz", "state-00000-00000004.npz"]
    went_on = train(config, folder.path, console=QUIET)
    whole = train(config, tmp_path / "whole", console=QUIET)
    for ours, theirs in zip(went_on.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert metrics_without_times(folder.path) == metrics_without_times(tmp_path / "whole")


def test_the_same_seed_gives_the_same_curve_and_another_seed_another(tmp_path):
    curves = []
    for number, seed in enumerate((5, 5, 6)):
        config = small(epochs=1, steps_per_epoch=3, seed=seed, deterministic=True)
        train(config, tmp_path / str(number), console=QUIET)
        curves.append(metrics_without_times(tmp_path / str(number)))
    assert curves[0] == curves[1]
    assert curves[0][0]["loss"] != curves[2][0]["loss"]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_and_saves_float32(precision, tmp_path):
    config = small(epochs=1, steps_per_epoch=4, precision=precision)
    result = train(config, tmp_path / "run", console=QUIET)
    assert result.model.dtype_policy.name == precision
    assert result.model.get_layer("stem").compute_dtype == precision[6:]
    loaded = keras.models.load_model(tmp_path / "run" / "model.keras")
    assert loaded.get_layer("stem").compute_dtype == "float32"
    for ours, theirs in zip(loaded.get_weights(), result.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert np.isfinite(result.metrics[0]["val_mpjpe_mm"])
    with pytest.raises(AnatomyError, match=f"precision was '{precision}', is 'float32'"):
        train(small(epochs=1, steps_per_epoch=4), tmp_path / "run", console=QUIET)


def test_rounded_products_train_nearly_as_float32_does(tmp_path):
    losses = []
    for precision in ("float32", "bfloat16_products"):
        config = small(epochs=1, steps_per_epoch=4, precision=precision)
        result = train(config, tmp_path / precision, console=QUIET)
        losses.append(result.metrics[0]["loss"])
        assert {str(weight.dtype) for weight in result.model.weights} == {"float32"}
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path):
    # The whole network, of one block.
    arguments = [EXPERIMENT, "--set", "model.filter_widths=3", "--set", "epochs=2"]
    finish(start(KILLED, tmp_path / "whole", tmp_path / "killed", *arguments))
    output = finish(start(TRAIN, "train", *arguments, "--folder", tmp_path / "killed"))
    assert "Going on at epoch 2, step 4" in output
    assert metrics_without_times(tmp_path / "killed") == metrics_without_times(tmp_path / "whole")
    states = [
        np.load(RunFolder(tmp_path / name).state_path(2, 0), allow_pickle=False)
        for name in ("whole", "killed")
    ]
    assert len(states[0].files) > 100
    for name in states[0].files:
        np.testing.assert_array_equal(states[1][name], states[0][name], err_msg=name)


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path):
    arguments = ("--folder", tmp_path / "run", "--set", "epochs=10000")
    process = start(TRAIN, "train", BASELINE, *arguments)
    deadline = time.monotonic() + 200
    while not RunFolder(tmp_path / "run").read_metrics() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=100)
    assert process.returncode == 130
    assert "the same command goes on from it" in output
    header = json.loads(str(np.load(RunFolder(tmp_path / "run").states()[0])["header"]))
    assert header["epoch"] >= 1


def test_mistakes_on_the_command_line_are_one_line(tmp_path, capsys):
    arguments = ["train", str(EXPERIMENT), "--folder", str(tmp_path / "run")]
    assert main([*arguments, "--set", "data.sed=3"]) == 2
    assert capsys.readouterr().err.endswith("has no field 'sed' (did you mean seed?)\n")
    assert not (tmp_path / "run").exists()
