"""Measure the time of a training step with and without the input pipeline.

The same compiled model trains on batches as ``anatomy_tf.training`` makes them (so many threads
ahead of the step), as Keras itself buffers a ``PyDataset`` (one thread), and on one batch that is
made once and repeated: the difference to the last is what the pipeline costs. ``waiting`` is the
part of the time in which a step waited for its batch, as a run's progress line shows it. Contenders
take turns in every round, so that other work on the machine meets them all.

    python benchmarks/training_step.py [--receptive-field 243 --channels 1024] [--json]
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import time
from collections.abc import Iterator
from typing import Any, Literal

import keras
import tyro
from rich.console import Console
from rich.table import Table

from anatomy_tf.data import Batches
from anatomy_tf.losses import compile_arguments
from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.models.precision import computing_in
from anatomy_tf.training import AMSGrad, ProceduralData
from anatomy_tf.training.compiled_model import JIT
from anatomy_tf.training.config import Precision
from anatomy_tf.training.epoch_batches import THREADS, EpochBatches

AHEAD = "made ahead"
"""The contender that makes batches as a training run does."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    filter_widths: tuple[int, ...] = (3, 3, 3, 3)
    """Filter widths of the network; their product is the window."""
    channels: int = 256
    """Channels of its layers."""
    sampled_frames: int = 50
    """Frames for the bone lengths."""
    batch_size: int = 256
    """Windows of a batch."""
    steps: int = 10
    """Steps of each contender in each round."""
    rounds: int = 5
    """Rounds; medians and spread are over these."""
    threads: int = THREADS
    """Threads that make batches ahead."""
    precision: Precision = "float32"
    """Dtype in which layers compute."""
    jit: Literal["auto", "on", "off"] = "auto"
    """Whether XLA compiles the step."""
    seconds: float = 10.0
    """Length of each of the procedural clips."""
    json: bool = False
    """Print JSON instead of a table."""


class Plain(keras.utils.PyDataset):
    """Batches made when they are wanted, or one batch again and again."""

    def __init__(self, batches: Batches, first: int, steps: int, cached: Any = None) -> None:
        super().__init__()
        self.batches, self.first, self.steps, self.cached = batches, first, steps, cached

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> Any:
        if self.cached is not None:
            return self.cached
        return self.batches.batch(0, (self.first + index) % len(self.batches))


class StepTimes(keras.callbacks.Callback):
    """Callback that records when each step ended, and the waiting time until then."""

    def __init__(self, data: Any) -> None:
        super().__init__()
        self.data = data
        self.ends: list[tuple[float, float]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.ends.append((time.perf_counter(), getattr(self.data, "waited", 0.0)))


def rounds(
    settings: Settings, *, only_ahead: bool = False
) -> Iterator[dict[str, tuple[float, float | None]]]:
    """Yield for each round the contenders' seconds a step, and share of waiting if known.

    Args:
        settings: settings of the measurement.
        only_ahead: measure only the first contender, batches made ahead as in a run.
    """
    with computing_in(settings.precision):
        model = AnatomyLifterConfig(
            filter_widths=settings.filter_widths,
            channels=settings.channels,
            sampled_frames=settings.sampled_frames,
        ).build()
    model.compile(
        optimizer=AMSGrad(1e-3), jit_compile=JIT[settings.jit], **compile_arguments(model)
    )
    store, _ = ProceduralData(people=4, validation_people=1, seconds=settings.seconds).load()
    batches = Batches.for_model(model, store, settings.batch_size)
    steps = min(settings.steps, len(batches))

    def fit(data: Any) -> tuple[float, float]:
        times = StepTimes(data)
        taken = data.for_fit() if isinstance(data, EpochBatches) else data
        model.fit(taken, verbose=0, shuffle=False, callbacks=[times])
        # The first step fills the pipeline.
        (began, waited_before), (ended, waited) = times.ends[0], times.ends[-1]
        passed = ended - began
        return passed / (len(times.ends) - 1), (waited - waited_before) / passed

    cached = batches.batch(0, 0)
    fit(Plain(batches, 0, 2, cached))  # Makes the graph.
    for turn in range(settings.rounds):
        first = turn * steps % (len(batches) - steps + 1)
        with EpochBatches(batches, 0, first, first + steps, settings.threads) as ahead:
            made_ahead = fit(ahead)
        if only_ahead:
            yield {AHEAD: made_ahead}
            continue
        plain, _ = fit(Plain(batches, first, steps))
        without, _ = fit(Plain(batches, 0, steps, cached))
        yield {
            AHEAD: made_ahead,
            "Keras's own": (plain, None),
            "one, repeated": (without, None),
        }


def main(settings: Settings) -> None:
    """Measure and print."""
    measured = list(rounds(settings))
    *_, without = measured[0]
    base = statistics.median(turn[without][0] for turn in measured)
    results = []
    for name in measured[0]:
        times = [turn[name][0] for turn in measured]
        shares = [share for turn in measured if (share := turn[name][1]) is not None]
        results.append(
            {
                "batches": name,
                "step_ms_median": round(1000 * statistics.median(times), 2),
                "step_ms_lowest": round(1000 * min(times), 2),
                "step_ms_highest": round(1000 * max(times), 2),
                "times_without_pipeline": round(statistics.median(times) / base, 3),
                "windows_per_second": round(settings.batch_size / statistics.median(times)),
                "waiting_share": round(statistics.median(shares), 3) if shares else None,
            }
        )
    if settings.json:
        print(json.dumps({"settings": dataclasses.asdict(settings), "results": results}, indent=2))
        return
    table = Table(
        title=f"A training step: {settings.channels} channels, batch {settings.batch_size}, "
        f"{settings.precision}, jit {settings.jit}; {settings.rounds} rounds of {settings.steps} "
        f"steps, {settings.threads} threads, {keras.backend.backend()}, {os.cpu_count()} cores",
        caption="times: the median against the step without a pipeline",
    )
    for column in ("batches", "ms", "lowest", "highest", "times", "windows/s", "waiting"):
        table.add_column(column, justify="left" if column == "batches" else "right")
    for result in results:
        table.add_row(*("" if value is None else f"{value}" for value in result.values()))
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
