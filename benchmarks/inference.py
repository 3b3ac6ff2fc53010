"""Frames a second of a whole clip, against a plain frame-by-frame evaluation in the same run.

Forms, all of them giving the same numbers (checked before anything is timed):

- frame by frame: the first sub-network once for the clip, then the second one frame after frame
  through the model's own layers, as one would write it down first;
- windows: every frame's whole window through the training form's direction network;
- shared: ``Lifter``'s form (``anatomy_tf.inference.whole_clip``);
- VideoPose: the baseline of equal width, shared form.

The ceiling is a float32 matrix product of the same backend, measured in turn with the forms, so
that other work on the machine meets both. The fraction of it counts the shared form's
multiply-adds.

    python benchmarks/inference.py [--frames 500] [--channels 1024] [--rounds 5] [--json]
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tyro
from keras import ops
from rich.console import Console
from rich.table import Table

from anatomy_tf.data.windows import EdgePaddedFrames
from anatomy_tf.inference.whole_clip import WholeClip
from anatomy_tf.models import AnatomyLifter, VideoPose


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is measured."""

    frames: int = 500
    """Frames of the clip."""
    slow_frames: int = 60
    """Frames that the two slow forms are timed on."""
    channels: int = 1024
    """Channels of the network."""
    filter_widths: tuple[int, ...] = (3, 3, 3, 3, 3)
    """Widths of the network; their product is the receptive field."""
    rounds: int = 5
    """How often each form is timed."""
    json: bool = False
    """Print one JSON object instead of a table."""


def multiply_adds(widths: tuple[int, ...]) -> int:
    """Of the shared form of two sub-networks, a frame, in C^2; the stem is left out."""
    levels = len(widths) - 1
    span, field = widths[0], math.prod(widths)
    total = 2 * widths[1] + 1 + sum(width + 1 for width in widths[2:])  # first sub-network
    total += sum(widths[1:]) + 1  # skip halves, and the constant own half
    for level in range(1, levels + 1):
        span *= widths[level]
        positions = field // span
        total += positions * (1 + (widths[level] if level > 1 else 0))
    return total


