"""Experiment files, the overrides of them, and what a person is told about mistakes."""

import dataclasses
from typing import Literal

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.config import TrainingConfig, as_json
from anatomy_tf.training.experiment import load_experiment, override


@dataclasses.dataclass(frozen=True)
class TinyModel:
    widths: tuple[int, ...] = (3, 3)
    dropout: float = 0.25
    causal: bool = False
    recipe: Literal["paper", "official"] = "paper"

    def build(self):
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class TinyData:
    path: str = "there"
    seed: int | None = 0
    span: tuple[float, float] = (0.0, 1.0)

    def load(self):
        raise NotImplementedError


CONFIG = TrainingConfig(model=TinyModel(), data=TinyData())
PREAMBLE = """\
import dataclasses
from anatomy_tf.training.config import TrainingConfig

@dataclasses.dataclass(frozen=True)
class Model:
    def build(self): ...

@dataclasses.dataclass(frozen=True)
class Data:
    def load(self): ...

"""


def written(tmp_path, text, name="row.py"):
    path = tmp_path / name
    path.write_text(PREAMBLE + text)
    return path


def test_a_file_gives_its_config(tmp_path):
    config = load_experiment(
        written(tmp_path, "config = TrainingConfig(Model(), Data(), epochs=7)")
    )
    assert (config.epochs, config.learning_rate, config.batch_share_end) == (7, 1e-3, 0.001)


def test_one_experiment_starts_from_another(tmp_path):
    written(tmp_path, "config = TrainingConfig(Model(), Data(), epochs=7, seed=3)", "base.py")
    path = written(
        tmp_path,
        "from pathlib import Path\n"
        "from anatomy_tf.training.experiment import load_experiment\n"
        "base = load_experiment(Path(__file__).with_name('base.py'))\n"
        "config = dataclasses.replace(base, seed=4)\n",
    )
    config = load_experiment(path)
    assert (config.epochs, config.seed) == (7, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "config = TrainingConfig(Model(), Data(), epoch=7)",
            "row.py:12: TrainingConfig has no field 'epoch' (did you mean epochs?)",
        ),
        (
            "base = TrainingConfig(Model(), Data())\nconfig = dataclasses.replace(base, sed=1)",
            "row.py:13: TrainingConfig has no field 'sed' (did you mean seed?)",
        ),
        (
            "config = TrainingConfig(Model(), Data(), epochs='7')",
            "row.py:12: TrainingConfig.epochs: expected a whole number of at least 1, got '7'",
        ),
        (
            "config = TrainingConfig(Model(), Data(), epochs=True)",
            "row.py:12: TrainingConfig.epochs: expected a whole number of at least 1, got True",
        ),
        (
            "config = TrainingConfig(Model(), Data(), batch_size=0)",
            "row.py:12: TrainingConfig.batch_size: expected a whole number of at least 1, got 0",
        ),
        (
            "config = TrainingConfig(Model(), 'cmu.npz')",
            "TrainingConfig.data: expected a data source with load()",
        ),
        ("confg = 3", "expected a top-level `config = TrainingConfig(...)` (did you mean confg?)"),
        ("config = 3", "expected config to be a TrainingConfig, got int"),
        ("config = undefined", "row.py:12: NameError: name 'undefined' is not defined"),
        ("config = (", "row.py:12: '(' was never closed"),
        ("raise SystemExit('no')", "row.py:12: SystemExit: no"),
        (
            "config = TrainingConfig(Model(), Data())\nexpected = 3",
            "expected `expected` of numbers by measure, got 3",
        ),
        (
            "config = TrainingConfig(Model(), Data())\nexpected = {'mpjpe': '44.6'}",
            "of numbers by measure, got {'mpjpe'",
        ),
    ],
)
def test_a_mistake_is_one_line_that_says_where(tmp_path, text, message):
    with pytest.raises(AnatomyError) as caught:
        load_experiment(written(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_names_its_neighbour(tmp_path):
    written(tmp_path, "", "table_1.py")
    with pytest.raises(AnatomyError, match=r"experiment not found: .*did you mean table_1\.py"):
        load_experiment(tmp_path / "table1.py")


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("epochs=2", 2),
        ("learning_rate=5e-4", 5e-4),
        ("learning_rate=1", 1.0),
        ("steps_per_epoch=12", 12),
        ("steps_per_epoch=none", None),
        ("deterministic=false", False),
        ("model.widths=3,5,3", (3, 5, 3)),
        ("model.widths=(3,)", (3,)),
        ("model.causal=true", True),
        ("model.recipe=official", "official"),
        ("data.path=../shared/a=b.npz", "../shared/a=b.npz"),
        ("data.seed=3", 3),
        ("data.span=1,2", (1.0, 2.0)),
    ],
)
def test_an_override_is_read_by_the_type_of_its_field(assignment, value):
    changed = override(CONFIG, [assignment])
    for name in assignment.partition("=")[0].split("."):
        changed = getattr(changed, name)
    assert changed == value
    assert type(changed) is type(value)


def test_overrides_follow_one_another_and_leave_the_config_alone():
    changed = override(CONFIG, ["epochs=2", "epochs=3", "data.seed=9"])
    assert (changed.epochs, changed.data.seed) == (3, 9)
    assert (CONFIG.epochs, CONFIG.data.seed) == (60, 0)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("epochs", "expected KEY=VALUE, got 'epochs'"),
        ("epoch=2", "epoch: TrainingConfig has no field 'epoch' (did you mean epochs?)"),
        ("data.sed=2", "data.sed: TinyData has no field 'sed' (did you mean seed?)"),
        ("zzz=2", "its fields are model, data, epochs"),
        ("epochs=two", "epochs: expected a whole number of at least 1, got 'two'"),
        ("epochs=2.5", "epochs: expected a whole number of at least 1, got '2.5'"),
        ("epochs=0", "TrainingConfig.epochs: expected a whole number of at least 1, got 0"),
        (
            "learning_rate=inf",
            "TrainingConfig.learning_rate: expected a finite number above 0, got inf",
        ),
        (
            "batch_share_start=2",
            "batch_share_start: expected a finite number above 0 and at most 1, got 2.0",
        ),
        ("data.span=1", "data.span: expected (a finite number, a finite number), got '1'"),
        ("data.span=1,2,3", "data.span: expected (a finite number, a finite number), got '1,2,3'"),
        ("model.causal=maybe", "model.causal: expected true or false, got 'maybe'"),
        ("model.recipe=mine", "model.recipe: expected"),
        ("model=3", "model: set one of its fields instead: model.widths"),
        ("epochs.more=3", "epochs.more: TrainingConfig.epochs has no fields"),
    ],
)
def test_a_wrong_override_says_what_it_must_be(assignment, message):
    with pytest.raises(AnatomyError) as caught:
        override(CONFIG, [assignment])
    assert message in str(caught.value)


def test_json_has_what_is_not_set_as_null():
    assert as_json({"at": None, 1: (2.5, True)}) == {"at": None, "1": [2.5, True]}


def test_json_names_every_class():
    assert as_json(CONFIG)["class"] == "TrainingConfig"
    assert as_json(CONFIG)["model"] == {
        "class": "TinyModel",
        "widths": [3, 3],
        "dropout": 0.25,
        "causal": False,
        "recipe": "paper",
    }


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "row.py").write_bytes(b"x = 1\0")
    with pytest.raises(AnatomyError, match=r"row\.py: .*source code .*null bytes"):
        load_experiment(tmp_path / "row.py")
