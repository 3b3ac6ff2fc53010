"""Measure models' errors on other people, other exercises and real detections.

Each clip is lifted as a user does it: ``Lifter.load(model).lift(KeypointSequence)``, from pixels,
with flip averaging and fit. With ``--stream`` a causal model is given frame by frame, and each
pose is the newest one at its frame. docs/evaluation.md defines each measure.
Prints Markdown:

- UI-PRMD (never trained on by shipped models, unless a card says so): 60 clips, six of each of the
  ten people, each exercise six times, done rightly and wrongly in turn, the first 12 seconds; two
  virtual cameras a clip with simulated detections. People 6 to 10 alone, and 1 to 5 alone, too.
- The same people from cameras 4 m away that look down by some angle or are rolled, one clip each.
- AIST break dance: real detections by eight real cameras, 12 limb joints, one scale a clip.
- With ``--cmu`` the test people of CMU motion capture: the views of the models' cards, from pixels.

    python benchmarks/real_recordings.py [compact standard run/best.keras ...] [--json FILE]

``RANGES`` and ``NOISE`` do not follow training's, so that figures of today and of later compare.
Models are compared on the same views; the drawn cameras move all figures: with
seeds 0 to 4 UI-PRMD's P1 of the first ``compact`` is 94.2, 98.9, 95.6, 95.2 and 104.4.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from markdown_table import markdown_table
from rich.console import Console
from rich.progress import track

from anatomy_tf.cameras import Camera
from anatomy_tf.cli.evaluate import distinct_names
from anatomy_tf.data import (
    CameraRanges,
    DetectionNoise,
    MotionClip,
    load_motion_capture,
    split_by_subject,
)
from anatomy_tf.data.datasets.detection_archive import load_detection_archive
from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.data.views.rendering import view_generators
from anatomy_tf.data.views.virtual_detections import detect, virtual_detections
from anatomy_tf.evaluation.detected_clips import (
    DETECTION_MEASURES,
    DetectionReport,
    evaluate_detections,
)
from anatomy_tf.inference import Lifter, shipped_models
from anatomy_tf.sequences import KeypointSequence, PoseSequence

SHARED = Path(__file__).resolve().parents[2] / "shared"
UIPRMD = "uiprmd_17_f16.npz"
AIST = "aist_breakdance_real_detections.npz"
CMU = "cmu_mocap_17.npz"
CMU_TEST = ("cmu_02", "cmu_09", "cmu_35", "cmu_49", "cmu_86")

RANGES = CameraRanges(
    human36m_share=0.5,
    focal_length=(0.7, 3.0),
    sizes=((1920, 1080), (1080, 1920), (1280, 720), (1000, 1000), (640, 480)),
    radial=(0.1, 0.1),
    tangential=0.002,
    principal_point=0.02,
    distance=(1.0, 8.0),
    height=(0.5, 2.5),
    aim=0.25,
    roll=4.0,
    nearest_joint=1.0,
    in_picture=0.97,
)
NOISE = DetectionNoise(
    correlated=0.005,
    correlation_time=0.25,
    white=0.002,
    occlusion_growth=2.5,
    opaque_depth=0.06,
    misses_visible=0.02,
    misses_hidden=0.5,
    miss_duration=0.12,
    miss_distance=0.08,
    swaps_visible=0.005,
    swaps_hidden=0.15,
    swap_duration=0.15,
    inside_picture=True,
    score_visible=2.5,
    score_occlusion=2.5,
    score_error=2.0,
    score_outside=3.0,
    score_noise=0.5,
    score_ceiling=(0.6, 1.0),
)

SEED = 1
"""Seed of the cameras; its P1 is within 1.2 mm of the mean of seeds 0 to 4."""

EXERCISES, CLIPS_A_PERSON, SECONDS = 10, 6, 12
DISTANCE, FOCAL_LENGTH, SIZE = 4.0, 1400.0, (1920, 1080)
ATTITUDES = ((-20, 0), (0, 0), (30, 0), (60, 0), (0, 30))
"""(pitch, roll) in degrees of the cameras around people, pitch looks down."""

GOALS = {
    ("cmu", "mpjpe"): 46,
    ("cmu", "p_mpjpe"): 33,
    ("cmu", "mpjve"): 4.0,
    ("uiprmd", "mpjpe"): 70,
    ("uiprmd", "p_mpjpe"): 48,
    ("uiprmd_6_10", "mpjpe"): 70,
    ("uiprmd_6_10", "p_mpjpe"): 48,
    ("aist", "clip_n_mpjpe"): 75,
    ("aist", "p_mpjpe"): 58,
}
"""Goals of the models by (data, measure)."""

TITLES = {
    "uiprmd": "UI-PRMD, all ten people",
    "uiprmd_6_10": "UI-PRMD, people 6 to 10",
    "uiprmd_1_5": "UI-PRMD, people 1 to 5",
    "aist": "AIST break dance, real detections, 8 cameras",
    "cmu": "CMU test people, simulated (card)",
}


def real_recordings(
    models: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="MODEL")] = (),
    *,
    json_file: Annotated[Path | None, tyro.conf.arg(name="json", metavar="FILE")] = None,
    cmu: bool = False,
    flip: bool = True,
    fit: bool = True,
    stream: tyro.conf.FlagCreatePairsOff[bool] = False,
    shared: Path = SHARED,
) -> None:
    """Print the tables.

    Args:
        models: names of shipped models and paths of model files; all shipped ones by default.
        json_file: also write all reports in full there.
        cmu: also the CMU test people: slow.
        flip: average with the mirror image's poses.
        fit: fit poses to their keypoints, of models that can.
        stream: give frame by frame instead of whole clips; of causal models.
        shared: folder with evaluation/ and data/.
    """
    console = Console(stderr=True)
    names = models or tuple(shipped_models())
    sources: dict[str, Callable[[], list[DetectedClip]]] = {
        "uiprmd": lambda: virtual_detections(
            uiprmd_clips(shared / "evaluation" / UIPRMD), seed=SEED, ranges=RANGES, noise=NOISE
        ),
        "attitudes": lambda: at_attitudes(uiprmd_clips(shared / "evaluation" / UIPRMD)),
        "aist": lambda: load_detection_archive(shared / "evaluation" / AIST),
    }
    needed = [shared / "evaluation" / UIPRMD, shared / "evaluation" / AIST]
    if cmu:
        sources["cmu"] = lambda: virtual_detections(
            cmu_clips(shared / "data" / CMU), cameras_per_clip=4, ranges=RANGES, noise=NOISE
        )
        needed.append(shared / "data" / CMU)
    missing = [str(path) for path in needed if not path.is_file()]
    if missing:
        raise SystemExit(f"lacks {', '.join(missing)}, which users do not have")
    started = time.perf_counter()
    data = {
        name: read()
        for name, read in track(sources.items(), description="reading", console=console)
    }
    reports = {
        title: measured(model, data, console, flip=flip, fit=fit, stream=stream)
        for model, title in zip(names, distinct_names(names), strict=True)
    }
    pitches = {clip.camera: clip.pitch for clip in data["aist"]}
    print(*tables(reports, pitches), sep="\n\n")
    console.print(f"{time.perf_counter() - started:.0f} s")
    if json_file is not None:
        plain = {
            model: {name: json.loads(report.to_json()) for name, report in own.items()}
            for model, own in reports.items()
        }
        json_file.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n")


def uiprmd_clips(path: Path) -> list[MotionClip]:
    """Return six clips of each person, with neighbouring exercises, two further for each person.

    Each exercise is then done by three of people 1 to 5 and by three of 6 to 10.
    """
    clips = {clip.name: clip for clip in load_motion_capture(path)}
    people = sorted({clip.subject for clip in clips.values()})
    chosen = []
    for person in range(len(people)):
        for number in range(CLIPS_A_PERSON):
            exercise = (2 * person + number) % EXERCISES
            rightly = f"m{exercise + 1:02d}_s{person + 1:02d}"
            # Three clips are not in the archive.
            names = [rightly, f"{rightly}_inc"] if number % 2 == 0 else [f"{rightly}_inc", rightly]
            clip = next(clips[name] for name in names if name in clips)
            chosen.append(shortened(clip))
    return chosen


def cmu_clips(path: Path) -> list[MotionClip]:
    """Return all clips of the test people."""
    return split_by_subject(load_motion_capture(path), CMU_TEST)[1]


def shortened(clip: MotionClip) -> MotionClip:
    """Return the first seconds of a clip."""
    return dataclasses.replace(clip, positions=clip.positions[: round(SECONDS * clip.fps)])


def at_attitudes(clips: Sequence[MotionClip]) -> list[DetectedClip]:
    """Return each person's first clip, seen from each of ``ATTITUDES``, from one side."""
    found = []
    for clip in clips[::CLIPS_A_PERSON]:
        points = clip.positions.reshape(-1, 3).astype(np.float64)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        for pitch, roll in ATTITUDES:
            for_side, for_noise, _ = view_generators(SEED, clip, 0)
            azimuth, angle = for_side.uniform(0, 2 * np.pi), np.radians(pitch)
            back = [np.cos(azimuth) * np.cos(angle), np.sin(azimuth) * np.cos(angle), np.sin(angle)]
            camera = Camera.looking_at(
                middle + DISTANCE * np.array(back),
                middle,
                FOCAL_LENGTH,
                *SIZE,
                roll=np.radians(roll),
                name=attitude(pitch, roll),
            )
            found.append(detect(clip, camera, for_noise, NOISE))
    return found


