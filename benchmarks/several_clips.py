"""Measure the time that lifting clips together saves against lifting them one by one.

Flip averaged, and the mirror image together with its clip against a pass of its own. Clips of each
contender take turns in every round; medians over the rounds. An untrained network: what a frame
costs does not depend on the weights.

    python benchmarks/several_clips.py [--channels 256] [--filter-widths 3 3 3] [--json]
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import tyro
from clip_cost import clip
from rich.console import Console
from rich.table import Table

from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter

CLIPS = ((8, 60), (2, 300))
"""Number of clips, and frames of each."""
MIRRORED_FRAMES = (60, 1500)
"""Frames of the clips whose mirror image is timed."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    channels: int = 256
    """Channels of the network."""
    filter_widths: tuple[int, ...] = (3, 3, 3)
    """Widths of the network."""
    rounds: int = 30
    """Times that each is measured, after two unmeasured runs."""
    json: bool = False
    """Print one JSON object instead of a table."""


def milliseconds(rounds: int, *contenders: Callable[[], object]) -> list[list[float]]:
    """Return the milliseconds of each contender in each round, in turns."""
    times: list[list[float]] = [[] for _ in contenders]
    for index in range(rounds + 2):
        for run, found in zip(contenders, times, strict=True):
            began = time.perf_counter()
            run()
            if index >= 2:
                found.append(1e3 * (time.perf_counter() - began))
    return times


def main(settings: Settings) -> None:
    """Measure and print."""
    load = os.getloadavg()[0]
    network: dict[str, Any] = {
        "filter_widths": settings.filter_widths,
        "channels": settings.channels,
    }
    lifter = Lifter(AnatomyLifter(**network))
    results = {}
    for count, frames in CLIPS:
        clips = [clip(frames)] * count
        results[f"{count} clips of {frames} frames, flip averaged"] = milliseconds(
            settings.rounds,
            lambda clips=clips: [lifter.estimate_all([each]) for each in clips],
            lambda clips=clips: lifter.estimate_all(clips),
        )
    for frames in MIRRORED_FRAMES:
        plain = clip(frames)
        results[f"{frames} frames and their mirror image"] = milliseconds(
            settings.rounds,
            lambda plain=plain: [lifter.estimate_all([plain], flip=False) for _ in range(2)],
            lambda plain=plain: lifter.estimate_all([plain, plain], flip=False),
        )
    if settings.json:
        print(json.dumps({"milliseconds": results, "load": load}, indent=2))
        return
    table = Table(title=f"Milliseconds, {os.cpu_count()} cores, load {load:.2f}")
    for column in ("", "one by one", "together", "ratio"):
        table.add_column(column, justify="right")
    for name, both in results.items():
        apart, together = (statistics.median(times) for times in both)
        cells = (f"{statistics.median(t):.1f} ({min(t):.1f} to {max(t):.1f})" for t in both)
        table.add_row(name, *cells, f"{apart / together:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
