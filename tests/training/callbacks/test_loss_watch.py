"""The watch on the loss."""

import math

import pytest

from anatomy_tf.training.callbacks.loss_watch import LossWatch
from anatomy_tf.training.checkpoint import NotFiniteError

pytestmark = pytest.mark.slow


def watched(losses, **arguments):
    """A watch that has seen batches of these losses as Keras tells them: as running means."""
    watch = LossWatch(**arguments)
    watch.on_epoch_begin(0)
    for number, _ in enumerate(losses, start=1):
        watch.on_train_batch_end(number - 1, {"loss": sum(losses[:number]) / number})
    return watch


def test_a_batch_far_above_the_median_stops():
    watched([2.0, 1.0, 3.0, 190.0])
    with pytest.raises(
        NotFiniteError, match=r"the loss 210 is 105 times the median of the 3 batch"
    ):
        watched([2.0, 1.0, 3.0, 210.0])
    watched([2.0, 1.0, 3.0, 210.0], explosion_factor=math.inf)
    with pytest.raises(NotFiniteError, match="limit: 2"):
        watched([2.0, 1.0, 3.0, 5.0], explosion_factor=2)


def test_a_loss_that_is_not_finite_stops_and_is_named():
    watch = watched([1.0, 2.0])
    with pytest.raises(NotFiniteError, match=r"^positions_loss, loss is not finite$"):
        watch.on_train_batch_end(2, {"a_loss": 1.0, "positions_loss": math.nan, "loss": math.inf})
    assert watch.position.step == 3


def test_a_run_that_goes_on_in_an_epoch_knows_no_loss_of_the_first_batch():
    watch = LossWatch(start_step=10)
    watch.on_epoch_begin(0)
    watch.on_train_batch_end(0, {"loss": 500.0})
    watch.on_train_batch_end(1, {"loss": (11 * 500 + 1.0) / 12})
    with pytest.raises(NotFiniteError, match=r"the loss 30\d is"):
        watch.on_train_batch_end(2, {"loss": (11 * 500 + 1 + 300) / 13})
    watch.on_epoch_begin(1)
    assert (watch.position.epoch, watch.position.step) == (1, 0)


def test_medians_go_on_over_epochs():
    watch = watched([1.0, 1.0])
    watch.on_epoch_begin(1)
    with pytest.raises(NotFiniteError, match="times the median of the 2 batches"):
        watch.on_train_batch_end(0, {"loss": 101.0})
