"""Measure what it costs to look for people in each N-th frame of a video only.

Clips of a break dancer with real detections of eight cameras (AIST): the detections of the other
frames are left out, and replaced as ``anatomy-tf lift --detect-every N`` does, by cubic curves, or
as ``anatomy-tf live`` does for frames that it drops, by straight lines. The video has 60 frames a
second, or every second one of them. Errors are those of all frames: P1 after the best scale of a
clip, with flip averaging. Prints Markdown.

    python benchmarks/detect_every.py [compact causal ...]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from markdown_table import markdown_table
from real_recordings import AIST, SHARED
from rich.console import Console
from rich.progress import track

from anatomy_tf.data.datasets.detection_archive import load_detection_archive
from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.evaluation.detected_clips import evaluate_detections
from anatomy_tf.inference import Lifter
from anatomy_tf.sequences import KeypointSequence, interpolate_frames

EVERY = {1: (1, 2, 4, 5, 10), 2: (1, 2, 3, 5, 10)}
"""For every frame of the video and for every second one, which N are measured."""

MEASURE = "clip_n_mpjpe"


def detect_every(
    models: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="MODEL")] = (
        "compact",
    ),
    *,
    shared: Path = SHARED,
) -> None:
    """Print the table.

    Args:
        models: names of shipped models and paths of model files.
        shared: folder with evaluation/.
    """
    path = shared / "evaluation" / AIST
    if not path.is_file():
        raise SystemExit(f"lacks {path}, which users do not have")
    console = Console(stderr=True)
    clips = load_detection_archive(path)
    rates = sorted(
        {clips[0].keypoints.fps / kept / every for kept, own in EVERY.items() for every in own},
        reverse=True,
    )
    rows = []
    for model in models:
        lifter = Lifter.load(model)
        for kept, own in EVERY.items():
            video = [thinned(clip, kept) for clip in clips]
            fps = video[0].keypoints.fps
            for name, fill in (("curves", curves), ("lines", lines)):
                found = {
                    fps / every: error(lifter, video, every, fill)
                    for every in track(own, f"{model}, {fps:g} fps, {name}", console=console)
                }
                console.print(f"{model}, {fps:g} fps, {name}: {found}")
                cells = [f"{found[rate]:.1f}" if rate in found else "" for rate in rates]
                rows.append([f"{model}, {fps:g} fps, {name}", *cells])
    print(f"{len(clips)} clips, {sum(len(clip.keypoints) for clip in clips):,} frames\n")
    print(markdown_table(["detections a second", *(f"{rate:g}" for rate in rates)], rows))


def thinned(clip: DetectedClip, kept: int) -> DetectedClip:
    """Return the clip as a video of every ``kept``-th frame."""
    return dataclasses.replace(
        clip, keypoints=some(clip.keypoints, kept), positions=clip.positions[::kept]
    )


def some(keypoints: KeypointSequence, every: int) -> KeypointSequence:
    """Return every n-th frame."""
    return dataclasses.replace(
        keypoints,
        keypoints=keypoints.keypoints[::every],
        visibility=keypoints.visibility[::every],
        fps=keypoints.fps / every,
    )


def curves(sparse: KeypointSequence, every: int, frames: int) -> KeypointSequence:
    """Return the whole clip as ``detect_people`` interpolates it."""
    return sparse.densified(every, frames)


def lines(sparse: KeypointSequence, every: int, frames: int) -> KeypointSequence:
    """Return the whole clip as ``LiveLifter`` interpolates it."""
    times = np.arange(frames) / every
    return dataclasses.replace(
        sparse,
        keypoints=interpolate_frames(sparse.keypoints, times),
        visibility=interpolate_frames(sparse.visibility, times),
        fps=sparse.fps * every,
    )


def error(
    lifter: Lifter,
    clips: list[DetectedClip],
    every: int,
    fill: Callable[[KeypointSequence, int, int], KeypointSequence],
) -> float:
    """Return the error of poses from every n-th frame's detections, millimetres."""
    ready = [fill(some(clip.keypoints, every), every, len(clip.keypoints)) for clip in clips]
    poses = lifter.lift_all(ready)
    return float(evaluate_detections(clips, poses).overall[MEASURE])


if __name__ == "__main__":
    tyro.cli(detect_every, description=__doc__)
