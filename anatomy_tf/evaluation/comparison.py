"""Tables that compare several reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.measures import MEASURES, Column
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.scores import Scores
from anatomy_tf.evaluation.table import ScoreTable, legend

MEAN = "Avg."
"""The column of the mean over actions."""


class HasFacts(Protocol):
    """A report that states its conditions."""

    def facts(self) -> dict[str, str]:
        """Return the conditions and what was scored, as text."""


def compare(
    reports: Mapping[str, Report], mean_over: Literal["actions", "frames"] = "actions"
) -> ScoreTable:
    """Return a table with one row for each model.

    Args:
        reports: a name for each row and its report.
        mean_over: ``"actions"`` gives each action group the same weight (Human3.6M's way),
            ``"frames"`` each frame.

    Returns:
        The table; its notes state the conditions that all rows share and those that differ.

    Raises:
        AnatomyError: when there is no report.
    """
    notes = shared_notes(reports)
    rows = {
        name: report.mean_over_actions if mean_over == "actions" else report.mean_over_frames
        for name, report in reports.items()
    }
    return ScoreTable(
        f"Comparison, mean over {mean_over}",
        {"model": rows},
        (*notes, legend()),
    )


def compare_actions(reports: Mapping[str, Report], measure: str = "mpjpe") -> ScoreTable:
    """Return the table that papers show: a row for each model, a column for each action.

    The last column is the mean over actions.

    Args:
        reports: a name for each row and its report.
        measure: a key of ``MEASURES``.

    Returns:
        The table; ``to_latex`` writes it for a paper.

    Raises:
        AnatomyError: when there is no report, or the measure is unknown.
    """
    notes = shared_notes(reports)
    shown = next((known for known in MEASURES if known.key == measure), None)
    if shown is None:
        raise AnatomyError(
            f"unknown measure {measure!r}; known are {', '.join(m.key for m in MEASURES)}"
        )
    actions = list(dict.fromkeys(a for report in reports.values() for a in report.actions))
    rows = {}
    for name, report in reports.items():
        values = {
            action: report.actions[action][measure] if action in report.actions else float("nan")
            for action in actions
        }
        overall = report.mean_over_actions
        rows[name] = Scores(overall.frames, overall.sequences, {**values, MEAN: overall[measure]})
    columns = tuple(Column(key, key, shown.unit, shown.digits) for key in (*actions, MEAN))
    return ScoreTable(shown.title, {"model": rows}, notes, columns)


def shared_notes(reports: Mapping[str, HasFacts]) -> tuple[str, ...]:
    """Return notes that state the conditions that all reports share and those that differ.

    Raises:
        AnatomyError: when there is no report.
    """
    if not reports:
        raise AnatomyError("expected a report or more to compare, got none")
    facts = {name: report.facts() for name, report in reports.items()}
    # A fact that only some reports state is one in which they differ.
    shared = set.intersection(*(set(own.items()) for own in facts.values()))
    first = next(iter(facts.values()))
    notes = [
        ", ".join(f"{fact}: {value}" for fact, value in first.items() if (fact, value) in shared)
    ]
    for name, own in facts.items():
        differing = [
            f"{fact}: {value}" for fact, value in own.items() if (fact, value) not in shared
        ]
        if differing:
            notes.append(f"{name}: {', '.join(differing)}")
    return tuple(note for note in notes if note)
