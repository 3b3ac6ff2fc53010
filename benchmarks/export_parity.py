"""Compare exported files with their model: joints, file size and speed.

Each format lifts the same pieces of clips, each piece as a clip of its own, with flip averaging.
Joints are compared with those of ``Lifter``, of streams with those of ``Lifter.stream``, and all
with the truth. The clips are the test people of the model's experiment, on whom no model was
trained; ranges for int8 are measured on training people, and in one row on generated motion.
Without the motion capture archive all are generated. Speed is the median over pieces, formats in
turn, so that other work on the machine meets all; its load stands below.

    python benchmarks/export_parity.py [--model compact] [--pieces 0] [--stream MODEL] [--json]
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from anatomy_tf.cameras.field_of_view import default_focal_length
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.inspection import size
from anatomy_tf.export.litert import export_litert
from anatomy_tf.export.onnx_model import export_onnx
from anatomy_tf.export.saved_model import export_saved_model
from anatomy_tf.inference import Lifter, LiteRTLifter, LiteRTStream, find_model
from anatomy_tf.inference.clip_lifter import ClipLifter
from anatomy_tf.inference.data_set_estimates import as_seen
from anatomy_tf.inference.exported.onnx_lifter import onnx_module
from anatomy_tf.training import load_experiment
from anatomy_tf.training.data_sources import ProceduralData

Array = np.ndarray
Clip = tuple[Array, Array, Array]
"""Keypoints, visibility and true positions."""

Lift = Callable[[Array, Array], Array]
"""Function from keypoints and visibility to root-relative positions (T, J, 3)."""

STREAMED = (1000, 1000)
"""Width and height of the picture, in pixels, whose frames the streams are given."""

QUANTIZATIONS = {"none": "float32", "float16": "float16", "dynamic": "dynamic int8", "int8": "int8"}
EXPERIMENT = Path(__file__).resolve().parents[1] / "experiments/motion_capture/compact.py"


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    model: str = "compact"
    """A shipped model or the path of one."""
    experiment: Path = EXPERIMENT
    """Experiment whose test people are lifted."""
    frames: int = 243
    """Frames of a piece, and of the files with a fixed length."""
    pieces: int = 0
    """Number of pieces, evenly chosen; 0: all of the test people's clips."""
    threads: int = 2
    """Threads of LiteRT and ONNX Runtime."""
    stream: str | None = None
    """A causal model to export as a stream, too."""
    stream_pieces: int = 8
    """Pieces that the streams lift frame by frame."""
    json: bool = False
    """Print one JSON object instead of a table."""


def stores(experiment: Path) -> tuple[SequenceStore, SequenceStore, str]:
    """Return sequences to measure ranges on, sequences to test on, and their description."""
    try:
        data = load_experiment(experiment).data
        return data.load()[0], data.load_test(), "motion capture"
    except AnatomyError:
        return *ProceduralData(seconds=10).load(), "generated motion"


def pieces_of(lifter: ClipLifter, store: SequenceStore, frames: int, most: int) -> list[Clip]:
    """Return whole pieces of all sequences as a model sees them, or ``most`` evenly chosen ones."""
    starts = [
        (number, start)
        for number, length in enumerate(store.lengths)
        for start in range(0, length - frames + 1, frames)
    ]
    if most:
        starts = [starts[i] for i in np.linspace(0, len(starts) - 1, most).astype(int)]
    pieces = []
    for number, start in starts:
        positions = store.positions[store.slices[number]]
        sequence = (*as_seen(lifter, store, number), positions)
        pieces.append(tuple(array[start : start + frames] for array in sequence))
    return pieces


def relative(positions: Array) -> Array:
    """Return joints relative to the root, which is joint 0."""
    return positions - positions[:, :1]


def litert_lift(path: Path, threads: int) -> Lift:
    lifter = LiteRTLifter(path, threads=threads)
    return lambda *clip: lifter.estimate(*clip).positions


