"""Measure milliseconds from a camera's frame to its poses, frame by frame.

Untrained causal models of the published and the compact size. What a frame costs does not depend on
the weights, but on whether they are stored in 32 bits or in 16, as `anatomy-tf weights halve` does
and all shipped models are. The machine's load stands beside the figures: a busy one shows its own
delays. The floor is the time to read a frame's weights at the rate at which one thread reads more
than the processor's cache holds, measured before; a network that fits into the cache can be faster.

    python benchmarks/streaming.py [--frames 500] [--people 1] [--json]
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import time
from typing import Any

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from anatomy_tf.inference import StreamingLifter
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.network.fast_stream import StreamingNetwork
from anatomy_tf.network.stream_memory import StreamConvolution

WIDE = {"filter_widths": (3, 3, 3, 3, 3), "channels": 1024}
COMPACT = {"filter_widths": (3, 3, 3), "channels": 256}


@dataclasses.dataclass(frozen=True)
class Case:
    """A network, how its weights are stored, and its target."""

    arguments: dict[str, Any]
    stored_bits: int
    target_p95_ms: float
    """On two cores."""


CASES = {
    "243 frames, 1024 channels": Case(WIDE, 32, 8.0),
    "the same, stored in 16 bits": Case(WIDE, 16, 8.0),
    "compact: 27 frames, 256 channels": Case(COMPACT, 32, 1.0),
    "compact, stored in 16 bits": Case(COMPACT, 16, 1.0),
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    frames: int = 500
    """Frames pushed into each stream."""
    warm_up: int = 20
    """Frames before them that do not count."""
    people: int = 1
    """People in the picture."""
    json: bool = False
    """Print JSON instead of a table."""


def read_rate(megabytes: int = 192) -> float:
    """Return GB/s at which one thread reads weights from memory, the best of some rounds."""
    weights = np.ones((megabytes * 1024, 256), np.float32)
    row, times = np.ones(256, np.float32), []
    for _ in range(8):
        began = time.perf_counter()
        np.vecdot(weights, row)
        times.append(time.perf_counter() - began)
    return weights.nbytes / min(times) / 1e9


def megabytes_of_weights(network: StreamingNetwork) -> float:
    """Return the megabytes of weights that one person's frame reads, on average."""
    directions, lengths = network.directions, network.lengths
    assert lengths is not None and directions.scores is not None

    def of_convolution(layer: StreamConvolution) -> float:
        if layer.whole is not None:
            return layer.whole.weights.nbytes
        return layer.newest.weights.nbytes + layer.past.weights.nbytes / layer.at_once

    first = directions.first
    convolutions = [directions.stem, directions.scores]
    convolutions += [c for block in first for c in (block.temporal, block.skip) if c is not None]
    each = lengths.of_frames
    layers = [each.stem, each.head, *itertools.chain.from_iterable(each.blocks)]
    layers += [block.pointwise for block in first]
    for blocks in directions.upper:
        layers += [layer for block in blocks for layer in (block.own.apply, block.pointwise)]
    total = sum(layer.weights.nbytes for layer in layers)
    return (total + sum(of_convolution(c) for c in convolutions)) / 1e6


class PushedStream:
    """A stream of an untrained causal model, and people who move at random in front of it."""

    def __init__(self, arguments: dict[str, Any], people: int = 1, stored_bits: int = 32) -> None:
        self.model = AnatomyLifter(causal=True, **arguments)
        if stored_bits == 16:
            stored = [w.astype(np.float16) for w in self.model.get_weights()]
            self.model.set_weights([w.astype(np.float32) for w in stored])
        self._stream = StreamingLifter(self.model, people, image_size=(1000, 1000))
        self._rng = np.random.default_rng(0)
        self._keypoints = self._rng.uniform(0, 1000, (people, 17, 2))

    def push(self, frames: int) -> tuple[np.ndarray, np.ndarray]:
        """Return milliseconds of each push, by the clock and of processor time."""
        times, busy = [], []
        for _ in range(frames):
            self._keypoints += self._rng.normal(0, 3, self._keypoints.shape)
            began, began_busy = time.perf_counter(), time.process_time()
            self._stream.push(self._keypoints)
            times.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - began_busy))
        return np.array(times), np.array(busy)

    @property
    def megabytes(self) -> float:
        """Megabytes of weights that a frame reads."""
        return megabytes_of_weights(self._stream._network)


def main(settings: Settings) -> None:
    """Measure and print."""
    results = []
    rate = read_rate()
    for name, case in CASES.items():
        before = os.getloadavg()[0]
        stream = PushedStream(case.arguments, settings.people, case.stored_bits)
        stream.push(settings.warm_up)
        times, busy = stream.push(settings.frames)
        read = stream.megabytes
        p50, p95, p99 = np.percentile(times, [50, 95, 99])
        results.append(
            {
                "model": name,
                "people": settings.people,
                "fastest_ms": round(float(times.min()), 3),
                "p50_ms": round(float(p50), 3),
                "p95_ms": round(float(p95), 3),
                "p99_ms": round(float(p99), 3),
                "p50_processor_ms": round(float(np.median(busy)), 3),
                "floor_ms": round(read / rate, 3),
                "weights_mb": round(read, 1),
                "target_p95_ms": case.target_p95_ms,
                "load": [round(before, 2), round(os.getloadavg()[0], 2)],
            }
        )
    if settings.json:
        print(json.dumps({"settings": dataclasses.asdict(settings), "results": results}, indent=2))
        return
    table = Table(
        title=f"Milliseconds a frame, {settings.people} in the picture, {settings.frames} frames, "
        f"{os.cpu_count()} cores",
        caption="processor: median over both threads, which other work on the machine changes "
        f"less; floor: reading the weights at the measured {rate:.0f} GB/s; load: runnable "
        "processes of the last minute, before and after",
    )
    for column in (
        "model",
        "fastest",
        "p50",
        "p95",
        "p99",
        "processor",
        "floor",
        "target p95",
        "load",
    ):
        table.add_column(column, justify="left" if column == "model" else "right")
    for r in results:
        shown = ("fastest_ms", "p50_ms", "p95_ms", "p99_ms", "p50_processor_ms", "floor_ms")
        cells = [f"{r[key]:.2f}" for key in shown]
        load = f"{r['load'][0]} {r['load'][1]}"
        table.add_row(r["model"], *cells, f"{r['target_p95_ms']:g}", load)
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
