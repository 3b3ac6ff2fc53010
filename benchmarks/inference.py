"""Measure this machine's speed with a network: a clip's forms, a stream, training.

Forms of a clip, all of them giving the same numbers (checked before anything is timed):

- frame by frame: the first sub-network once for the clip, then the second one frame after frame
  through the model's own layers, as one would write it down first;
- windows: every frame's whole window through the training form's direction network;
- shared: ``Lifter``'s form (``anatomy_tf.network.directions``), in NumPy, on JAX in its arrays;
- streaming: a causal network of the same shape, which gets one frame at a time and also estimates
  bone lengths;
- VideoPose: the baseline of equal width, shared form.

The ceiling is a float32 matrix product of NumPy (on JAX: of JAX), measured in turn with the forms,
so that other work on the machine meets both. The fraction of it counts the shared form's
multiply-adds, the fewest, whatever a form itself does; VideoPose counts its own.

Training, the pipeline and memory are measured as by ``training_step.py``, ``data_pipeline.py`` and
``clip_cost.py``, which say more about each; memory is that of their compact network.

    python benchmarks/inference.py [--frames 500] [--channels 1024] [--rounds 5] [--json]
    python benchmarks/inference.py --rows shared streaming
    KERAS_BACKEND=jax python benchmarks/inference.py --batch-size 1024
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import statistics
import time
from collections.abc import Callable
from typing import Any, Literal, get_args

import clip_cost
import data_pipeline
import keras
import numpy as np
import precision
import training_step
import tyro
from clip_forms import (
    WholeClip,
    baseline_multiply_adds,
    by_stream,
    by_windows,
    frame_by_frame,
    multiply_adds,
)
from keras import ops
from rich.console import Console
from rich.table import Table
from streaming import PushedStream

from anatomy_tf.models import AnatomyLifter, VideoPose

FORMS = {
    "frame_by_frame": "frame by frame",
    "windows": "windows",
    "shared": "shared",
    "streaming": "streaming, causal",
    "video_pose": "VideoPose",
}
Row = Literal[
    "frame_by_frame",
    "windows",
    "shared",
    "streaming",
    "video_pose",
    "training",
    "data_pipeline",
    "memory",
    "precision",
]
ROWS: tuple[Row, ...] = get_args(Row)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    rows: tuple[Row, ...] = ROWS
    """Rows to measure; the ceiling is always measured."""
    frames: int = 500
    """Frames of the clip."""
    slow_frames: int = 60
    """Frames that the two slow forms are timed on, and that all forms are compared on."""
    stream_frames: int = 100
    """Frames that are streamed in each round."""
    channels: int = 1024
    """Channels of the network."""
    filter_widths: tuple[int, ...] = (3, 3, 3, 3, 3)
    """Widths of the network; their product is the receptive field."""
    rounds: int = 5
    """Times that each form is measured."""
    batch_size: int = 64
    """Windows of a training batch."""
    training_steps: int = 4
    """Training steps of each round, of which the first does not count."""
    training_seconds: float = 10.0
    """Length of each of the clips to train on."""
    pipeline_frames: int = 200_000
    """Frames that the data pipeline takes windows from, in batches of 1024."""
    memory_frames: int = 360_000
    """Frames of the clip whose peak memory is measured: two hours at 50 fps."""
    json: bool = False
    """Print one JSON object instead of a table."""

    @property
    def shape(self) -> dict[str, Any]:
        """Arguments of the network."""
        return {"filter_widths": self.filter_widths, "channels": self.channels}

    @property
    def training(self) -> training_step.Settings:
        """Settings of the training that is measured."""
        return training_step.Settings(
            **self.shape,
            batch_size=self.batch_size,
            steps=self.training_steps,
            rounds=self.rounds,
            seconds=self.training_seconds,
        )


@dataclasses.dataclass(frozen=True)
class Measured:
    """A row of the table."""

    name: str
    values: list[float]
    unit: str
    fraction: float | None = None

    @property
    def cells(self) -> list[str]:
        """The row as it is printed."""
        values = spread(self.values).values() if len(self.values) > 1 else self.values
        shown = [f"{v:,.{0 if v >= 100 else 1 if v >= 10 else 2}f}" for v in values]
        shown += [""] * (3 - len(shown))
        return [
            self.name,
            *shown,
            self.unit,
            "" if self.fraction is None else f"{self.fraction:.1%}",
        ]


def spread(values: list[float]) -> dict[str, float]:
    """Return median, lowest and highest of several rounds."""
    found = {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}
    return {name: round(value, 3) for name, value in found.items()}


def matrix_product(rows: int = 3456, channels: int = 1024) -> Callable[[], float]:
    """Return a function that measures GFLOP/s of a float32 product in the shared form's arrays."""
    rng = np.random.default_rng(0)
    left = rng.normal(size=(rows, channels)).astype(np.float32)
    right = rng.normal(size=(channels, channels)).astype(np.float32)
    matmul: Callable[[Any, Any], Any] = np.matmul
    if keras.backend.backend() == "jax":
        left, right = ops.convert_to_tensor(left), ops.convert_to_tensor(right)
        matmul = ops.matmul
    times = 8

    def measure() -> float:
        began = time.perf_counter()
        for _ in range(times):
            product = matmul(left, right)
        ops.convert_to_numpy(product)
        return times * 2 * rows * channels**2 / (time.perf_counter() - began) / 1e9

    measure()
    return measure


