"""The evaluation of a finished training run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.protocols import AUTO, AnyReport, evaluation
from anatomy_tf.inference.data_set_estimates import store_estimates
from anatomy_tf.inference.lifter import Lifter
from anatomy_tf.training.config import TrainingConfig
from anatomy_tf.training.distillation import DistilledData
from anatomy_tf.training.run_folder import RunFolder


def evaluate_run(config: TrainingConfig, folder: str | Path, name: str) -> AnyReport:
    """Evaluate the model after the last epoch on the test people, with flip averaging.

    The protocol is that of the config's data set, if it has one, else the plain one. The report is
    saved in the run's folder (``report.json``, ``.md``, ``.csv`` and ``.tex``).

    Args:
        config: the run's config; its data must have test people (``load_test``).
        folder: the run's folder.
        name: the model's name in the report.

    Raises:
        AnatomyError: when the run is not finished, or its data have no test people.
    """
    run = RunFolder(folder)
    if not run.finished():
        raise AnatomyError(f"run folder {run.path}: expected a finished run to evaluate")
    check_test_people(config, name)
    store = config.data.load_test()  # type: ignore[attr-defined]
    conditions = {
        **conditions_of(config.data, model=name, people="test people"),
        "seed": str(config.seed),
    }
    estimates = list(store_estimates(Lifter.load(run.model), store))
    score = evaluation(AUTO, str(getattr(config.data, "name", "")))
    report = score(estimates, store, conditions)
    report.save(run.path)
    return report


def conditions_of(data: Any, *, model: str, people: str, flip: bool = True) -> dict[str, str]:
    """Return the conditions of an evaluation, for its report.

    Args:
        data: the data source.
        model: the model's name in the report.
        people: the people whose poses are scored.
        flip: whether estimates are averaged with those of the mirror image.
    """
    return {
        "model": model,
        "data": people,
        "2D source": str(getattr(data, "detections", "")),
        "flip": "averaged" if flip else "no",
        "data version": str(getattr(data, "version", "not stated")),
    }


def check_test_people(config: TrainingConfig, name: str) -> None:
    """Raise AnatomyError where a config's data have no test people.

    Raises:
        AnatomyError: when the config's data have no ``load_test``.
    """
    data: Any = config.data
    while isinstance(data, DistilledData):
        data = data.data
    if not hasattr(data, "load_test"):
        raise AnatomyError(f"{name}: {type(data).__name__} has no test people")
