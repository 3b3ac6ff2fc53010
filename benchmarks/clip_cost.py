"""Measure lifting's time by length and by people, and its memory, with flip averaging.

Seconds of clips of growing length, of a growing number of people in clips of one length, and the
peak memory of a long clip, each measured in a process of its own (its largest resident size, and
how much of it came after the model was ready). ``--plot`` draws the first two.

    python benchmarks/clip_cost.py [--frames 360000] [--channels 256] [--plot cost.png] [--json]
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

COLORS = ("tab:orange", "tab:blue")


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    frames: int = 360_000
    """Frames of the clip whose memory is measured, by ``lift``: two hours at 50 fps, from half as
    many keypoints. 0 leaves it out."""
    channels: int = 256
    """Channels of the network."""
    filter_widths: tuple[int, ...] = (3, 3, 3)
    """Widths of the network."""
    lengths: tuple[int, ...] = (250, 500, 1000, 2000, 4000, 8000)
    """Frames of the clips that are timed."""
    people: tuple[int, ...] = (1, 2, 4, 8, 16)
    """People in a clip of the second length."""
    rounds: int = 5
    """Times that each is measured; the fastest counts, which other work changes least."""
    plot: Path | None = None
    """A PNG of seconds against frames and people."""
    json: bool = False
    """Print one JSON object instead of a table."""
    child: bool = False
    """Measure memory in this process and print it; the program calls itself with this."""


def lifter_of(settings: Settings) -> Any:
    """Return a lifter with an untrained model, since a frame's cost does not depend on weights."""
    from anatomy_tf.inference import Lifter
    from anatomy_tf.models import AnatomyLifter

    shape: dict[str, Any] = {
        "filter_widths": settings.filter_widths,
        "channels": settings.channels,
    }
    return Lifter(AnatomyLifter(**shape))


def clip(frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random keypoints and visibility as the model sees them."""
    rng = np.random.default_rng(0)
    keypoints = rng.standard_normal((frames, 17, 2), dtype=np.float32)
    return keypoints, rng.random((frames, 17), np.float32)


def recording(frames: int) -> Any:
    """Return COCO's keypoints at half the model's rate, to be mapped and resampled."""
    from anatomy_tf.sequences import KeypointSequence
    from anatomy_tf.skeletons import get_skeleton

    keypoints, visibility = clip(frames // 2)
    return KeypointSequence(
        500 + 100 * keypoints, visibility, get_skeleton("coco_17"), 25, 1000, 1000
    )


def resident_peak() -> float:
    """Return Linux's largest resident size so far, MB; getrusage's includes the parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / 1e6


def measure_memory(settings: Settings) -> dict[str, float]:
    """Return this process's peaks, MB, before and after the long clip."""
    lifter = lifter_of(settings)
    lifter.lift(recording(300))
    before = resident_peak()
    lifter.lift(recording(settings.frames))
    return {"ready_mb": round(before), "peak_mb": round(resident_peak())}


def memory_of_child(settings: Settings) -> dict[str, float]:
    """Return the result of ``measure_memory`` in a fresh process."""
    widths = [str(width) for width in settings.filter_widths]
    command = [sys.executable, __file__, "--child", "--frames", str(settings.frames)]
    command += ["--channels", str(settings.channels), "--filter-widths", *widths]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])


def fastest(
    settings: Settings, clips: list[tuple[np.ndarray, np.ndarray]], lifter: Any
) -> tuple[float, float]:
    """Return the seconds of lifting clips together, by the clock and of processor time."""
    times, busy = [], []
    for _ in range(settings.rounds + 1):
        began, began_busy = time.perf_counter(), time.process_time()
        lifter.estimate_all(clips)
        times.append(time.perf_counter() - began)
        busy.append(time.process_time() - began_busy)
    return min(times), min(busy)


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw seconds against frames and people, with lines through 0 and the last point.

    Processor time is that of all threads, and other work on the machine changes it less.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    labels = ("frames of one clip", f"people, {result['frames_of_people']} frames each")
    for axis, key, label in zip(axes, ("by_length", "by_people"), labels, strict=True):
        counts, *measured = zip(*result[key], strict=True)
        for seconds, color, name in zip(measured, COLORS, ("clock", "processor"), strict=True):
            axis.plot([0, counts[-1]], [0, seconds[-1]], color=color, alpha=0.35)
            axis.plot(counts, seconds, "o", color=color, label=name)
        axis.set(xlabel=label, ylabel="seconds", xlim=0, ylim=0)
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=90)


def main(settings: Settings) -> None:
    """Measure and print."""
    if settings.child:
        print(json.dumps(measure_memory(settings)))
        return
    load = os.getloadavg()[0]
    lifter = lifter_of(settings)
    middle = settings.lengths[min(1, len(settings.lengths) - 1)]
    result: dict[str, Any] = {
        "settings": {**dataclasses.asdict(settings), "plot": str(settings.plot)},
        "by_length": [(n, *fastest(settings, [clip(n)], lifter)) for n in settings.lengths],
        "by_people": [(n, *fastest(settings, [clip(middle)] * n, lifter)) for n in settings.people],
        "frames_of_people": middle,
        "memory": memory_of_child(settings) if settings.frames else None,
        "load": [round(load, 2), round(os.getloadavg()[0], 2)],
    }
    if settings.plot is not None:
        draw(result, settings.plot)
    if settings.json:
        print(json.dumps(result, indent=2))
        return
    memory = result["memory"]
    table = Table(
        title=f"Seconds to lift, flip averaged, {settings.channels} channels, "
        f"{os.cpu_count()} cores, load {result['load'][0]} {result['load'][1]}",
        caption="memory not measured"
        if memory is None
        else f"{settings.frames:,} frames: peak {memory['peak_mb']:,} MB, of which "
        f"{memory['ready_mb']:,} MB before it",
    )
    for column in ("people", "frames each", "seconds", "frames a second", "processor s"):
        table.add_column(column, justify="right")
    rows = [(1, *row) for row in result["by_length"]]
    rows += [(people, middle, *seconds) for people, *seconds in result["by_people"]]
    for people, frames, seconds, busy in rows:
        rate = people * frames / seconds
        table.add_row(str(people), f"{frames:,}", f"{seconds:.3f}", f"{rate:,.0f}", f"{busy:.3f}")
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
