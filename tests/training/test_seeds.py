"""Several seeds of one training."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import load_experiment, override, train_seeds
from anatomy_tf.training.seeds import spread_table

pytestmark = pytest.mark.slow

EXPERIMENT = Path(__file__).with_name("tiny_experiment.py")


def text(table):
    console = Console(file=io.StringIO(), width=100)
    console.print(table)
    return console.file.getvalue()


def test_the_table_has_each_seed_and_the_spread():
    best = {
        3: {"epoch": 1, "val_mpjpe_mm": 60.0, "val_p_mpjpe_mm": 40.0, "loss": 1.0},
        4: {"epoch": 0, "val_mpjpe_mm": 64.0, "val_p_mpjpe_mm": 40.0, "loss": 2.0},
    }
    lines = [" ".join(line.split()) for line in text(spread_table(best)).splitlines()]
    assert "3 2 60 40 1" in lines and "4 1 64 40 2" in lines
    # The deviation of 60 and 64 with n - 1: the root of 2·2² / 1.
    assert lines[-1] == "mean ± sd 62 ± 2.8 40 ± 0 1.5 ± 0.71"


def test_each_seed_has_a_run_of_its_own(tmp_path):
    config = load_experiment(EXPERIMENT)
    config = type(config)(
        **{**vars(config), "model": VideoPoseConfig(filter_widths=(3,), channels=4)}
    )
    config = override(config, ["epochs=1", "steps_per_epoch=2"])
    results = train_seeds(config, tmp_path, (1, 2), console=Console(quiet=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seed_1", "seed_2"]
    assert results[1].best["loss"] != results[2].best["loss"]
    with pytest.raises(AnatomyError, match=r"two or more different ones, got \[1, 1\]"):
        train_seeds(config, tmp_path, (1, 1))
