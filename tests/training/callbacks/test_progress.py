"""The progress line."""

import io
import types

import pytest
from rich.console import Console

from anatomy_tf.training.callbacks import progress
from anatomy_tf.training.callbacks.progress import ProgressDisplay, duration
from anatomy_tf.training.checkpoint import Position
from anatomy_tf.training.run_batches import RunBatches

pytestmark = pytest.mark.slow


@pytest.fixture
def clock(monkeypatch):
    now = types.SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now.seconds)
    return now


def test_speed_and_waiting_leave_the_first_step_out(clock):
    console = Console(file=io.StringIO(), width=200)
    batches = RunBatches(None, Position(1, 10), epochs=3, steps=20)
    display = ProgressDisplay(batches, batch_size=32, console=console)
    epoch = batches.of(1)
    display.on_epoch_begin(1)
    # Each step takes 20 seconds, 5 of which are waiting, but the first 60, all of it waiting.
    for step, (took, waited) in enumerate([(60, 60), (20, 5), (20, 5)]):
        clock.seconds += took
        epoch.waited += waited
        display.on_train_batch_end(step, {"loss": 0.5})
    lines = console.file.getvalue().splitlines()
    # 27 steps are left of the run, 20 seconds each.
    assert lines[-1] == (
        "epoch 2/3, step 13/20: loss 0.5, 0.1 steps/s, 2 windows/s, waiting 25%, 9:00 left"
    )
    logs = {}
    display.on_epoch_end(1, logs)
    assert logs["speed"] == pytest.approx(
        {"steps_per_second": 0.05, "windows_per_second": 1.6, "waiting_share": 0.25}
    )


def test_a_single_step_has_no_speed(clock):
    batches = RunBatches(None, Position(0, 0), epochs=1, steps=1)
    batches.of(0)
    display = ProgressDisplay(batches, 32, Console(quiet=True))
    display.on_epoch_begin(0)
    clock.seconds += 5
    logs = {"loss": 0.5}
    display.on_train_batch_end(0, logs)
    display.on_epoch_end(0, logs)
    assert logs == {"loss": 0.5, "speed": {}}


def test_durations():
    assert [duration(s) for s in (9.6, 75, 3723)] == ["0:10", "1:15", "1:02:03"]
