"""The best model so far."""

from pathlib import Path

import pytest

from anatomy_tf.training.callbacks.best_model import BestModel

pytestmark = pytest.mark.slow


class Copy:
    """Writes a number instead of a model."""

    def __init__(self):
        self.number = 0

    def save(self, path):
        path.write_text(str(self.number))


def test_only_a_smaller_error_replaces_the_model(tmp_path: Path):
    copy = Copy()
    best = BestModel(tmp_path / "best", copy)
    for copy.number, error in enumerate([70.0, 60.0, 60.0, None, 65.0]):
        best.on_epoch_end(copy.number, {} if error is None else {"val_mpjpe_mm": error})
    assert (tmp_path / "best").read_text() == "1"


def test_a_run_that_goes_on_knows_the_errors_before(tmp_path: Path):
    before = [{"epoch": 0, "val_mpjpe_mm": 60.0}, {"epoch": 1}]
    best = BestModel(tmp_path / "best", Copy(), before)
    best.on_epoch_end(2, {"val_mpjpe_mm": 60.0})
    assert not (tmp_path / "best").exists()
    best.on_epoch_end(3, {"val_mpjpe_mm": 59.0})
    assert (tmp_path / "best").exists()
