"""The verb ``experiment``, on a folder of small experiments."""

import json
import os
from pathlib import Path

import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.evaluation import MEASURES, Report, Scores

ROW = '''"""A tiny row.

Command: none.
"""
import dataclasses
import numpy as np
from anatomy_tf.data import SequenceStore, View
from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.training import TrainingConfig

@dataclasses.dataclass(frozen=True)
class Data:
    frames: int = 30

    def seen(self, subject):
        positions = np.random.default_rng(0).normal([0, 0, 5], 0.3, (self.frames, 17, 3))
        return SequenceStore.from_views([View(
            keypoints=positions[..., :2] / positions[..., 2:],
            visibility=np.ones((self.frames, 17)), positions=positions,
            intrinsics=np.array([2, 2, 0, 0, 0, 0, 0, 0, 0.0]), skeleton=HUMAN36M_17, fps=50,
            subject=subject, action="Walking", clip="Walking", camera="0",
        )])

    def load(self):
        return self.seen("S1"), self.seen("S9")
TEST
config = TrainingConfig(
    model=VideoPoseConfig(filter_widths=(3,), channels=4), data=Data(), epochs=2, batch_size=16
)
expected = EXPECTED
'''
TEST_PEOPLE = """
    def load_test(self):
        return self.seen("S9")
"""
TABLES = {"table1": {"second": 40.0, "first": 45.5}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = tmp_path / "experiments" / "table1"
    rows.mkdir(parents=True)
    (tmp_path / "experiments" / "paper_tables.json").write_text(json.dumps(TABLES))
    for row, number in TABLES["table1"].items():
        text = ROW.replace("TEST", TEST_PEOPLE).replace("EXPECTED", f"{{'mpjpe': {number}}}")
        (rows / f"{row}.py").write_text(text)
    (rows / "program.py").write_text("print('not an experiment')")
    other = tmp_path / "experiments" / "other"
    other.mkdir()
    (other / "row.py").write_text(ROW.replace("TEST", "").replace("EXPECTED", "{}"))
    return tmp_path


def written_report(path: Path, mpjpe: float, skeleton: str = "human36m_17") -> None:
    """Two actions, one of one frame with this error, one of 99 frames with 10 mm less."""
    actions = {}
    for action, frames, value in (("Eating", 1, mpjpe), ("Walking", 99, mpjpe - 10)):
        values = {measure.key: value for measure in MEASURES}
        actions[action] = Scores(frames, 1, values)
    path.mkdir(parents=True)
    report = Report(actions, {"S9": actions["Eating"]}, skeleton, 50.0, {"model": "m"})
    report.save(path)


def test_list_has_names_and_first_lines_in_the_papers_order(folder, capsys):
    assert main(["experiment", "list"]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[1:]]
    assert [name for name, *_ in lines] == ["other/row", "table1/second", "table1/first"]
    assert lines[0][1].strip() == "A tiny row."


def test_show_prints_purpose_config_and_numbers(folder, capsys):
    assert main(["experiment", "show", "table1/first"]) == 0
    out = capsys.readouterr().out
    assert "Command: none." in out
    assert "VideoPoseConfig(" in out
    assert "batch_size=16" in out
    assert "45.5" in out
    assert "not run here" in out


def test_table_sets_expected_beside_measured(folder, capsys):
    written_report(folder / "runs" / "table1" / "first", 60.0)
    assert main(["experiment", "table", "table1"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    # The unweighted mean of the two actions, 60 and 50 mm.
    assert ["first", "45.5", "55.0"] in rows
    assert ["second", "40.0", "not", "run", "here"] in rows


def test_table_as_markdown_without_published_numbers(folder, capsys):
    # The protocol of MPI-INF-3DHP weighs frames: (60 + 99 · 50) / 100.
    written_report(folder / "elsewhere" / "other" / "row", 60.0, "mpi_inf_3dhp_17")
    assert main(["experiment", "table", "other", "--markdown", "--runs", "elsewhere"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "## other",
        "",
        "| row | P1 (mm) measured | P2 (mm) measured |",
        "| --- | ---: | ---: |",
        "| row | 50.1 | 50.1 |",
    ]


def test_damaged_files_in_the_folder_are_one_line_each(folder, capsys):
    def refused(message):
        assert main(["experiment", "table", "table1"]) == 2
        told = capsys.readouterr().err
        assert message in told and told.count("\n") == 1

    report = folder / "runs" / "table1" / "first" / "report.json"
    report.parent.mkdir(parents=True)
    os.mkfifo(report)
    refused("report.json: expected a file or folder, this is a named pipe")
    report.unlink()
    report.write_bytes(b"\xff\xfe")
    refused("report.json: expected the JSON of an evaluation report, got JSONDecodeError")
    report.write_text("[" * 100_000)
    refused("report.json: expected the JSON of an evaluation report, got RecursionError")
    report.write_text("{}")
    refused("report.json: expected the JSON of an evaluation report, got KeyError: 'actions'")
    tables = folder / "experiments" / "paper_tables.json"
    tables.write_text("[]")
    refused("paper_tables.json: expected tables by name, got list")
    program = folder / "experiments" / "table1" / "program.py"
    program.write_text("config = (")
    refused("program.py: not a readable Python file ('(' was never closed")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "table1/frist"], "no experiment 'table1/frist' in experiments (did you mean "),
        (["table", "table2"], "no table 'table2' in experiments (did you mean table1?)"),
        (["run", "table1/program"], "no experiment 'table1/program'"),
        (["run", "other/row"], "other/row: Data has no test people"),
    ],
)
def test_what_is_not_there_is_said(folder, arguments, message, capsys):
    assert main(["experiment", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (folder / "runs").exists()


@pytest.mark.slow
def test_run_trains_evaluates_and_fills_the_table(folder, capsys):
    assert main(["experiment", "run", "table1/first", "--set", "epochs=1"]) == 0
    run = folder / "runs" / "table1" / "first"
    report = Report.from_json((run / "report.json").read_text())
    assert report.conditions["model"] == "table1/first"
    assert report.mean_over_frames.frames == 30
    capsys.readouterr()
    assert main(["experiment", "table", "table1"]) == 0
    measured = f"{report.mean_over_actions['mpjpe']:.1f}"
    assert ["first", "45.5", measured] in [x.split() for x in capsys.readouterr().out.splitlines()]


def test_the_checkouts_folder_is_taken_elsewhere(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["experiment", "list"]) == 0
    assert "table4_ablation/with_long_skips " in capsys.readouterr().out
