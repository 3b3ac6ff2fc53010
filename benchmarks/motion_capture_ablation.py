"""Reproduce Table 4 at small width on real motion: train rows with several seeds, write the table.

Trains the files of ``experiments/motion_capture/ablation`` one after the other, all rows with one
seed before the next seed, evaluates each on the test people, keeps the reports in ``reports/``
beside the rows and sets the table into ``experiments/findings.md``. A run that was cut off goes on,
and one that has a report is left alone.

    python benchmarks/motion_capture_ablation.py [--seeds 0 1 2] [--threads 1] [--table-only]
"""

from __future__ import annotations

import dataclasses
import functools
import statistics
from collections.abc import Iterator
from pathlib import Path

import tyro
from markdown_table import markdown_table
from marked_sections import with_section

from anatomy_tf.evaluation import Report
from anatomy_tf.training.experiment import override, read_experiment
from anatomy_tf.training.experiment_folder import ExperimentFolder
from anatomy_tf.training.paper_tables import expected_of

TABLE = "motion_capture/ablation"
MEASURES = ("mpjpe", "p_mpjpe", "bone_length_error")
HEADER = (
    "row",
    "seeds",
    "P1 (mm)",
    "P1 change (mm)",
    "P2 (mm)",
    "bone length error (mm)",
    "paper: P1",
    "paper: change",
)
MARK = "ablation: written by benchmarks/motion_capture_ablation.py"


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the run."""

    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of weights and batches; the views are the same."""
    threads: int = 1
    """Threads of TensorFlow."""
    runs: Path = Path("runs")
    """Folder of the runs."""
    table_only: bool = False
    """Only write the table, from existing reports."""


def main(settings: Settings) -> None:
    folder = ExperimentFolder(Path(__file__).resolve().parents[1] / "experiments")
    if not settings.table_only:
        run_all(settings, folder)
    findings = folder.path / "findings.md"
    text = findings.read_text(encoding="utf-8")
    table = markdown_table(HEADER, table_rows(folder))
    findings.write_text(with_section(text, MARK, table), encoding="utf-8")


def run_all(settings: Settings, folder: ExperimentFolder) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(settings.threads)
    tf.config.threading.set_inter_op_parallelism_threads(settings.threads)
    from anatomy_tf.training import MotionCaptureData, train
    from anatomy_tf.training.run_evaluation import evaluate_run

    # All runs see the same views, which take longer to make than some rows to train.
    for method in ("load", "load_test"):
        setattr(MotionCaptureData, method, functools.cache(getattr(MotionCaptureData, method)))
    for seed in settings.seeds:
        for name in folder.names(TABLE):
            report = report_path(folder, name, seed)
            if report.is_file():
                continue
            config = override(read_experiment(folder.file(name)).config, [f"seed={seed}"])
            run = settings.runs / name / f"seed_{seed}"
            train(config, run)
            evaluated = evaluate_run(config, run, f"{name}, seed {seed}")
            report.parent.mkdir(exist_ok=True)
            report.write_text(evaluated.to_json(), encoding="utf-8")


def report_path(folder: ExperimentFolder, name: str, seed: int) -> Path:
    path = folder.path / name
    return path.parent / "reports" / f"{path.name}_seed_{seed}.json"


def table_rows(folder: ExperimentFolder) -> Iterator[list[str]]:
    """Yield rows with mean and deviation over seeds, and the change paired by seed."""
    before: dict[int, float] = {}
    paper_before = None
    for name in folder.names(TABLE):
        row = Path(name).name
        reports = dict(reports_of(folder, name))
        values = {
            measure: [report.mean_over_frames[measure] for report in reports.values()]
            for measure in MEASURES
        }
        errors = dict(zip(reports, values["mpjpe"], strict=True))
        changes = [errors[seed] - before[seed] for seed in errors if seed in before]
        paper = expected_of(folder.path / "table4_ablation" / f"{row}.py")["mpjpe"]
        yield [
            f"`{row}`",
            ", ".join(map(str, reports)) or "none",
            spread(values["mpjpe"]),
            spread(changes, sign="+"),
            spread(values["p_mpjpe"]),
            spread(values["bone_length_error"]),
            f"{paper:.1f}",
            "" if paper_before is None else f"{paper - paper_before:+.1f}",
        ]
        before, paper_before = errors, paper


def reports_of(folder: ExperimentFolder, name: str) -> Iterator[tuple[int, Report]]:
    pattern = f"{Path(name).name}_seed_*.json"
    for path in sorted((folder.path / name).parent.glob(f"reports/{pattern}")):
        yield int(path.stem.rpartition("_")[2]), Report.from_json(path.read_text(encoding="utf-8"))


def spread(values: list[float], sign: str = "") -> str:
    if not values:
        return ""
    mean = f"{statistics.mean(values):{sign}.1f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.1f}"


if __name__ == "__main__":
    main(tyro.cli(Settings))
