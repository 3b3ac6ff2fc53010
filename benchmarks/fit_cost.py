"""Measure the time that the fit to the keypoints adds to lifting (``Lifter.lift(fit=True)``).

The sample's first person, repeated, with flip averaging; with and without the fit in turns, medians
over the rounds. Prints Markdown.

    python benchmarks/fit_cost.py [--model compact]
"""

from __future__ import annotations

import dataclasses
import statistics

import numpy as np
import tyro
from markdown_table import markdown_table
from several_clips import milliseconds

from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.inference import Lifter

FRAMES = (30, 300, 2000)
"""Frames of the clips."""


def fit_cost(model: str = "compact", rounds: int = 9) -> None:
    """Print the table.

    Args:
        model: name of a shipped model, or the path of a model file.
        rounds: times that each is measured, after two unmeasured runs.
    """
    lifter = Lifter.load(model)
    person = dataclasses.replace(load_keypoints(sample_keypoints())[0], fps=lifter.fps)
    rows = []
    for frames in FRAMES:
        chosen = np.arange(frames) % len(person)
        clip = dataclasses.replace(
            person, keypoints=person.keypoints[chosen], visibility=person.visibility[chosen]
        )
        with_fit, without = (
            statistics.median(times)
            for times in milliseconds(
                rounds,
                lambda clip=clip: lifter.lift(clip),
                lambda clip=clip: lifter.lift(clip, fit=False),
            )
        )
        row = (f"{frames}", f"{with_fit:.1f}", f"{without:.1f}", f"{with_fit / without:.2f}")
        rows.append(row)
    print(markdown_table([f"{model}: frames", "with the fit (ms)", "without", "ratio"], rows))


if __name__ == "__main__":
    tyro.cli(fit_cost, description=__doc__)
