"""What each made-up joint of a keypoint layout costs against Human3.6M's own, on real motion.

A layout's joints are taken from the 17 of motion capture where they mean the same points (its
shoulders, hips and limbs, the middles of both; head and neck where it has them), mapped to
``human36m_17`` and compared in 3D with the captured joints. Joints that need ears, nose or the top
of the head cannot be measured: the capture has none. What a detector adds comes on top.

    python benchmarks/keypoint_mapping.py ../shared/data/cmu_mocap_17.npz [--step 5] [--json]
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
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton, get_skeleton, map_skeleton, skeleton_names

MIDDLES = {
    "mid_hip": ("left_hip", "right_hip"),
    "pelvis": ("left_hip", "right_hip"),
    "mid_shoulders": ("left_shoulder", "right_shoulder"),
}
SHARED = ("pelvis", "spine", "thorax", "neck", "head")


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is measured."""

    motion: Annotated[Path, tyro.conf.Positional]
    """The motion capture archive."""
    step: int = 5
    """Every so many frames."""
    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print JSON instead of a table."""


def known_points(layout: Skeleton, positions: np.ndarray) -> np.ndarray:
    """(N, J, 3) of a layout from (N, 17, 3), NaN where the capture has no such point."""
    points = np.full((len(positions), layout.joint_count, 3), np.nan)
    for joint, name in enumerate(layout.joint_names):
        if name in MIDDLES:
            sides = [positions[:, HUMAN36M_17.index(side)] for side in MIDDLES[name]]
            points[:, joint] = np.mean(sides, axis=0)
        elif name in HUMAN36M_17.joint_names:
            points[:, joint] = positions[:, HUMAN36M_17.index(name)]
    return points


def measure(settings: Settings) -> list[dict[str, str | float | None]]:
    """A row a layout and made-up joint: mean and 95th percentile in mm, None where unknown."""
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


def formula(weights: np.ndarray, layout: Skeleton) -> str:
    """A weighted sum in words; a left and right joint of one weight are one term."""
    terms: dict[str, float] = {}
    for joint, weight in enumerate(weights):
        if weight:
            name = layout.joint_names[joint].removeprefix("left_").removeprefix("right_")
            terms[name] = terms.get(name, 0.0) + float(weight)
    return " ".join(f"{weight:+.2f} {name}" for name, weight in terms.items()).removeprefix("+")


def main() -> None:
    """Prints the table."""
    settings = tyro.cli(Settings, description=__doc__)
    rows = measure(settings)
    if settings.json:
        print(json.dumps(rows, indent=1))
        return
    table = Table("layout", "joint", "made of", "mean mm", "95 % below mm")
    for row in rows:
        values = ("-" if row[key] is None else f"{row[key]}" for key in ("mean_mm", "p95_mm"))
        table.add_row(str(row["layout"]), str(row["joint"]), str(row["from"]), *values)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
