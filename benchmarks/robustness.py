"""Measure models' errors on recordings that differ from plain ones: rates, scores, gaps, lenses.

The test people of an experiment are seen by its cameras under one condition at a time
(``CaptureVariety``, ``CameraRanges``), and each model lifts them with flip averaging. Prints
Markdown: the mean joint error (P1, millimetres, mean over frames, all joints, those that were never
detected too) of each model under each condition.

    python benchmarks/robustness.py experiments/motion_capture/standard.py --model compact \
        --model standard
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tyro
from markdown_table import markdown_table
from rich.progress import track

from anatomy_tf.cli.evaluate import distinct_names
from anatomy_tf.data import (
    CameraRanges,
    CaptureVariety,
    SequenceStore,
    load_motion_capture,
    render_views,
    split_by_subject,
)
from anatomy_tf.inference import Lifter, store_estimates
from anatomy_tf.metrics import mpjpe
from anatomy_tf.training import MotionCaptureData, load_experiment

ANY_CAMERA = dataclasses.replace(CameraRanges(), human36m_share=0)


def varied(**changes: object) -> dict[str, object]:
    """Return arguments of ``render_views`` for one kind of variety in every view."""
    return {"variety": CaptureVariety.none(**changes)}


def seen(**changes: object) -> dict[str, object]:
    """Return arguments of ``render_views`` for one kind of camera."""
    return {"ranges": dataclasses.replace(ANY_CAMERA, **changes)}


CONDITIONS: dict[str, dict[str, object]] = {
    "plain": {},
    "true keypoints": {"detections": "ground_truth"},
    "24 frames a second": varied(other_rate_share=1, frame_rates=(24.0,)),
    "30 frames a second": varied(other_rate_share=1, frame_rates=(30.0,)),
    "60 frames a second": varied(other_rate_share=1, frame_rates=(60.0,)),
    "no scores": varied(no_scores_share=1),
    "limbs lost now and then": varied(gap_share=1),
    "limbs lost often": varied(gap_share=1, gaps_a_second=0.25),
    "legs never seen": varied(half_body_share=1),
    "phone lens, near": seen(focal_length=(0.7, 0.9), distance=(1.0, 3.0)),
    "broadcast lens, far": seen(focal_length=(2.5, 3.0), distance=(8.0, 20.0)),
    "turned over": varied(tumbled_share=1),
    "other bodies": varied(body_size=0.1, bone_length=0.1),
}


def robustness(
    experiment: tyro.conf.Positional[Path],
    model: tyro.conf.UseAppendAction[tuple[str, ...]],
    cameras: int = 1,
) -> None:
    """Print the table.

    Args:
        experiment: names the motion capture and its test people.
        model: shipped names or model files.
        cameras: views of each clip.
    """
    print(*robustness_table(experiment, model, cameras), sep="\n\n")


def robustness_table(experiment: Path, models: Sequence[str], cameras: int = 1) -> tuple[str, str]:
    """Return a description of the frames, and Markdown with a row for each condition."""
    data = load_experiment(experiment).data
    assert isinstance(data, MotionCaptureData), "motion capture can be seen anew, other data not"
    _, clips = split_by_subject(load_motion_capture(data.path), data.test_subjects)
    lifters = {name: Lifter.load(name) for name in models}
    rows = []
    for name, changes in track(CONDITIONS.items(), description="conditions"):
        views = render_views(clips, cameras_per_clip=cameras, seed=data.seed, **changes)
        store = SequenceStore.from_views(views)
        row = [name]
        for lifter in lifters.values():
            estimates = np.concatenate(list(store_estimates(lifter, store)))
            error = 1000 * float(mpjpe(estimates, store.positions).mean())
            assert math.isfinite(error)
            row.append(f"{error:.1f}")
        rows.append(row)
    return f"{store.frame_count:,} frames of {', '.join(data.test_subjects)}", markdown_table(
        ["condition", *distinct_names(lifters)], rows
    )


if __name__ == "__main__":
    tyro.cli(robustness)
