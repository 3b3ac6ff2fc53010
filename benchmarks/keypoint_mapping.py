"""Measure the error of each made-up joint against Human3.6M's own, on real motion.

A layout's joints are taken from the 17 of motion capture where they mean the same points (its
shoulders, hips and limbs, the middles of both; head and neck where it has them), mapped to
``human36m_17`` and compared in 3D with the captured joints. Joints that need ears, nose or the top
of the head cannot be measured: the capture has none. What a detector adds comes on top.

With a model, clips are also seen by virtual cameras with simulated detections and lifted from
Human3.6M's own keypoints and from each layout's (joints that cannot be measured stay Human3.6M's),
and the mean error of the poses is compared.

    python benchmarks/keypoint_mapping.py ../shared/data/cmu_mocap_17.npz [--step 5] [--json]
    python benchmarks/keypoint_mapping.py ../shared/data/cmu_mocap_17.npz --model compact
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from anatomy_tf.data.motion_capture import load_motion_capture
from anatomy_tf.data.views.rendering import render_views
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton, get_skeleton, map_skeleton, skeleton_names

MIDDLES = {
    "mid_hip": ("left_hip", "right_hip"),
    "pelvis": ("left_hip", "right_hip"),
    "mid_shoulders": ("left_shoulder", "right_shoulder"),
}
SHARED = ("pelvis", "spine", "thorax", "neck", "head")


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    motion: Annotated[Path, tyro.conf.Positional]
    """The motion capture archive."""
    step: int = 5
    """Every so many frames."""
    model: str | None = None
    """Name or path of a model to lift with."""
    clips: int = 24
    """Number of clips to lift, evenly chosen."""
    frames: int = 250
    """Most frames of each clip."""
    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print JSON instead of a table."""


def known_points(layout: Skeleton, positions: np.ndarray) -> np.ndarray:
    """Return a layout's points (N, J, D) from (N, 17, D), NaN where the capture has none."""
    points = np.full((len(positions), layout.joint_count, positions.shape[-1]), np.nan)
    for joint, name in enumerate(layout.joint_names):
        if name in MIDDLES:
            sides = [positions[:, HUMAN36M_17.index(side)] for side in MIDDLES[name]]
            points[:, joint] = np.mean(sides, axis=0)
        elif name in HUMAN36M_17.joint_names:
            points[:, joint] = positions[:, HUMAN36M_17.index(name)]
    return points


def measure(settings: Settings) -> list[dict[str, str | float | None]]:
    """Return a row for each layout and made-up joint: mean and 95th percentile, mm, or None."""
    clips = load_motion_capture(settings.motion)
    positions = np.concatenate([clip.positions[:: settings.step] for clip in clips])
    rows: list[dict[str, str | float | None]] = []
    for name in skeleton_names():
        layout = get_skeleton(name)
        # CMU's skeleton has points of its own that the 17 were made from.
        if name in (HUMAN36M_17.name, "cmu_31"):
            continue
        mapping = map_skeleton(layout, HUMAN36M_17)
        mapped = mapping.points(known_points(layout, positions))
        for joint in mapping.approximate:
            index = HUMAN36M_17.index(joint)
            off = 1000 * np.linalg.norm(mapped[:, index] - positions[:, index], axis=-1)
            known = not np.isnan(off).any()
            rows.append(
                {
                    "layout": name,
                    "joint": joint,
                    "from": formula(mapping.weights[index], layout),
                    "mean_mm": round(float(off.mean()), 1) if known else None,
                    "p95_mm": round(float(np.quantile(off, 0.95)), 1) if known else None,
                }
            )
    taken = np.mean([positions[:, HUMAN36M_17.index(s)] for s in MIDDLES["mid_shoulders"]], axis=0)
    off = 1000 * np.linalg.norm(taken - positions[:, HUMAN36M_17.index("neck")], axis=-1)
    rows.append(
        {
            "layout": "(none)",
            "joint": "neck",
            "from": "the shoulders' middle, which several layouts call neck",
            "mean_mm": round(float(off.mean()), 1),
            "p95_mm": round(float(np.quantile(off, 0.95)), 1),
        }
    )
    return rows


def lift(settings: Settings, model: str) -> list[dict[str, str | float]]:
    """Return the mean error, mm, of poses lifted from each layout's keypoints."""
    from anatomy_tf.inference import Lifter

    clips = load_motion_capture(settings.motion)
    chosen = [clips[i] for i in np.linspace(0, len(clips) - 1, settings.clips).astype(int)]
    short = [dataclasses.replace(c, positions=c.positions[: settings.frames]) for c in chosen]
    views = render_views(short, cameras_per_clip=1)
    lifter = Lifter.load(model)
    rows: list[dict[str, str | float]] = []
    for name in skeleton_names():
        if name == "cmu_31":
            continue
        mapping = map_skeleton(get_skeleton(name), HUMAN36M_17)
        errors = []
        for view in views:
            mapped = mapping.points(known_points(mapping.source, view.keypoints))
            screen = np.where(np.isnan(mapped), view.keypoints, mapped)
            # On a square image of 2 pixels, pixels are screen coordinates moved by 1.
            seen = KeypointSequence(screen + 1, view.visibility, HUMAN36M_17, view.fps, 2, 2)
            truth = view.positions - view.positions[:, :1]
            errors.append(np.linalg.norm(lifter.lift(seen).positions - truth, axis=-1))
        error = 1000 * float(np.concatenate(errors).mean())
        rows.append({"layout": name, "mpjpe_mm": round(error, 1)})
    return rows


def formula(weights: np.ndarray, layout: Skeleton) -> str:
    """Return a weighted sum in words; left and right joints of one weight are one term."""
    terms: dict[str, float] = {}
    for joint, weight in enumerate(weights):
        if weight:
            name = layout.joint_names[joint].removeprefix("left_").removeprefix("right_")
            terms[name] = terms.get(name, 0.0) + float(weight)
    return " ".join(f"{weight:+.2f} {name}" for name, weight in terms.items()).removeprefix("+")


def main() -> None:
    """Print the table."""
    settings = tyro.cli(Settings, description=__doc__)
    rows = measure(settings)
    lifted = lift(settings, settings.model) if settings.model else []
    if settings.json:
        print(json.dumps({"joints": rows, "lifted": lifted}, indent=1))
        return
    table = Table("layout", "joint", "made of", "mean mm", "95 % below mm")
    for row in rows:
        values = ("-" if row[key] is None else f"{row[key]}" for key in ("mean_mm", "p95_mm"))
        table.add_row(str(row["layout"]), str(row["joint"]), str(row["from"]), *values)
    console = Console(width=120)
    console.print(table)
    if lifted:
        poses = Table("layout", f"MPJPE mm of {settings.model}")
        for entry in lifted:
            poses.add_row(str(entry["layout"]), str(entry["mpjpe_mm"]))
        console.print(poses)


if __name__ == "__main__":
    main()
