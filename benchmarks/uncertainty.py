"""Measure how well the spread shows the error, and how often bone lengths give a warning.

The test people of an experiment, whom the model was not trained on, are lifted with flip averaging;
each joint's spread (``Lifter.spread``) is compared with its distance from the truth, both relative
to the root, and so is the calibrated one where the model is calibrated. Prints Markdown for the
model card.

With ``--on`` an archive of real detections (docs/evaluation.md) takes the place of the test people:
how far the calibration holds for a detector and people that it was not made with.

    python benchmarks/uncertainty.py experiments/motion_capture/compact.py --model compact
    python benchmarks/uncertainty.py --on real.npz --model compact
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from rich.progress import track
from scipy.stats import spearmanr

from anatomy_tf.data import SequenceStore
from anatomy_tf.data.datasets.detection_archive import load_detection_archive
from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.evaluation.detected_clips import ScoredClip
from anatomy_tf.inference import Lifter, store_spreads
from anatomy_tf.poses.quality import bone_length_warnings
from anatomy_tf.training import load_experiment

GROUPS = 10


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    experiment: Annotated[Path | None, tyro.conf.Positional] = None
    """Names the test people."""
    model: str = "compact"
    """Name or path."""
    on: Path | None = None
    """An archive of detections instead."""


def rank_correlation(spread: np.ndarray, error: np.ndarray) -> float:
    """Return Spearman's rank correlation, NaN where one of the two does not vary."""
    return float(spearmanr(spread.ravel(), error.ravel())[0])


def reliability(spreads: list[np.ndarray], errors: list[np.ndarray]) -> str:
    """Return the spread's reliability as Markdown.

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
    # By rank: a calibrated spread has a largest value, which many joints may share.
    for group in np.array_split(np.argsort(flat, kind="stable"), GROUPS):
        own, off = flat[group], errs[group]
        lines.append(
            f"| {own[0]:.1f} to {own[-1]:.1f} | {own.mean():.1f} | {off.mean():.0f} | "
            f"{np.median(off):.0f} | {np.quantile(off, 0.9):.0f} |"
        )
    return "\n".join([*lines, "", f"The error is below the spread in {share_below(errs, flat)}."])


def share_below(errors: np.ndarray, spreads: np.ndarray) -> str:
    """Return the share of errors up to the spread, in words."""
    return f"{100 * (errors <= spreads).mean():.1f} % of the cases"


def uncertainty_report(lifter: Lifter, store: SequenceStore) -> str:
    """Return Markdown on the spread's reliability and on warnings of bone lengths."""
    found = track(store_spreads(lifter, store), total=len(store), description="sequences")
    estimates, spreads, errors = map(list, zip(*found, strict=True))
    lines = [reliability(spreads, errors)]
    if lifter.calibration is not None:
        calibrated = lifter.calibration(np.concatenate(spreads))
        lines.append(
            "It is below the calibrated spread in "
            f"{share_below(np.concatenate(errors), calibrated)}; "
            f"{100 * lifter.calibration.within:.0f} % was aimed at."
        )
    warned = [
        bool(bone_length_warnings(estimate.bone_lengths[-1], lifter.skeleton))
        for estimate in estimates
        if estimate.bone_lengths is not None
    ]
    if warned:
        doubted = np.array(warned)
        means = np.array([error.mean() for error in errors])
        text = f"Bone lengths were warned of in {doubted.sum()} of {len(doubted)} sequences"
        if doubted.any() and not doubted.all():
            text += (
                f" (mean error there {1000 * means[doubted].mean():.0f} mm, "
                f"elsewhere {1000 * means[~doubted].mean():.0f} mm)"
            )
        lines += ["", f"{text}."]
    return "\n".join(lines)


def detections_report(lifter: Lifter, clips: Sequence[DetectedClip]) -> str:
    """Return Markdown on the uncertainty of poses that are lifted from real detections.

    The uncertainty is that of ``lift(..., uncertainty=True)``, compared over the scored joints.
    """
    spreads, errors = [], []
    for clip in track(clips, description="clips"):
        poses = lifter.lift(clip.keypoints, uncertainty=True)
        scored = ScoredClip.of(clip, poses)
        joints = [poses.skeleton.index(name) for name in scored.joint_names]
        assert poses.spread is not None
        spreads.append(poses.spread[:, joints][scored.valid])
        errors.append(np.linalg.norm(np.subtract(*scored.counted), axis=-1))
    lines = [reliability(spreads, errors)]
    if lifter.calibration is not None:
        lines.append(f"{100 * lifter.calibration.within:.0f} % was aimed at.")
    return "\n".join(lines)


def main(settings: Settings) -> None:
    """Measure and print."""
    if (settings.experiment is None) == (settings.on is None):
        raise SystemExit("uncertainty: expected either an experiment or --on with an archive")
    lifter = Lifter.load(settings.model)
    if settings.on is not None:
        print(detections_report(lifter, load_detection_archive(settings.on)))
    else:
        assert settings.experiment is not None
        print(uncertainty_report(lifter, load_experiment(settings.experiment).data.load_test()))


if __name__ == "__main__":
    main(tyro.cli(Settings, description=__doc__))
