"""Several reports side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.table import ScoreTable, legend


def compare(
    reports: Mapping[str, Report], mean_over: Literal["actions", "frames"] = "actions"
) -> ScoreTable:
    """One table with a row a model.

    Args:
        reports: a name for each row and its report.
        mean_over: ``"actions"`` weighs action groups alike (Human3.6M's way), ``"frames"`` frames.

    Returns:
        The table; its notes say under which conditions all rows hold and in which they differ.

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
    rows = {
        name: report.mean_over_actions if mean_over == "actions" else report.mean_over_frames
        for name, report in reports.items()
    }
    return ScoreTable(
        f"Comparison, mean over {mean_over}",
        {"model": rows},
        (*(note for note in notes if note), legend()),
    )
