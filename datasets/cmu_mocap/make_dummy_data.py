"""Write ``dummy_data/``: made-up people and motions in the exact format of the CMU database.

    python datasets/cmu_mocap/make_dummy_data.py

One person of each split with one clip of a tenth of a second.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

CLIPS = {"01": ("01",), "08": ("03",), "02": ("02", "05")}
"""Clips by person."""

FRAMES = 13
HEADER = """# AST/ASF file generated using VICON BodyLanguage
# -----------------------------------------------
:version 1.10
:name VICON
:units
  mass 1.0
  length 0.45
  angle deg
:documentation
   .ast/.asf automatically generated from VICON data using
   VICON BodyBuilder and BodyLanguage model FoxedUp or BRILLIANT.MOD
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
"""
TRUNK = (
    ("lowerback", "root", (0, 1, 0), 2.2, (0, 0, 0), "rx ry rz"),
    ("upperback", "lowerback", (0, 1, 0), 2.2, (0, 0, 0), "rx ry rz"),
    ("thorax", "upperback", (0, 1, 0), 2.2, (0, 0, 0), "rx ry rz"),
    ("lowerneck", "thorax", (0, 1, 0), 1.5, (0, 0, 0), "rx ry rz"),
    ("upperneck", "lowerneck", (0, 1, 0), 1.5, (0, 0, 0), "rx ry rz"),
    ("head", "upperneck", (0, 1, 0), 1.5, (0, 0, 0), "rx ry rz"),
)
"""Bone, parent, direction, length, axis, degrees of freedom."""

LIMBS = (
    ("hipjoint", "root", (0.7, -0.6, 0.3), 2.5, (0, 0, 0), ""),
    ("femur", "hipjoint", (0.34, -0.94, 0), 7.0, (0, 0, 20), "rx ry rz"),
    ("tibia", "femur", (0.34, -0.94, 0), 7.2, (0, 0, 20), "rx"),
    ("foot", "tibia", (0.08, -0.2, 0.97), 2.0, (-90, 0, 20), "rx rz"),
    ("toes", "foot", (0, 0, 1), 1.0, (-90, 0, 20), "rx"),
    ("clavicle", "thorax", (0.96, 0.26, 0.02), 3.4, (0, 0, 0), "ry rz"),
    ("humerus", "clavicle", (1, 0, 0), 5.1, (180, -30, -90), "rx ry rz"),
    ("radius", "humerus", (1, 0, 0), 3.4, (180, -30, -90), "rx"),
    ("wrist", "radius", (1, 0, 0), 1.7, (0, 90, 90), "ry"),
    ("hand", "wrist", (1, 0, 0), 0.8, (0, 90, 90), "rx rz"),
    ("fingers", "hand", (1, 0, 0), 0.6, (0, 90, 90), "rx"),
    ("thumb", "wrist", (0.7, 0, 0.7), 0.9, (-90, 45, 0), "rx rz"),
)
"""Bones of the left side."""


def main(folder: Path) -> None:
    """Write the files.

    Args:
        folder: folder to write to, made if it is missing.
    """
    for person, (number, clips) in enumerate(CLIPS.items()):
        place = folder / "subjects" / number
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.asf").write_text(_skeleton(1 + 0.05 * person), encoding="ascii")
        for clip in clips:
            rng = np.random.default_rng([int(number), int(clip)])
            (place / f"{number}_{clip}.amc").write_text(_motion(rng), encoding="ascii")


def _bones() -> list[tuple[str, str, tuple[float, ...], float, tuple[float, ...], str]]:
    bones = list(TRUNK)
    for side, sign in (("l", 1), ("r", -1)):
        for name, parent, direction, length, axis, freedoms in LIMBS:
            x, y, z = direction
            a, b, c = axis
            above = parent if parent in ("root", "thorax") else side + parent
            turned = (a, sign * b, sign * c)
            bones.append((side + name, above, (sign * x, y, z), length, turned, freedoms))
    return bones


def _skeleton(scale: float) -> str:
    lines = []
    children: dict[str, list[str]] = {}
    for number, (name, parent, direction, length, axis, freedoms) in enumerate(_bones(), start=1):
        children.setdefault(parent, []).append(name)
        unit = np.array(direction) / np.linalg.norm(direction)
        lines += [
            "  begin",
            f"     id {number}",
            f"     name {name}",
            f"     direction {' '.join(f'{value:.6g}' for value in unit)}",
            f"     length {length * scale:.6g}",
            f"     axis {' '.join(f'{value:g}' for value in axis)}  XYZ",
        ]
        if freedoms:
            limits = ["(-180.0 180.0)"] * len(freedoms.split())
            lines += [f"    dof {freedoms}", "    limits " + "\n           ".join(limits)]
        lines.append("  end")
    tree = [f"    {parent} {' '.join(names)}" for parent, names in children.items()]
    return HEADER + "\n".join([*lines, ":hierarchy", "  begin", *tree, "  end"]) + "\n"


def _motion(rng: np.random.Generator) -> str:
    """Return an AMC motion: standing with arms half down, slowly drifting."""
    rest = {"lhumerus": (0.0, 0.0, -60.0), "rhumerus": (0.0, 0.0, 60.0)}
    lines = ["#!OML:ASF made up by anatomy_tf", ":FULLY-SPECIFIED", ":DEGREES"]
    drift = {
        name: rng.normal(0, 0.5, len(freedoms.split()))
        for name, _, _, _, _, freedoms in _bones()
        if freedoms
    }
    for frame in range(FRAMES):
        lines += [str(frame + 1), f"root 0 17 {0.05 * frame:.6g} 0 0 0"]
        for name, speed in drift.items():
            angles = np.array(rest.get(name, np.zeros(len(speed)))) + frame * speed
            lines.append(f"{name} {' '.join(f'{angle:.6g}' for angle in angles)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "dummy_data")