def frame_by_frame(
    model: AnatomyLifter, keypoints: np.ndarray, visibility: np.ndarray
) -> np.ndarray:
    """Bone directions of a clip, the second sub-network evaluated for one frame after the other."""
    layer = model.get_layer("bone_direction_network").get_layer
    widths, field = model.config.filter_widths, model.receptive_field
    half = field // 2
    frames = len(keypoints)
    around = np.clip(np.arange(-half, frames + half), 0, frames - 1)
    flat = keypoints.reshape(frames, -1)[around]

    def dilated(unit: Any, values: Any, dilation: int) -> Any:
        features = ops.conv(values[None], unit.kernel, dilation_rate=dilation, padding="valid")
        return ops.relu(unit.normalization(features, training=False))[0]

    attention = layer("visibility_attention").visibility
    own = dilated(layer("sub_network_1_stem"), ops.convert_to_tensor(flat), 1)
    scores = dilated(attention, ops.convert_to_tensor(visibility[around]), 1)
    block_input = ops.concatenate([own, own * scores], axis=-1)
    entered, span = [], widths[0]
    for i, width in enumerate(widths[1:], start=1):
        block = layer(f"sub_network_1_block_{i}")
        entered.append(own)
        features = dilated(block.pointwise, dilated(block.temporal, block_input, span), 1)
        own = block_input = own[(width // 2) * span :][: features.shape[0]] + features
        span *= width

    found = []
    for t in range(frames):
        stream = ops.repeat(own[t][None, None], field // widths[0], axis=1)
        span = widths[0]
        for i, width in enumerate(widths[1:], start=1):
            skip = entered[i - 1][t : t + field - span + 1 : span][None]
            joined = ops.concatenate([stream, skip], axis=-1)
            stream = layer(f"sub_network_2_block_{i}")(joined, training=False)
            span *= width
        found.append(layer("bone_directions_2")(stream[:, 0]))
    return ops.convert_to_numpy(ops.concatenate(found))


def by_windows(model: AnatomyLifter, keypoints: np.ndarray, visibility: np.ndarray) -> np.ndarray:
    """Bone directions of a clip, each frame's window for itself, 32 windows at a time."""
    network = model.get_layer("bone_direction_network")
    frames = np.arange(len(keypoints))
    sources = {
        name: EdgePaddedFrames(values, np.array([0, len(frames)]), model.receptive_field)
        for name, values in (("keypoints", keypoints), ("visibility", visibility))
    }
    found = []
    for start in range(0, len(frames), 32):
        chosen = frames[start : start + 32]
        inputs = {n: s.windows(np.zeros_like(chosen), chosen) for n, s in sources.items()}
        found.append(ops.convert_to_numpy(network(inputs, training=False)["bone_directions_2"]))
    return np.concatenate(found)


def matrix_product(rows: int = 3456, channels: int = 1024) -> Callable[[], float]:
    """A function that measures GFLOP/s of a float32 product of the backend."""
    rng = np.random.default_rng(0)
    left = ops.convert_to_tensor(rng.normal(size=(rows, channels)).astype(np.float32))
    right = ops.convert_to_tensor(rng.normal(size=(channels, channels)).astype(np.float32))
    times = 8

    def measure() -> float:
        began = time.perf_counter()
        for _ in range(times):
            product = ops.matmul(left, right)
        ops.convert_to_numpy(product)
        return times * 2 * rows * channels**2 / (time.perf_counter() - began) / 1e9

    measure()
    return measure


def main(settings: Settings) -> None:
    """Checks, measures and prints."""
    keras.utils.set_random_seed(0)
    shape: dict[str, Any] = {
        "filter_widths": settings.filter_widths,
        "channels": settings.channels,
    }
    model, baseline = AnatomyLifter(**shape), VideoPose(**shape)
    rng = np.random.default_rng(0)
    keypoints = rng.normal(0, 0.5, (settings.frames, 17, 2)).astype(np.float32)
    visibility = rng.uniform(0, 1, (settings.frames, 17)).astype(np.float32)
    few = keypoints[: settings.slow_frames], visibility[: settings.slow_frames]
    shared, baseline_clip = WholeClip(model), WholeClip(baseline)

    expected = frame_by_frame(model, *few)
    differences = {
        "shared": float(np.abs(shared(*few) - expected).max()),
        "windows": float(np.abs(by_windows(model, *few) - expected).max()),
    }
    assert max(differences.values()) < 1e-4, differences

    forms: dict[str, tuple[int, Callable[[], Any]]] = {
        "frame by frame": (len(few[0]), lambda: frame_by_frame(model, *few)),
        "windows": (len(few[0]), lambda: by_windows(model, *few)),
        "shared": (settings.frames, lambda: shared(keypoints, visibility)),
        "VideoPose": (settings.frames, lambda: baseline_clip(keypoints, visibility)),
    }
    ceiling = matrix_product(channels=settings.channels)
    work = 2 * multiply_adds(settings.filter_widths) * settings.channels**2 / 1e9
    rates: dict[str, list[float]] = {name: [] for name in forms}
    ceilings: list[float] = []
    fractions: list[float] = []
    for turn in range(settings.rounds + 1):
        for name, (frames, run) in forms.items():
            before = ceiling()
            began = time.perf_counter()
            run()
            rate = frames / (time.perf_counter() - began)
            if turn > 0:  # The first round fills caches.
                rates[name].append(rate)
                ceilings.append(before)
                if name == "shared":
                    fractions.append(rate * work / ((before + ceiling()) / 2))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    result = {
        "settings": dataclasses.asdict(settings),
        "backend": keras.backend.backend(),
        "cores": os.cpu_count(),
        "gflop_per_frame": round(work, 4),
        "ceiling_gflops": round(statistics.median(ceilings), 1),
        "frames_per_second": {name: round(value, 1) for name, value in medians.items()},
        "lowest_and_highest": {
            name: [round(min(values), 1), round(max(values), 1)] for name, values in rates.items()
        },
        "fraction_of_ceiling": round(statistics.median(fractions), 3),
        "largest_difference": differences,
    }
    if settings.json:
        print(json.dumps(result, indent=2))
        return
    table = Table(
        title=f"Frames a second, {math.prod(settings.filter_widths)} frames, "
        f"{settings.channels} channels, {settings.rounds} rounds, {os.cpu_count()} cores, "
        f"{keras.backend.backend()}",
        caption=f"shared: {result['fraction_of_ceiling']:.0%} of a matrix product's "
        f"{result['ceiling_gflops']} GFLOP/s at {work:.3f} GFLOP a frame; largest difference "
        f"from frame by frame {max(differences.values()):.1e}",
    )
    for column in ("form", "median", "lowest", "highest", "times frame by frame"):
        table.add_column(column, justify="left" if column == "form" else "right")
    for name, values in rates.items():
        table.add_row(
            name,
            *(f"{v:,.0f}" for v in (medians[name], min(values), max(values))),
            f"{medians[name] / medians['frame by frame']:.1f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
