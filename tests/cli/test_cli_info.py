"""``anatomy-tf info`` on keypoints and poses."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.formats import save_keypoints, save_poses
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17


def info(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    assert main(["info", str(path), "--json", *more]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def keypoints() -> KeypointSequence:
    points = np.random.default_rng(0).uniform(100, 400, (10, 17, 2)).astype(np.float32)
    points[:3] = np.nan
    return KeypointSequence(points, np.ones((10, 17), np.float32), HUMAN36M_17, 25, 640, 480)


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv"])
def test_keypoints(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"a{suffix}"
    save_keypoints(path, [keypoints()])
    found = info(path, capsys)
    assert found["content"] == "keypoints"
    assert (found["people"], found["frames"], found["fps"]) == (1, 10, 25)
    assert (found["image_size"], found["layout"]) == ([640, 480], "human36m_17")
    assert found["found"] == found["seen"] == [0.7]
    assert main(["info", str(path)]) == 0
    assert "keypoints found         70%" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv", ".trc"])
def test_poses(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    positions = np.random.default_rng(0).normal(size=(4, 17, 3)).astype(np.float32)
    poses = PoseSequence(
        positions - positions[:, :1], HUMAN36M_17, 50, axes="world", person="anna", first_frame=7
    )
    (written,) = save_poses(tmp_path / f"a{suffix}", [poses])
    path = written.path
    found = info(path, capsys)
    assert (found["content"], found["people"], found["frames"]) == ("poses", 1, 4)
    name = "a" if suffix == ".trc" else "anna"
    assert (found["names"], found["first_frame"]) == ([name], 7)
    assert (found["axes"], found["seen"]) == ("world", [1.0])
    assert main(["info", str(path)]) == 0
    assert "frames a second" in capsys.readouterr().out


def test_what_the_file_does_not_state_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = {"pose_keypoints_2d": [1800.0, 3000.0, 0.9] * 25}
    for number in range(3):
        text = json.dumps({"version": 1.3, "people": [person]})
        (tmp_path / f"clip_{number:012d}_keypoints.json").write_text(text)
    found = info(tmp_path, capsys, "--layout", "body_25")
    assert (found["fps"], found["image_size"], found["frames"]) == (None, None, 3)
    assert main(["info", str(tmp_path), "--layout", "body_25"]) == 0
    assert "not stated" in capsys.readouterr().out


def test_neither(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text('{"one": 1}')
    assert main(["info", str(tmp_path / "a.json")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "not recognised as keypoints" in error and "nor as poses" in error


@pytest.mark.slow
def test_python_m_anatomy_tf_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "anatomy_tf", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "anatomy-tf")