def attitude(pitch: int, roll: int) -> str:
    """Return a camera's attitude in words."""
    if roll:
        return f"rolled by {roll}°"
    return f"looks {'down' if pitch > 0 else 'up'} by {abs(pitch)}°" if pitch else "level"


def measured(
    model: str,
    data: dict[str, list[DetectedClip]],
    console: Console,
    *,
    flip: bool = True,
    fit: bool = True,
    stream: bool = False,
) -> dict[str, DetectionReport]:
    """Return a model's report on each data set and on parts of them."""
    lifter = Lifter.load(model)
    if stream and not lifter.weights.config.causal:
        raise SystemExit(f"{model}: --stream is for causal models")

    def lift(keypoints: KeypointSequence) -> PoseSequence:
        if stream:
            return streamed(lifter, keypoints, fit)
        return lifter.lift(keypoints, flip=flip, fit=fit)

    reports = {}
    for name, clips in data.items():
        poses = [
            lift(clip.keypoints)
            for clip in track(clips, description=f"{model}, {name}", console=console)
        ]
        parts = {name: list(range(len(clips)))}
        if name == "uiprmd":
            numbers = [int(clip.subject[-2:]) for clip in clips]
            parts["uiprmd_6_10"] = [i for i, number in enumerate(numbers) if number > 5]
            parts["uiprmd_1_5"] = [i for i, number in enumerate(numbers) if number <= 5]
        for part, own in parts.items():
            reports[part] = evaluate_detections(
                [clips[i] for i in own],
                [poses[i] for i in own],
                {
                    "model": model,
                    "flip": "averaged" if flip and not stream else "none",
                    "fit": "to keypoints" if fit and lifter.canonical else "none",
                },
            )
    return reports


