"""The result of an evaluation on detected clips."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from anatomy_tf.evaluation.comparison import shared_notes
from anatomy_tf.evaluation.detected_clips.detection_measures import (
    DETECTION_MEASURES,
    ClipMeasure,
)
from anatomy_tf.evaluation.forms import Forms
from anatomy_tf.evaluation.scores import Scores, reading_report, rows_from_dict, rows_to_dict
from anatomy_tf.evaluation.table import ScoreTable, legend
from anatomy_tf.files.checked_fields import CheckedFields

PROTOCOL = "detections"
RULES = (
    "every frame counts alike; a frame counts when the true root and all scored joints are known; "
    "pitch: degrees that the camera looks down, to the nearest 10"
)


@dataclasses.dataclass(frozen=True)
class DetectionReport(CheckedFields, Forms):
    """Scores by camera, pitch, subject and action, and over all clips.

    Attributes:
        groups: kind of group (``"camera"``, ``"camera pitch"``, ``"subject"``, ``"action"``) to its
            scores by name.
        overall: the scores of all clips.
        joint_names: the scored joints.
        conditions: settings that the numbers depend on, such as ``model``, ``flip``, ``fps``,
            ``unit``.
        rules: how the numbers were averaged.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    groups: dict[str, dict[str, Scores]]
    overall: Scores
    joint_names: tuple[str, ...]
    conditions: dict[str, str]
    rules: str = RULES

    @property
    def measures(self) -> tuple[ClipMeasure, ...]:
        """The columns."""
        return DETECTION_MEASURES

    def table(self) -> ScoreTable:
        """Return a table of all groups with several rows, with the conditions below."""
        facts = ", ".join(f"{name}: {value}" for name, value in self.facts().items())
        return ScoreTable(
            f"Evaluation of {self.conditions.get('model', 'poses')}",
            {
                **{kind: rows for kind, rows in self.groups.items() if len(rows) > 1},
                "overall": {"all clips": self.overall},
            },
            (facts, self.rules, legend(self.measures)),
            self.measures,
        )

    def facts(self) -> dict[str, str]:
        """Return the conditions and what was scored, as text."""
        return {
            **self.conditions,
            "joints": f"{len(self.joint_names)} ({' '.join(self.joint_names)})",
            "clips and cameras": f"{self.overall.sequences}",
            "frames": f"{self.overall.frames}",
        }

    def to_json(self) -> str:
        """Return the report as JSON in full precision; ``DetectionReport.from_json`` reads it."""
        content = {
            "protocol": PROTOCOL,
            "conditions": self.conditions,
            "joint_names": list(self.joint_names),
            "rules": self.rules,
            "units": {measure.key: measure.unit for measure in self.measures},
            "overall": self.overall.to_dict(),
            "groups": {kind: rows_to_dict(rows) for kind, rows in self.groups.items()},
        }
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> DetectionReport:
        """Return the report that ``to_json`` wrote.

        Raises:
            AnatomyError: when the text is no such report.
        """
        with reading_report("a report on detections"):
            content = json.loads(text)
            return cls(
                {
                    kind: rows_from_dict(rows, DETECTION_MEASURES)
                    for kind, rows in content["groups"].items()
                },
                Scores.from_dict(content["overall"], DETECTION_MEASURES),
                tuple(content["joint_names"]),
                content["conditions"],
                content["rules"],
            )


def compare_detections(reports: Mapping[str, DetectionReport]) -> ScoreTable:
    """Return a table with one row for each model.

    Args:
        reports: a name for each row and its report.

    Raises:
        AnatomyError: when there is no report.
    """
    return ScoreTable(
        "Comparison, all clips",
        {"model": {name: report.overall for name, report in reports.items()}},
        (*shared_notes(reports), RULES, legend(DETECTION_MEASURES)),
        DETECTION_MEASURES,
    )
