"""Runs that are killed, and run folders that cannot be written."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.training.run_folder import RunFolder

HERE = Path(__file__).parent
KILLS = 6
# One process imports TensorFlow, which takes longest, and each life of the run is a fork of it.
LIVES = """
import os, random, signal, sys, threading, time
sys.path.insert(0, sys.argv[1])
import keras, tensorflow
from rich.console import Console
from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import override, train
from anatomy_tf.training.callbacks import checkpoint
from tiny_experiment import config

kills = int(sys.argv[4])
model = VideoPoseConfig(filter_widths=(3,), channels=4)
config = type(config)(**{**vars(config), "model": model, "checkpoint_every_steps": 3, "epochs": 4})

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def live(folder, steps, seconds):
    after_batch = checkpoint.Checkpoint.on_train_batch_end
    done = [0]
    def count(self, batch, logs=None):
        after_batch(self, batch, logs)
        done[0] += 1
        if done[0] == 1 and seconds is not None:
            threading.Timer(seconds, die).start()
        if done[0] == steps:
            die()
    checkpoint.Checkpoint.on_train_batch_end = count
    train(config, folder, console=Console(quiet=True))
    os._exit(0)

def lives(folder, kills):
    random.seed(sys.argv[4])
    killed = 0
    while True:
        # At a step, or at any moment: while a file is written, a picture drawn, a number logged.
        steps = random.randint(2, 7) if killed % 2 == 0 else None
        seconds = random.uniform(0, 0.3) if killed % 2 else None
        child = os.fork()
        if child == 0:
            live(folder, *(steps, seconds) if killed < kills else (None, None))
        status = os.waitpid(child, 0)[1]
        if status == 0:
            return killed
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status
        killed += 1

assert lives(sys.argv[2], 0) == 0
print(lives(sys.argv[3], kills))
"""


def train_whole_and_killed(whole, killed, kills):
    """Trains at once and in as many processes as it takes; gives how many of them were killed."""
    run = subprocess.run(
        [sys.executable, "-c", LIVES, HERE, whole, killed, str(kills)],
        stdout=subprocess.PIPE,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        timeout=600,
        check=True,
    )
    return int(run.stdout)


def curves(folder):
    """All points of all curves that are no times: tag to steps and values."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    import tensorflow as tf

    events = accumulator.EventAccumulator(
        str(RunFolder(folder).tensorboard), size_guidance={"tensors": 0}
    )
    events.Reload()
    return {
        tag: [(event.step, tf.make_ndarray(event.tensor_proto).tolist()) for event in points]
        for tag in events.Tags()["tensors"]
        if not tag.startswith(("speed/", "_hparams_")) and (points := events.Tensors(tag))
    }


@pytest.mark.slow
def test_a_run_killed_at_random_again_and_again_is_the_same_run(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert 3 <= train_whole_and_killed(whole, killed, KILLS) <= KILLS
    states = [np.load(RunFolder(folder).state_path(4, 0)) for folder in (whole, killed)]
    assert states[0].files == states[1].files and len(states[0].files) > 20
    for name in states[0].files:
        np.testing.assert_array_equal(states[1][name], states[0][name], err_msg=name)
    lines = [
        [{**line, "seconds": 0, "speed": {}} for line in RunFolder(folder).read_metrics()]
        for folder in (whole, killed)
    ]
    assert lines[0] == lines[1] and [line["epoch"] for line in lines[0]] == [0, 1, 2, 3]
    points = curves(whole)
    assert [step for step, _ in points["loss/all"]] == [0, 1, 2, 3]
    assert curves(killed) == points
