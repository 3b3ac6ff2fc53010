"""The batches of a run, epoch by epoch."""

import pytest

from anatomy_tf.training.checkpoint import Position
from anatomy_tf.training.run_batches import RunBatches

pytestmark = pytest.mark.slow


def test_only_the_epoch_in_which_a_run_goes_on_is_short():
    run = RunBatches(None, Position(2, 7), epochs=4, steps=10)
    assert list(run.epochs_left) == [2, 3]
    first = run.of(2)
    assert (first.epoch, first.start, first.stop) == (2, 7, 10)
    assert run.current is first and run.steps_left(first) == 13
    second = run.of(3)
    assert (second.epoch, second.start, second.stop) == (3, 0, 10)
    assert run.current is second and run.steps_left(second) == 10
