"""Measure the shipped models' errors and write them into the models' cards.

The test people of an experiment are lifted by each model with flip averaging. Between the marks
``<!-- NAME -->`` and ``<!-- end -->`` of ``saved_models/*/README.md`` it writes the comparison of
the models, a model's errors by action and person, how it holds out under other conditions
(``robustness.py``) and what its spread says (``uncertainty.py``); ``report.json`` beside the card
keeps the errors. Everything else in a card is written by hand. How compact lifts the sample is
stored beside it, for ``anatomy-tf doctor``.

    python benchmarks/model_cards.py experiments/motion_capture/standard.py
"""

from __future__ import annotations

from pathlib import Path

import robustness
import tyro
import uncertainty
from marked_sections import with_section
from rich.progress import track

from anatomy_tf.evaluation import Report, evaluate_store
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.inference import Lifter, shipped_models, store_estimates
from anatomy_tf.inference.self_check import store_sample_pose
from anatomy_tf.training import load_experiment
from anatomy_tf.training.run_evaluation import conditions_of

FOLDER = Path(__file__).resolve().parents[1] / "saved_models"
COMPARED = (
    "mpjpe",
    "p_mpjpe",
    "n_mpjpe",
    "mpjve",
    "acceleration_error",
    "bone_length_error",
    "bone_length_deviation",
)


def model_cards(experiment: tyro.conf.Positional[Path], cameras: int = 1) -> None:
    """Measure the shipped models and write the figures into their cards.

    Args:
        experiment: the experiment whose test people are lifted.
        cameras: views of each clip under other conditions.
    """
    data = load_experiment(experiment).data
    store, names = data.load_test(), list(shipped_models())
    reports, doubts = {}, {}
    for name in names:
        lifter = Lifter.load(name)
        estimates = list(track(store_estimates(lifter, store), total=len(store), description=name))
        conditions = conditions_of(data, model=name, people=f"test people of {experiment}")
        reports[name] = evaluate_store(estimates, store, conditions)
        doubts[name] = uncertainty.uncertainty_report(lifter, store)
    _, conditions_table = robustness.robustness_table(experiment, names, cameras)
    for name in names:
        with atomic_file(FOLDER / name / "report.json") as file:
            file.write(reports[name].to_json().encode())
        card = FOLDER / name / "README.md"
        text = card.read_text(encoding="utf-8")
        for mark, content in (
            ("comparison", comparison(name, reports)),
            ("errors", errors(reports[name])),
            ("conditions", conditions_table),
            ("uncertainty", doubts[name]),
        ):
            text = with_section(text, mark, content)
        with atomic_file(card) as file:
            file.write(text.encode())
    store_sample_pose()


def comparison(first: str, reports: dict[str, Report]) -> str:
    """Return a row for each model and mean, this card's model first."""
    titles = "P1 (MPJPE) | P2 (P-MPJPE) | P3 (N-MPJPE) | MPJVE | acceleration | bone length error"
    lines = [
        f"| model | mean over | {titles} | bone length sway |",
        "| --- | --- |" + " ---: |" * len(COMPARED),
    ]
    for name in sorted(reports, key=lambda name: name != first):
        report = reports[name]
        for over, means in (
            ("frames", report.mean_over_frames),
            ("actions", report.mean_over_actions),
        ):
            cells = [f"{means[m]:.{2 if m == 'mpjve' else 1}f}" for m in COMPARED]
            lines.append(f"| {name} | {over} | {' | '.join(cells)} |")
    return "\n".join(lines)


def errors(report: Report) -> str:
    """Return the errors by action and person, without a heading, which the card has."""
    return report.to_markdown().partition("\n\n")[2].strip()


if __name__ == "__main__":
    tyro.cli(model_cards, description=__doc__)