def saved_model_lift(folder: Path) -> Lift:
    import tensorflow as tf

    lift = tf.saved_model.load(str(folder)).signatures["lift_normalized"]

    def run(keypoints: Array, visibility: Array) -> Array:
        inputs = {"keypoints": keypoints[None], "visibility": visibility[None]}
        tensors = {name: tf.constant(values) for name, values in inputs.items()}
        return lift(**tensors, frames=tf.constant([len(keypoints)]))["positions"][0].numpy()

    return run


def onnx_lift(path: Path, threads: int) -> Lift:
    runtime = onnx_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(keypoints: Array, visibility: Array) -> Array:
        inputs = {"keypoints": keypoints[None], "visibility": visibility[None]}
        return session.run(["positions"], inputs)[0][0]

    return run


def in_pixels(keypoints: Array, canonical: bool) -> Array:
    """Return what the networks see in pixels of a picture of ``STREAMED``."""
    half = STREAMED[0] / 2
    return (default_focal_length(*STREAMED) if canonical else half) * keypoints + half


def stream_lift(path: Path, threads: int, canonical: bool) -> Lift:
    stream = LiteRTStream(path, image_size=STREAMED, threads=threads)

    def run(keypoints: Array, visibility: Array) -> Array:
        stream.reset()
        frames = zip(in_pixels(keypoints, canonical), visibility, strict=True)
        return np.stack([stream.push(*frame) for frame in frames])

    return run


def stream_form(lifter: Lifter, name: str) -> tuple[int, Lift]:
    """Return the bytes of a model, and the function that lifts frame by frame with it."""

    def run(keypoints: Array, visibility: Array) -> Array:
        stream = lifter.stream(image_size=STREAMED)
        pixels = in_pixels(keypoints, lifter.canonical)
        frames = zip(pixels[:, None], visibility[:, None], strict=True)
        return np.concatenate([stream.push(*frame) for frame in frames])

    return size(find_model(name)), run


def formats(
    lifter: Lifter, folder: Path, settings: Settings, train: SequenceStore
) -> dict[str, tuple[int, Lift]]:
    """Return the bytes and the function of each exported form."""
    model = lifter.weights
    real = [(k, v) for k, v, _ in pieces_of(lifter, train, settings.frames, 256)]
    found: dict[str, tuple[int, Lift]] = {}
    written = export_saved_model(model, folder / "saved_model")
    found["SavedModel"] = size(written), saved_model_lift(written)
    path = export_onnx(model, folder / "model.onnx")
    found["ONNX"] = size(path), onnx_lift(path, settings.threads)
    rows: dict[str, dict[str, Any]] = {
        **{
            f"LiteRT {shown}": {"quantize": quantize, "frames": settings.frames}
            for quantize, shown in QUANTIZATIONS.items()
        },
        "LiteRT float32, any length": {},
        "LiteRT int8, any length": {"quantize": "int8"},
    }
    for name, arguments in rows.items():
        path = folder / f"{len(found)}.tflite"
        export_litert(model, path, representative=real, **arguments)
        found[name] = size(path), litert_lift(path, settings.threads)
    path = folder / "generated.tflite"
    export_litert(model, path, quantize="int8", frames=settings.frames)
    found["LiteRT int8, ranges of generated motion"] = (
        size(path),
        litert_lift(path, settings.threads),
    )
    return found


def streams(
    lifter: Lifter, folder: Path, settings: Settings, train: SequenceStore
) -> dict[str, tuple[int, Lift]]:
    """Return the bytes and the function of each exported form of a stream's step."""
    model = lifter.weights
    real = [(k, v) for k, v, _ in pieces_of(lifter, train, settings.frames, 256)]
    found = {}
    for quantize, shown in QUANTIZATIONS.items():
        path = folder / f"stream_{quantize}.tflite"
        export_litert(model, path, quantize=quantize, stream=True, representative=real)
        found[f"LiteRT stream {shown}"] = (
            size(path),
            stream_lift(path, settings.threads, lifter.canonical),
        )
    return found


