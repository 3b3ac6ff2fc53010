"""Exports of lifted poses, imported by Blender.

Needs Blender on PATH, or ``ANATOMY_TF_BPY`` with the path of a Python that has the package bpy.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from lifted_sample import distances, lifted_sample

from anatomy_tf.formats import save_poses
from anatomy_tf.formats.poses.axes import z_up

SCRIPT = Path(__file__).with_name("blender_joints.py")


def blender() -> list[str]:
    """The command that runs a script, without the script's own arguments."""
    python = os.environ.get("ANATOMY_TF_BPY")
    if python:
        return [python, str(SCRIPT), "--"]
    program = shutil.which("blender")
    if program is None:
        pytest.skip("needs blender on PATH, or ANATOMY_TF_BPY=python that has bpy")
    return [program, "--background", "--factory-startup", "--python", str(SCRIPT), "--"]


@pytest.mark.slow
def test_armatures_stand_where_the_poses_are(tmp_path: Path) -> None:
    command = blender()
    sample = lifted_sample()
    clips = {"rigid": sample.rigid, "standing": sample.standing}
    files = {}
    for name, poses in clips.items():
        for suffix in (".bvh", ".glb"):
            (written,) = save_poses(tmp_path / f"{name}{suffix}", [poses])
            files[str(written.path)] = poses, written
    out = tmp_path / "joints.json"
    facts = [str(out), str(sample.plain.fps), str(len(sample.plain))]
    run = subprocess.run([*command, *facts, *files], capture_output=True, text=True, timeout=600)
    assert out.is_file(), run.stdout + run.stderr
    found = json.loads(out.read_text())
    for path, (poses, written) in files.items():
        joints = np.stack([found[path][name] for name in poses.skeleton.joint_names], axis=1)
        # Blender turns y up into z up as we do.
        mean, largest = distances(joints, z_up(poses))
        assert mean == pytest.approx(1000 * written.mean_distance, abs=0.05), path
        assert largest == pytest.approx(1000 * written.largest_distance, abs=0.2), path
