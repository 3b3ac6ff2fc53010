"""How well the spread of estimates tells the error, and how often bone lengths are warned of.

The test people of an experiment, whom the model was not trained on, are lifted with flip averaging;
each joint's spread (``Lifter.spread``) is compared with its distance from the truth, both relative
to the root. Prints Markdown for the model card.

    python benchmarks/uncertainty.py experiments/motion_capture/compact.py --model compact
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from rich.progress import track
from scipy.stats import spearmanr

from anatomy_tf.inference import Lifter
from anatomy_tf.inference.quality import bone_length_warnings
from anatomy_tf.training import load_experiment

GROUPS = 10


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is measured."""

    experiment: Annotated[Path, tyro.conf.Positional]
    """Names the test people."""
    model: str = "compact"
    """Name or path."""
    every: int = 1
    """Only each so many-th sequence."""


def rank_correlation(spread: np.ndarray, error: np.ndarray) -> float:
    """Spearman's, NaN where one of the two does not vary."""
    return float(spearmanr(spread.ravel(), error.ravel())[0])


def report(spreads: list[np.ndarray], errors: list[np.ndarray]) -> str:
    """Markdown of the reliability.

    Args:
        spreads: (T, J) metres of each sequence, without the root.
        errors: (T, J) metres.
    """
    spread, error = np.concatenate(spreads), np.concatenate(errors)
    means = [(s.mean(axis=1), e.mean(axis=1)) for s, e in zip(spreads, errors, strict=True)]
    rows = {
        "all joints of all frames": rank_correlation(spread, error),
        "one joint, all frames (mean of the joints)": np.mean(
            [rank_correlation(s, e) for s, e in zip(spread.T, error.T, strict=True)]
        ),
        "frames (mean over joints)": rank_correlation(spread.mean(axis=1), error.mean(axis=1)),
        "frames of one sequence (mean of the sequences)": np.nanmean(
            [rank_correlation(*pair) for pair in means]
        ),
        "sequences": rank_correlation(
            np.array([s.mean() for s, _ in means]), np.array([e.mean() for _, e in means])
        ),
    }
    lines = ["| compared over | rank correlation |", "|---|---:|"]
    lines += [f"| {name} | {value:.2f} |" for name, value in rows.items()]
    lines += ["", "| spread, mm | mean spread | mean error | median error | 90 % below |"]
    lines += ["|---|---:|---:|---:|---:|"]
    flat, errs = 1000 * spread.ravel(), 1000 * error.ravel()
    edges = np.quantile(flat, np.linspace(0, 1, GROUPS + 1))
    group = np.clip(np.searchsorted(edges, flat, side="right") - 1, 0, GROUPS - 1)
    for number in range(GROUPS):
        mine = errs[group == number]
        low, high = edges[number : number + 2]
        lines.append(
            f"| {low:.1f} to {high:.1f} | {flat[group == number].mean():.1f} | {mine.mean():.0f} | "
            f"{np.median(mine):.0f} | {np.quantile(mine, 0.9):.0f} |"
        )
    below = 100 * (errs <= flat).mean()
    return "\n".join([*lines, "", f"The error is below the spread in {below:.1f} % of the cases."])


def main(settings: Settings) -> None:
    """Measures and prints."""
    store = load_experiment(settings.experiment).data.load_test()
    lifter = Lifter.load(settings.model)
    root = lifter.skeleton.root
    rest = [joint for joint in range(lifter.skeleton.joint_count) if joint != root]
    spreads, errors, warned = [], [], []
    chosen = range(0, len(store), settings.every)
    for index in track(chosen, description="sequences"):
        frames = slice(store.offsets[index], store.offsets[index + 1])
        clip = store.keypoints[frames], store.visibility[frames]
        estimate = lifter.estimate(*clip)
        positions = estimate.positions - estimate.positions[:, root, None]
        error = np.linalg.norm(positions - store.positions[frames], axis=-1)
        spreads.append(lifter.spread(*clip)[:, rest])
        errors.append(error[:, rest])
        if estimate.bone_lengths is not None:
            lines = bone_length_warnings(estimate.bone_lengths[-1], lifter.skeleton)
            warned.append(bool(lines))
    print(report(spreads, errors))
    if warned:
        doubted = np.array(warned)
        means = np.array([error.mean() for error in errors])
        print(f"\nBone lengths were warned of in {doubted.sum()} of {len(doubted)} sequences.")
        if doubted.any() and not doubted.all():
            print(
                f"Mean error there {1000 * means[doubted].mean():.0f} mm, "
                f"elsewhere {1000 * means[~doubted].mean():.0f} mm."
            )


if __name__ == "__main__":
    main(tyro.cli(Settings, description=__doc__))
