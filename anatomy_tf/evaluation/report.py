"""The result of an evaluation."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated

from anatomy_tf.evaluation.forms import Forms
from anatomy_tf.evaluation.measures import MEASURES, Measure
from anatomy_tf.evaluation.scores import (
    Scores,
    frame_weighted,
    reading_report,
    rows_from_dict,
    rows_to_dict,
    unweighted,
)
from anatomy_tf.evaluation.table import ScoreTable, legend
from anatomy_tf.files.checked_fields import NOT_EMPTY, CheckedFields, FrameRate

RULES = (
    "inside a group sequences are weighted by their frames; 'mean of actions' gives each action "
    "the same weight (Human3.6M's way), 'mean of frames' each frame"
)


@dataclasses.dataclass(frozen=True)
class Report(CheckedFields, Forms):
    """Scores by action, by subject and overall, and the conditions they hold under.

    Attributes:
        actions: action group to its scores, frame-weighted.
        subjects: subject to their scores, frame-weighted.
        skeleton: name of the scored skeleton.
        fps: frame rate, in frames a second; velocity errors are per frame, acceleration errors per
            frame squared.
        conditions: other settings that the numbers depend on, such as ``2D source``, ``model``,
            ``flip``, ``data version``.
        rules: how the numbers were averaged.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    actions: Annotated[dict[str, Scores], NOT_EMPTY]
    subjects: dict[str, Scores]
    skeleton: str
    fps: FrameRate
    conditions: dict[str, str]
    rules: str = RULES

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The columns."""
        return MEASURES

    @property
    def mean_over_actions(self) -> Scores:
        """The unweighted mean over the action groups, Human3.6M's way."""
        return unweighted(list(self.actions.values()))

    @property
    def mean_over_frames(self) -> Scores:
        """The mean over all frames."""
        return frame_weighted(list(self.actions.values()))

    def table(self) -> ScoreTable:
        """Return a table of all rows, with the conditions below."""
        facts = ", ".join(f"{name}: {value}" for name, value in self.facts().items())
        return ScoreTable(
            f"Evaluation of {self.conditions.get('model', 'predictions')}",
            {
                "action": self.actions,
                "subject": self.subjects,
                "overall": {
                    "mean of actions": self.mean_over_actions,
                    "mean of frames": self.mean_over_frames,
                },
            },
            (facts, self.rules, legend()),
        )

    def facts(self) -> dict[str, str]:
        """Return the conditions and what was scored, as text."""
        overall = self.mean_over_frames
        return {
            **self.conditions,
            "skeleton": self.skeleton,
            "fps": f"{self.fps:g}",
            "sequences": f"{overall.sequences}",
            "frames": f"{overall.frames}",
        }

    def to_json(self) -> str:
        """Return the report as JSON in full precision, which ``Report.from_json`` reads."""
        content = {
            "conditions": self.conditions,
            "skeleton": self.skeleton,
            "fps": self.fps,
            "rules": self.rules,
            "units": {measure.key: measure.unit for measure in MEASURES},
            "overall": {
                "mean of actions": self.mean_over_actions.to_dict(),
                "mean of frames": self.mean_over_frames.to_dict(),
            },
            "actions": rows_to_dict(self.actions),
            "subjects": rows_to_dict(self.subjects),
        }
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Return the report that ``to_json`` wrote.

        Raises:
            AnatomyError: when the text is no report.
        """
        with reading_report("an evaluation report"):
            content = json.loads(text)
            return cls(
                rows_from_dict(content["actions"], MEASURES),
                rows_from_dict(content["subjects"], MEASURES),
                content["skeleton"],
                content["fps"],
                content["conditions"],
                content["rules"],
            )