def compared(
    reference: tuple[int, Lift], forms: dict[str, tuple[int, Lift]], clips: list[Clip]
) -> list[dict[str, Any]]:
    """Return a row for the model itself and for each form."""
    rows = {"Lifter": reference, **forms}
    millimetres: dict[str, list[Array]] = {name: [] for name in rows}
    errors: dict[str, list[Array]] = {name: [] for name in rows}
    seconds: dict[str, list[float]] = {name: [] for name in rows}
    for _, lift in rows.values():
        lift(*clips[0][:2])  # traces, and fills caches
    for keypoints, visibility, truth in clips:
        expected: Array | None = None
        for name, (_, lift) in rows.items():
            began = time.perf_counter()
            found = lift(keypoints, visibility)
            seconds[name].append(time.perf_counter() - began)
            found = relative(found)
            expected = found if expected is None else expected
            millimetres[name].append(1000 * np.linalg.norm(found - expected, axis=-1))
            errors[name].append(1000 * np.linalg.norm(found - truth, axis=-1))
    exact = np.mean(errors["Lifter"])
    return [
        {
            "form": name,
            "megabytes": round(length / 1e6, 2),
            "largest_mm": float(np.max(millimetres[name])),
            "p99_mm": float(np.percentile(millimetres[name], 99)),
            "mean_mm": float(np.mean(millimetres[name])),
            "mpjpe_mm": float(np.mean(errors[name])),
            "mpjpe_change_mm": float(np.mean(errors[name]) - exact),
            "ms_a_frame": 1000 * float(np.median(seconds[name])) / len(clips[0][0]),
        }
        for name, (length, _) in rows.items()
    ]


def lifter_form(lifter: Lifter, name: str) -> tuple[int, Lift]:
    def run(*clip: Array) -> Array:
        return lifter.estimate(*clip, flip=True).positions

    return size(find_model(name)), run


def main(settings: Settings) -> None:
    """Export, measure and print."""
    train, test, source = stores(settings.experiment)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        lifter = Lifter.load(settings.model)
        clips = pieces_of(lifter, test, settings.frames, settings.pieces)
        forms = formats(lifter, Path(folder), settings, train)
        rows = compared(lifter_form(lifter, settings.model), forms, clips)
        if settings.stream is not None:
            causal = Lifter.load(settings.stream)
            few = pieces_of(causal, test, settings.frames, settings.stream_pieces)
            forms = streams(causal, Path(folder), settings, train)
            of_streams = compared(stream_form(causal, settings.stream), forms, few)
            of_streams[0]["form"] = "Lifter.stream"
            rows += of_streams
    result = {
        "settings": {k: str(v) for k, v in dataclasses.asdict(settings).items()},
        "data": source,
        "pieces": len(clips),
        "cores": os.cpu_count(),
        "load": [round(before, 2), round(os.getloadavg()[0], 2)],
        "rows": rows,
    }
    if settings.json:
        print(json.dumps(result, indent=1))
        return
    table = Table(
        title=f"{settings.model}: {len(clips)} pieces of {settings.frames} frames of {source}",
        caption=f"mm: distance of a joint from Lifter's; change: of MPJPE; {settings.threads} "
        f"threads on {os.cpu_count()} cores, load {before:.1f} before and "
        f"{os.getloadavg()[0]:.1f} after",
    )
    columns = ("form", "MB", "largest mm", "99 % mm", "mean mm", "MPJPE", "change", "ms a frame")
    for column in columns:
        table.add_column(column, justify="left" if column == "form" else "right")
    for row in rows:
        table.add_row(
            row["form"],
            f"{row['megabytes']:.2f}",
            *(f"{row[key]:.4f}" for key in ("largest_mm", "p99_mm", "mean_mm")),
            f"{row['mpjpe_mm']:.2f}",
            f"{row['mpjpe_change_mm']:+.3f}",
            f"{row['ms_a_frame']:.3f}",
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main(tyro.cli(Settings))
