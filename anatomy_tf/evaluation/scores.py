"""The scores of a group of sequences."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.measures import Column
from anatomy_tf.files.limits import is_number, is_whole


@dataclasses.dataclass(frozen=True)
class Scores:
    """The scores of a group of sequences.

    Attributes:
        frames: number of frames.
        sequences: number of sequences.
        values: measure's key to its number in the measure's unit; NaN where nothing in the group
            could be measured (a velocity needs two frames).
    """

    frames: int
    sequences: int
    values: dict[str, float]

    def __getitem__(self, key: str) -> float:
        return self.values[key]

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as plain data for JSON, with ``None`` for NaN."""
        values = {key: None if math.isnan(value) else value for key, value in self.values.items()}
        return {"frames": self.frames, "sequences": self.sequences, **values}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], measures: Sequence[Column]) -> Scores:
        """Return the scores that ``to_dict`` wrote; raise KeyError where a measure is missing.

        Raises:
            AnatomyError: for counts or measures that are no numbers.
        """
        values = {m.key: math.nan if plain[m.key] is None else plain[m.key] for m in measures}
        counts = plain["frames"], plain["sequences"]
        if not all(is_whole(count) and count >= 0 for count in counts):
            raise AnatomyError(f"expected whole numbers of frames and sequences, got {counts}")
        wrong = [value for value in values.values() if not is_number(value)]
        if wrong:
            raise AnatomyError(f"expected numbers, got {wrong[0]!r:.40}")
        return cls(*counts, values)


Rows = Mapping[str, Scores]
"""The scores of groups, such as actions, by name."""


def rows_to_dict(rows: Rows) -> dict[str, Any]:
    """Return rows as plain data for JSON."""
    return {name: scores.to_dict() for name, scores in rows.items()}


def rows_from_dict(plain: Mapping[str, Any], measures: Sequence[Column]) -> dict[str, Scores]:
    """Return the rows that ``rows_to_dict`` wrote."""
    return {name: Scores.from_dict(scores, measures) for name, scores in plain.items()}


_OF_OTHER_TEXTS = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
)
"""What reading a report raises where the text is another one."""


@contextlib.contextmanager
def reading_report(expected: str) -> Iterator[None]:
    """Turn what a text that is no such report raises into one line.

    Args:
        expected: what the text should be, such as ``"an evaluation report"``.

    Raises:
        AnatomyError: saying what was expected.
    """
    try:
        yield
    except _OF_OTHER_TEXTS as error:
        raise AnatomyError(
            f"expected the JSON of {expected}, got {type(error).__name__}: {error}"
        ) from None


def frame_weighted(scores: Sequence[Scores]) -> Scores:
    """Return the mean of each measure over several groups, weighted by their frames.

    It is NaN where no group has both frames and a value.
    """
    return _combined(scores, [group.frames for group in scores])


def unweighted(scores: Sequence[Scores]) -> Scores:
    """Return the mean of each measure over several groups, which all have the same weight."""
    return _combined(scores, [1] * len(scores))


def _combined(scores: Sequence[Scores], weights: Sequence[int]) -> Scores:
    values = {}
    for key in scores[0].values if scores else ():
        given = np.array([group[key] for group in scores])
        known = ~np.isnan(given) & (np.array(weights) > 0)
        values[key] = (
            float(np.average(given[known], weights=np.array(weights)[known]))
            if known.any()
            else float("nan")
        )
    return Scores(
        sum(group.frames for group in scores), sum(group.sequences for group in scores), values
    )
