"""Measure the cost of a first pose: seconds and memory of whole commands, from a cold process.

Each command runs several times in turn with ``python -c "import keras"``, so that other work on the
machine meets all alike; the ratio is to that. Seconds by the clock and of processor time, memory is
the largest resident set. The files of the machine's cache are warm after the first round, which
does not count.

    python benchmarks/cold_start.py [--rounds 5] [--json]
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from anatomy_tf.formats import load_keypoints, sample_keypoints, save_keypoints

YARDSTICK = 'python -c "import keras"'
COMMAND = str(Path(sysconfig.get_path("scripts")) / "anatomy-tf")


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    rounds: int = 5
    """Times that each command runs, after one unmeasured run."""
    json: bool = False
    """Print one JSON object instead of a table."""


def minute_of_keypoints(path: Path) -> None:
    """Write the sample's first person again and again, back and forth, for a minute."""
    person = load_keypoints(sample_keypoints())[0]
    frames = np.arange(round(60 * person.fps)) % (2 * len(person) - 2)
    frames = np.minimum(frames, 2 * len(person) - 2 - frames)
    longer = dataclasses.replace(
        person, keypoints=person.keypoints[frames], visibility=person.visibility[frames]
    )
    save_keypoints(path, [longer])


def commands(folder: Path) -> dict[str, list[str]]:
    """Return the commands by what they do."""
    minute, sample = folder / "minute.npz", str(sample_keypoints())
    minute_of_keypoints(minute)
    output = str(folder / "poses")
    return {
        YARDSTICK: [sys.executable, "-c", "import keras"],
        "anatomy-tf --help": [COMMAND, "--help"],
        "lift the sample to npz": [COMMAND, "lift", sample, "--output", f"{output}.npz"],
        "lift a minute to BVH": [COMMAND, "lift", str(minute), "--output", f"{output}.bvh"],
    }


def measured(command: list[str]) -> tuple[float, float, float]:
    """Return seconds by the clock, of processor time, and megabytes of a command."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(settings: Settings) -> None:
    """Measure and print."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        chosen = commands(Path(folder))
        rounds = [
            {name: measured(command) for name, command in chosen.items()}
            for _ in range(settings.rounds + 1)
        ][1:]
    results = {}
    for name in chosen:
        seconds, processor, megabytes = (
            statistics.median(turn[name][i] for turn in rounds) for i in range(3)
        )
        results[name] = {
            "seconds": round(seconds, 3),
            "lowest": round(min(turn[name][0] for turn in rounds), 3),
            "highest": round(max(turn[name][0] for turn in rounds), 3),
            "processor_seconds": round(processor, 3),
            "megabytes": round(megabytes),
        }
        for what, place in (("seconds", 0), ("processor_seconds", 1), ("megabytes", 2)):
            ratios = [turn[name][place] / turn[YARDSTICK][place] for turn in rounds]
            results[name][f"{what}_ratio"] = round(statistics.median(ratios), 3)
    loads = [round(load, 2), round(os.getloadavg()[0], 2)]
    if settings.json:
        print(json.dumps({"rounds": settings.rounds, "load": loads, "commands": results}, indent=2))
        return
    table = Table(
        title=f"From a cold process, {settings.rounds} rounds, {os.cpu_count()} cores, load "
        f"{loads[0]} {loads[1]}",
        caption=f"ratios are to {YARDSTICK} of the same round",
    )
    table.add_column("", no_wrap=True)
    for column in ("seconds", "lowest", "highest", "ratio", "processor s", "ratio", "MB", "ratio"):
        table.add_column(column, justify="right")
    for name, r in results.items():
        table.add_row(
            name,
            *(f"{r[key]:.2f}" for key in ("seconds", "lowest", "highest", "seconds_ratio")),
            *(f"{r[key]:.2f}" for key in ("processor_seconds", "processor_seconds_ratio")),
            f"{r['megabytes']}",
            f"{r['megabytes_ratio']:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
