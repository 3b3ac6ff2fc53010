"""The numbers of one group of sequences."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from anatomy_tf.evaluation.measures import MEASURES


@dataclasses.dataclass(frozen=True)
class Scores:
    """Every measure of one group of sequences.

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


def frame_weighted(scores: Sequence[Scores]) -> Scores:
    """The scores of several groups as one: each measure's mean, weighted by frames."""
    return _combined(scores, [group.frames for group in scores])


def unweighted(scores: Sequence[Scores]) -> Scores:
    """The mean over groups, each with the same weight however long it is."""
    return _combined(scores, [1] * len(scores))


def _combined(scores: Sequence[Scores], weights: Sequence[int]) -> Scores:
    values = {}
    for measure in MEASURES:
        given = np.array([group[measure.key] for group in scores])
        known = ~np.isnan(given)
        values[measure.key] = (
            float(np.average(given[known], weights=np.array(weights)[known]))
            if known.any()
            else float("nan")
        )
    return Scores(
        sum(group.frames for group in scores), sum(group.sequences for group in scores), values
    )
