"""The result of an evaluation and the forms in which people read it."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.measures import MEASURES
from anatomy_tf.evaluation.scores import Scores, frame_weighted, unweighted
from anatomy_tf.evaluation.table import ScoreTable, legend

if TYPE_CHECKING:
    from rich.table import Table

RULES = (
    "inside a group sequences are weighted by their frames; 'mean of actions' gives each action "
    "the same weight (Human3.6M's way), 'mean of frames' each frame"
)


@dataclasses.dataclass(frozen=True)
class Report:
    """Scores by action, by subject and overall, and the conditions they hold under.

    Attributes:
        actions: action group to its scores, frame-weighted.
        subjects: subject to their scores, frame-weighted.
        skeleton: name of the scored skeleton.
        fps: frame rate; velocity and acceleration errors are a frame.
        conditions: what else the numbers depend on, such as ``2D source``, ``model``, ``flip``,
            ``data version``.
    """

    actions: dict[str, Scores]
    subjects: dict[str, Scores]
    skeleton: str
    fps: float
    conditions: dict[str, str]

    @property
    def mean_over_actions(self) -> Scores:
        """The unweighted mean over the action groups, Human3.6M's way."""
        return unweighted(list(self.actions.values()))

    @property
    def mean_over_frames(self) -> Scores:
        """The mean over all frames."""
        return frame_weighted(list(self.actions.values()))

    def table(self) -> ScoreTable:
        """All rows with the conditions below."""
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
            (facts, RULES, legend()),
        )

    def facts(self) -> dict[str, str]:
        """The conditions and what was scored, as text."""
        overall = self.mean_over_frames
        return {
            **self.conditions,
            "skeleton": self.skeleton,
            "fps": f"{self.fps:g}",
            "sequences": f"{overall.sequences}",
            "frames": f"{overall.frames}",
        }

    def to_rich_table(self) -> Table:
        """For ``rich.print``."""
        return self.table().to_rich_table()

    def to_markdown(self) -> str:
        """A Markdown section with the tables and the conditions."""
        return self.table().to_markdown()

    def to_csv(self) -> str:
        """One line a group, in full precision."""
        return self.table().to_csv()

    def to_json(self) -> str:
        """Everything, in full precision; ``Report.from_json`` reads it."""
        content = {
            "conditions": self.conditions,
            "skeleton": self.skeleton,
            "fps": self.fps,
            "rules": RULES,
            "units": {measure.key: measure.unit for measure in MEASURES},
            "overall": {
                "mean of actions": _plain(self.mean_over_actions),
                "mean of frames": _plain(self.mean_over_frames),
            },
            "actions": {name: _plain(scores) for name, scores in self.actions.items()},
            "subjects": {name: _plain(scores) for name, scores in self.subjects.items()},
        }
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Report:
        """The report that ``to_json`` wrote.

        Raises:
            AnatomyError: when the text is no report.
        """
        try:
            content = json.loads(text)
            return cls(
                {name: _scores(plain) for name, plain in content["actions"].items()},
                {name: _scores(plain) for name, plain in content["subjects"].items()},
                content["skeleton"],
                content["fps"],
                content["conditions"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AnatomyError(
                f"expected the JSON of an evaluation report, got {type(error).__name__}: {error}"
            ) from None

    def save(self, folder: str | Path) -> None:
        """Writes ``report.json``, ``report.md`` and ``report.csv``; makes the folder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        forms = {"json": self.to_json(), "md": self.to_markdown(), "csv": self.to_csv()}
        for ending, text in forms.items():
            beside = folder / f".report.{ending}.{os.getpid()}"
            beside.write_text(text, encoding="utf-8")
            beside.replace(folder / f"report.{ending}")


def _plain(scores: Scores) -> dict[str, Any]:
    values = {key: None if math.isnan(value) else value for key, value in scores.values.items()}
    return {"frames": scores.frames, "sequences": scores.sequences, **values}


def _scores(plain: Mapping[str, Any]) -> Scores:
    values = {m.key: math.nan if plain[m.key] is None else plain[m.key] for m in MEASURES}
    return Scores(plain["frames"], plain["sequences"], values)