class Forms:
    """The forms of a clip, compared and ready to be timed."""

    def __init__(self, settings: Settings) -> None:
        rng = np.random.default_rng(0)
        self.keypoints = rng.normal(0, 0.5, (settings.frames, 17, 2)).astype(np.float32)
        self.visibility = rng.uniform(0, 1, (settings.frames, 17)).astype(np.float32)
        self.few = tuple(a[: settings.slow_frames] for a in (self.keypoints, self.visibility))
        self.model = AnatomyLifter(**settings.shape)
        self._widths, self._rows = settings.filter_widths, settings.rows
        self._shared = WholeClip(self.model)
        self.stream_times: list[np.ndarray] = []
        if "streaming" in settings.rows:
            self._stream, self._stream_frames = PushedStream(settings.shape), settings.stream_frames
            self._stream.push(20)
        if "video_pose" in settings.rows:
            self._baseline = VideoPose(**settings.shape)
            self._baseline_clip = WholeClip(self._baseline)

    def differences(self) -> dict[str, float]:
        """Return each form's largest difference from an equivalent form; 1e-6 is rounding."""
        pairs: dict[str, Callable[[], tuple[Any, Any]]] = {
            "frame_by_frame": lambda: (frame_by_frame(self.model, *self.few), self._windows()),
            "shared": lambda: (self._shared(*self.few), self._windows()),
            "streaming": lambda: (
                by_stream(self._stream.model, *self.few),
                WholeClip(self._stream.model)(*self.few),
            ),
            "video_pose": lambda: (
                self._baseline_clip(*self.few),
                by_windows(
                    self._baseline,
                    "positions",
                    self._baseline.receptive_field,
                    {"keypoints": self.few[0]},
                ),
            ),
        }
        found = {}
        for name, both in pairs.items():
            if name in self._rows:
                one, other = both()
                found[name] = float(np.abs(one - other).max())
        return found

    def run(self, name: str) -> int:
        """Evaluate a form once and return the number of frames."""
        if name == "streaming":
            times, _ = self._stream.push(self._stream_frames)
            self.stream_times.append(times)
            return self._stream_frames
        clip = (
            self.few if name in ("frame_by_frame", "windows") else (self.keypoints, self.visibility)
        )
        evaluate: dict[str, Callable[[], Any]] = {
            "frame_by_frame": lambda: frame_by_frame(self.model, *clip),
            "windows": self._windows,
            "shared": lambda: self._shared(*clip),
            "video_pose": lambda: self._baseline_clip(*clip),
        }
        evaluate[name]()
        return len(clip[0])

    def gflop(self, name: str) -> float:
        """Return the least GFLOP that a frame needs."""
        count = baseline_multiply_adds if name == "video_pose" else multiply_adds
        return 2 * count(self._widths) * self.model.config.channels**2 / 1e9

    def _windows(self) -> np.ndarray:
        return by_windows(
            self.model.get_layer("bone_direction_network"),
            "bone_directions_2",
            self.model.receptive_field,
            dict(zip(("keypoints", "visibility"), self.few, strict=True)),
        )


def measure_forms(settings: Settings) -> tuple[dict[str, Any], list[Measured]]:
    """Measure the ceiling and the chosen forms in turn."""
    forms = Forms(settings)
    differences = forms.differences()
    assert max(differences.values(), default=0) < 1e-4, differences
    ceiling = matrix_product(channels=settings.channels)
    chosen = [name for name in FORMS if name in settings.rows]
    ceilings: list[float] = []
    rates: dict[str, list[float]] = {name: [] for name in chosen}
    fractions: dict[str, list[float]] = {name: [] for name in chosen}
    for turn in range(settings.rounds + 1):
        if turn == 1:  # The first round fills caches.
            for values in (ceilings, forms.stream_times, *rates.values(), *fractions.values()):
                values.clear()
        ceilings.append(ceiling())
        for name in chosen:
            began = time.perf_counter()
            frames = forms.run(name)
            rates[name].append(frames / (time.perf_counter() - began))
            ceilings.append(ceiling())
            around = (ceilings[-2] + ceilings[-1]) / 2
            fractions[name].append(rates[name][-1] * forms.gflop(name) / around)
    shares = {name: statistics.median(values) for name, values in fractions.items()}
    result: dict[str, Any] = {
        "ceiling_gflops": spread(ceilings),
        "gflop_per_frame": {name: forms.gflop(name) for name in chosen},
        "frames_per_second": {n: round(statistics.median(v), 1) for n, v in rates.items()},
        "lowest_and_highest": {n: [round(min(v), 1), round(max(v), 1)] for n, v in rates.items()},
        "fraction_of_ceiling": {name: round(share, 4) for name, share in shares.items()},
        "largest_difference": differences,
    }
    rows = [Measured("matrix product, float32", ceilings, "GFLOP/s", 1.0)]
    rows += [Measured(FORMS[name], rates[name], "frames/s", shares[name]) for name in chosen]
    if forms.stream_times:
        result["stream_ms"] = {}
        for percentile in (50, 95, 99):
            value = float(np.percentile(np.concatenate(forms.stream_times), percentile))
            result["stream_ms"][f"p{percentile}"] = round(value, 3)
            rows.append(Measured(f"a streamed frame, p{percentile}", [value], "ms"))
    return result, rows


