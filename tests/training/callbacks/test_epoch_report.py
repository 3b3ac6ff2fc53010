"""The line after an epoch."""

import io

import pytest
from rich.console import Console

from anatomy_tf.training.callbacks.epoch_report import EpochReport

pytestmark = pytest.mark.slow

SPEED = {"steps_per_second": 2.0, "windows_per_second": 2048.0, "waiting_share": 0.05}


def report(logs):
    console = Console(file=io.StringIO(), width=20)
    EpochReport(10, console).on_epoch_end(1, logs)
    return console.file.getvalue()


def test_what_was_measured_is_said_in_one_line():
    logs = {"loss": 0.1234567, "speed": SPEED, "seconds": 75.0}
    errors = {"val_mpjpe_mm": 56.04, "val_p_mpjpe_mm": 41.96}
    speed = "2.0 steps/s, 2,048 windows/s, waiting 5%, 1:15"
    assert report(logs) == f"epoch 2/10, loss 0.12346, {speed}\n"
    expected = f"epoch 2/10, loss 0.12346, error 56.0 mm, aligned 42.0 mm, {speed}\n"
    assert report(logs | errors) == expected
    assert report(logs | {"speed": {}}) == "epoch 2/10, loss 0.12346, 1:15\n"