def streamed(lifter: Lifter, keypoints: KeypointSequence, fit: bool) -> PoseSequence:
    """Return the poses of a stream that is given a clip's frames."""
    stream = lifter.stream(
        image_size=(keypoints.width, keypoints.height),
        skeleton=keypoints.skeleton,
        fps=keypoints.fps,
        fit=fit,
    )
    frames = zip(keypoints.keypoints[:, None], keypoints.visibility[:, None], strict=True)
    positions = np.concatenate([stream.push(*frame) for frame in frames])
    return PoseSequence(positions, stream.skeleton, keypoints.fps)


def tables(reports: dict[str, dict[str, DetectionReport]], pitches: dict[str, float]) -> list[str]:
    """Return Markdown: all measures of each data set, then by attitude and by camera.

    Args:
        reports: report of each model on each data set.
        pitches: degrees that each of AIST's cameras looks down.
    """
    first = next(iter(reports.values()))
    shown = [data for data in TITLES if data in first]
    rows = []
    for data in shown:
        for measure in DETECTION_MEASURES:
            values = [own[data].overall[measure.key] for own in reports.values()]
            if np.isnan(values).all():
                continue
            goal = GOALS.get((data, measure.key))
            cells = [f"{value:.{measure.digits}f}" for value in values]
            name = f"{measure.header} ({measure.unit})"
            rows.append([TITLES[data], name, *cells, "" if goal is None else f"≤ {goal:g}"])
    extent = [
        f"- {TITLES[data]}: {first[data].overall.sequences} clips and cameras, "
        f"{first[data].overall.frames:,} frames"
        for data in shown
    ]
    aist = {name: f"{name} ({round(pitch)}°)" for name, pitch in pitches.items()}
    return [
        "\n".join(extent),
        markdown_table(["data", "measure", *reports, "goal"], rows),
        by_camera("UI-PRMD, one clip a person", reports, "attitudes", "mpjpe"),
        by_camera("UI-PRMD, one clip a person", reports, "attitudes", "tilt"),
        by_camera("AIST, camera (looks down by)", reports, "aist", "clip_n_mpjpe", aist),
        by_camera("AIST, camera (looks down by)", reports, "aist", "tilt", aist),
    ]


def by_camera(
    title: str,
    reports: dict[str, dict[str, DetectionReport]],
    data: str,
    key: str,
    labels: Mapping[str, str] | None = None,
) -> str:
    """Return a table with a row for each camera and a column for each model."""
    measure = next(m for m in DETECTION_MEASURES if m.key == key)
    groups = [own[data].groups["camera"] for own in reports.values()]
    rows = [
        [
            (labels or {}).get(name, name),
            *(f"{own[name][key]:.{measure.digits}f}" for own in groups),
        ]
        for name in groups[0]
    ]
    return markdown_table([f"{title}: {measure.header} ({measure.unit})", *reports], rows)


if __name__ == "__main__":
    tyro.cli(real_recordings, description=__doc__)