def measure_training(settings: Settings) -> tuple[dict[str, Any], list[Measured]]:
    """Measure training steps and samples a second."""
    turns = training_step.rounds(settings.training, only_ahead=True)
    steps = [1 / turn[training_step.AHEAD][0] for turn in turns]
    samples = [settings.batch_size * rate for rate in steps]
    return {"steps_per_second": spread(steps), "samples_per_second": spread(samples)}, [
        Measured("training", steps, "steps/s"),
        Measured(f"training, batch {settings.batch_size}", samples, "samples/s"),
    ]


def measure_pipeline(settings: Settings) -> tuple[dict[str, Any], list[Measured]]:
    """Measure augmented windows a second."""
    chosen = data_pipeline.Settings(
        frames=settings.pipeline_frames,
        receptive_field=math.prod(settings.filter_widths),
        rounds=settings.rounds,
    )
    name = f"Batches, {chosen.threads} threads"
    rates = [rate for rate, _ in data_pipeline.rates(chosen, (name, True))[name, True]]
    return {"windows_per_second": spread(rates)}, [Measured("data pipeline", rates, "windows/s")]


def measure_memory(settings: Settings) -> tuple[dict[str, Any], list[Measured]]:
    """Measure the peak memory of a long clip, in a process of its own."""
    chosen = clip_cost.Settings(frames=settings.memory_frames)
    found = clip_cost.memory_of_child(chosen)
    name = f"peak memory, {chosen.frames:,} frames, {chosen.channels} channels"
    return {"frames": chosen.frames, **found}, [Measured(name, [found["peak_mb"]], "MB")]


def measure_precision(settings: Settings) -> tuple[dict[str, Any] | str, list[Measured]]:
    """Measure each precision on a GPU, or return why it cannot be measured."""
    obstacle = precision.obstacle()
    if obstacle is not None:
        said = f"not run here: {obstacle}"
        return said, [Measured(f"float32, TF32, bfloat16: {said}", [], "")]
    forms = Forms(dataclasses.replace(settings, rows=()))
    found = precision.measure(
        forms.model, forms.keypoints, forms.visibility, settings.training, settings.rounds
    )
    rows = []
    for name, values in found.items():
        hours = values["hours_of_the_papers_training"]
        rows += [
            Measured(f"{name}: shared", values["frames_per_second"], "frames/s"),
            Measured(f"{name}: training", [values["training_samples_per_second"]], "samples/s"),
            Measured(f"{name}: the paper's 60 epochs (published: 80 h)", [hours], "h"),
        ]
    return found, rows


OTHERS: dict[Row, Callable[[Settings], tuple[Any, list[Measured]]]] = {
    "training": measure_training,
    "data_pipeline": measure_pipeline,
    "memory": measure_memory,
    "precision": measure_precision,
}


def main(settings: Settings) -> None:
    """Check, measure and print."""
    keras.utils.set_random_seed(0)
    load = os.getloadavg()[0]
    with precision.products_in("float32"):
        result, rows = measure_forms(settings)
        for name, measure in OTHERS.items():
            if name in settings.rows:
                result[name], more = measure(settings)
                rows += more
    result |= {
        "settings": dataclasses.asdict(settings),
        "backend": keras.backend.backend(),
        "cores": os.cpu_count(),
        "load": [round(load, 2), round(os.getloadavg()[0], 2)],
    }
    if settings.json:
        print(json.dumps(result, indent=2))
        return
    largest = max(result["largest_difference"].values(), default=0)
    table = Table(
        title=f"{math.prod(settings.filter_widths)} frames, {settings.channels} channels, clip of "
        f"{settings.frames}, {settings.rounds} rounds, {os.cpu_count()} cores, "
        f"{keras.backend.backend()}, load {result['load'][0]} {result['load'][1]}",
        caption=f"of ceiling: arithmetic of the shared form; largest difference {largest:.1e}",
    )
    for column in ("", "median", "lowest", "highest", "", "of ceiling"):
        table.add_column(column, justify="right" if column else "left")
    for row in rows:
        table.add_row(*row.cells)
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
