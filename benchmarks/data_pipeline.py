"""Measure windows a second of the training pipeline, against a plain generator in the same run.

Both give windows of 243 frames with visibility, 50 sampled frames and mirror images, from random
numbers in the shape of a data set; "augmented" adds the frames with new bone lengths. The generator
builds one window at a time, as one would write it down first. A batch of chunks has as many target
frames as one of windows, and frames are sampled once a chunk. Contenders take turns in every round,
so that other work on the machine meets them all.

    python benchmarks/data_pipeline.py [--rounds 7] [--json]
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from anatomy_tf.anatomy import (
    bone_lengths,
    flip_points,
    flip_visibility,
    lengthen_bones,
    random_bone_changes,
)
from anatomy_tf.cameras import flip_intrinsics, project
from anatomy_tf.data import Batches, SequenceStore
from anatomy_tf.data.batches.augmentation import random_trajectory
from anatomy_tf.skeletons import HUMAN36M_17

INTRINSICS = (2.29, 2.29, 0.025, 0.029, -0.2, 0.24, -0.002, -0.0009, -0.0014)
INPUTS = ("keypoints", "visibility", "sampled_keypoints")
OUTPUTS = ("positions", "bone_lengths", "sampled_positions")
AUGMENTED = ("augmented_keypoints",), ("augmented_positions", "augmented_bone_lengths")


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    frames: int = 200_000
    """Frames of the synthetic store."""
    sequence_length: int = 2_000
    """Frames of each of its sequences."""
    receptive_field: int = 243
    """Frames of a window."""
    sampled_frames: int = 50
    """Frames for the bone lengths."""
    batch_size: int = 1024
    """Windows of a batch, or target frames of a batch of chunks."""
    chunk_frames: int = 32
    """Target frames of a chunk."""
    batches: int = 8
    """Batches of each contender in each round (the generator: one half batch)."""
    threads: int = 2
    """Batches made at the same time by the second contender."""
    rounds: int = 7
    """Rounds; medians and spread are over these."""
    json: bool = False
    """Print JSON instead of a table."""


def synthetic_store(settings: Settings) -> SequenceStore:
    """Return random numbers in the shape of a data set."""
    rng = np.random.default_rng(0)
    count = settings.frames // settings.sequence_length
    frames, joints = count * settings.sequence_length, HUMAN36M_17.joint_count
    positions = rng.standard_normal((frames, joints, 3), dtype=np.float32)
    positions[:, HUMAN36M_17.root] = 0
    return SequenceStore(
        skeleton=HUMAN36M_17,
        fps=50.0,
        keypoints=rng.random((frames, joints, 2), np.float32),
        visibility=rng.random((frames, joints), np.float32),
        positions=positions,
        root=np.zeros((frames, 3), np.float32),
        offsets=np.arange(count + 1) * settings.sequence_length,
        intrinsics=np.tile(np.float32(INTRINSICS), (count, 1)),
        **dict.fromkeys(("subjects", "actions", "clips", "cameras"), ("",) * count),
    )


def plain_generator(
    store: SequenceStore, settings: Settings, augmented: bool
) -> Iterator[tuple[dict[str, np.ndarray], dict[str, np.ndarray]]]:
    """Yield one window at a time, without end."""
    rng = np.random.default_rng(0)
    skeleton, half = store.skeleton, (settings.receptive_field - 1) // 2
    while True:
        sequence = int(rng.integers(len(store)))
        start, stop = store.offsets[sequence], store.offsets[sequence + 1]
        target = int(rng.integers(start, stop))
        first, last = max(target - half, start), min(target + half + 1, stop)
        padding = (half - (target - first), half + 1 - (last - target))
        keypoints = np.pad(store.keypoints[first:last], (padding, (0, 0), (0, 0)), mode="edge")
        visibility = np.pad(store.visibility[first:last], (padding, (0, 0)), mode="edge")
        chosen = start + rng.choice(stop - start, settings.sampled_frames, replace=False)
        sampled, positions = store.keypoints[chosen], store.positions[chosen]
        pose, intrinsics = store.positions[target], store.intrinsics[sequence]
        if rng.random() < 0.5:
            keypoints, sampled, positions, pose = (
                flip_points(points, skeleton) for points in (keypoints, sampled, positions, pose)
            )
            visibility = flip_visibility(visibility, skeleton)
            intrinsics = flip_intrinsics(intrinsics)
        inputs = {
            "keypoints": keypoints,
            "visibility": visibility,
            "sampled_keypoints": sampled,
        }
        targets = {
            "positions": pose,
            "bone_lengths": bone_lengths(pose, skeleton),
            "sampled_positions": positions[0],
        }
        if augmented:
            change, lengths = random_bone_changes(
                positions[None], rng.random((1, skeleton.bone_count)), skeleton
            )
            longer = lengthen_bones(positions, change, skeleton)
            trajectory = random_trajectory(rng, (settings.sampled_frames,))
            inputs["augmented_keypoints"] = project(longer + trajectory[:, None], intrinsics)
            targets["augmented_positions"] = longer[0]
            targets["augmented_bone_lengths"] = lengths[0]
        yield inputs, targets


def generator_batch(windows: Iterator, count: int) -> tuple[dict, dict]:
    """Return ``count`` windows of the generator, stacked."""
    taken = list(itertools.islice(windows, count))
    return tuple(
        {name: np.stack([window[part][name] for window in taken]) for name in taken[0][part]}
        for part in (0, 1)
    )  # type: ignore[return-value]


def contenders(settings: Settings) -> dict[tuple[str, bool], Callable[[int], int]]:
    """Return by name and augmentation a function of the round that makes and counts windows."""
    store = synthetic_store(settings)
    pool = ThreadPoolExecutor(settings.threads)
    chunks = settings.batch_size // settings.chunk_frames
    forms: dict[str, dict[str, int]] = {
        "Batches": {"batch_size": settings.batch_size},
        f"chunks of {settings.chunk_frames}": {
            "batch_size": chunks,
            "chunk_frames": settings.chunk_frames,
        },
    }
    runs: dict[tuple[str, bool], Callable[[int], int]] = {}
    for augmented in (True, False):
        for form, options in forms.items():
            data = Batches(
                store,
                receptive_field=settings.receptive_field,
                sampled_frames=settings.sampled_frames,
                inputs=INPUTS + (AUGMENTED[0] if augmented else ()),
                outputs=OUTPUTS + (AUGMENTED[1] if augmented else ()),
                **options,
            )

            def one_thread(turn: int, data: Batches = data) -> int:
                return sum(target_frames(data, i) for i in _indices(turn, data, settings))

            def threads(turn: int, data: Batches = data) -> int:
                indices = _indices(turn, data, settings)
                return sum(pool.map(lambda i: target_frames(data, i), indices))

            runs[f"{form}, 1 thread", augmented] = one_thread
            runs[f"{form}, {settings.threads} threads", augmented] = threads
        windows = plain_generator(store, settings, augmented)

        def generator(turn: int, windows: Iterator = windows) -> int:
            return len(generator_batch(windows, settings.batch_size // 2)[0]["keypoints"])

        runs["plain generator", augmented] = generator
    return runs


def target_frames(data: Batches, index: int) -> int:
    """Make a batch and return the number of target frames that a model would be trained on."""
    inputs, _, *weights = data[index]
    return int(weights[0]["positions"].sum()) if weights else len(inputs["keypoints"])


def _indices(turn: int, data: Batches, settings: Settings) -> list[int]:
    first = turn * settings.batches
    return [i % len(data) for i in range(first, first + settings.batches)]


def rates(
    settings: Settings, only: tuple[str, bool] | None = None
) -> dict[tuple[str, bool], list[tuple[float, float]]]:
    """Return windows by second and by second of processor time of each round.

    Args:
        settings: settings of the measurement.
        only: the only contender to measure; all by default.
    """
    runs = {key: run for key, run in contenders(settings).items() if only in (None, key)}
    found: dict[tuple[str, bool], list[tuple[float, float]]] = {key: [] for key in runs}
    for turn in range(settings.rounds + 1):
        for key, run in runs.items():
            began, busy = time.perf_counter(), time.process_time()
            made = run(turn)
            rate = made / (time.perf_counter() - began)
            if turn > 0:  # The first round fills caches.
                found[key].append((rate, made / (time.process_time() - busy)))
    return found


def main(settings: Settings) -> None:
    """Measure and print."""
    measured = rates(settings)
    medians = {key: np.median(values, axis=0) for key, values in measured.items()}
    results = [
        {
            "pipeline": name,
            "augmented": augmented,
            "windows_per_second_median": round(medians[name, augmented][0]),
            "windows_per_second_lowest": round(min(values)[0]),
            "windows_per_second_highest": round(max(values)[0]),
            "windows_per_cpu_second_median": round(medians[name, augmented][1]),
            "times_the_generator": round(
                medians[name, augmented][0] / medians["plain generator", augmented][0], 1
            ),
        }
        for (name, augmented), values in measured.items()
    ]
    if settings.json:
        print(json.dumps({"settings": dataclasses.asdict(settings), "results": results}, indent=2))
        return
    table = Table(
        title=f"Windows a second: {settings.receptive_field} frames, {settings.sampled_frames} "
        f"sampled, mirror images, batch {settings.batch_size}; {settings.rounds} rounds, "
        f"{os.cpu_count()} cores",
        caption="a CPU s: windows a second of processor time, which other work on the machine "
        "changes less; times: the generator's median",
    )
    for column in ("pipeline", "augmented", "median", "lowest", "highest", "a CPU s", "times"):
        table.add_column(column, justify="left" if column == "pipeline" else "right")
    for result in results:
        name, augmented, *numbers, times = result.values()
        cells = [f"{number:,}" for number in numbers]
        table.add_row(str(name), "yes" if augmented else "no", *cells, f"{times}")
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
