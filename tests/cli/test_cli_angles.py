import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.formats import save_poses
from anatomy_tf.poses import joint_angles
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

CLIP = procedural_motion(1, 1, seed=0)[0]


def people(count: int) -> list[PoseSequence]:
    return [
        PoseSequence(
            CLIP.positions[:50], HUMAN36M_17, CLIP.fps, "world", root_relative=False, person=f"p{n}"
        )
        for n in range(count)
    ]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: Any) -> int:
    return main(["angles", *map(str, arguments)])


def test_ranges_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    save_poses("p.npz", people(1))
    assert run("p.npz") == 0
    out = capsys.readouterr().out
    knee = joint_angles(people(1)[0])["right_knee_flexion"]
    assert f"{knee.min():.0f} / {np.median(knee):.0f} / {knee.max():.0f}" in out
    assert "right knee flexion" in out and "person p0" in out
    assert sorted(Path().iterdir()) == [Path("p.npz")]


def test_files_of_one_person_by_suffix() -> None:
    save_poses("p.npz", people(2))
    assert run("p.npz", "--person", 1, "--output", "a.csv", "a.mot", "a.png", "a.svg") == 0
    angles = joint_angles(people(1)[0])
    rows = list(csv.DictReader(Path("a.csv").read_text().splitlines()))
    assert list(rows[0]) == ["time", *angles.names]
    found = [float(row["left_hip_flexion"]) for row in rows]
    np.testing.assert_allclose(found, angles["left_hip_flexion"], atol=1e-3)
    assert float(rows[5]["time"]) == pytest.approx(5 / angles.fps)
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in Path("a.svg").read_text()


def test_one_file_each() -> None:
    save_poses("p.npz", people(2))
    assert run("p.npz", "--output", "a.csv") == 0
    assert sorted(path.name for path in Path().iterdir()) == ["a_0.csv", "a_1.csv", "p.npz"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.npz",), "none.npz: no such file"),
        (("p.npz", "--output", "a.txt"), "ends in .csv or .mot or .png"),
        (("p.npz", "--person", 3), "--person: expected 0..0, got 3"),
        (("p.csv", "--output", "p.csv"), "p.csv: is the input"),
        (("dot.npz", "--output", "a.csv"), "a skeleton with arms and legs to measure, got dot"),
    ],
)
def test_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[Any, ...], message: str
) -> None:
    for path in ("p.npz", "p.csv"):
        save_poses(path, people(1))
    dot = Skeleton("dot", ("dot",), (-1,))
    save_poses("dot.npz", [PoseSequence(np.zeros((1, 1, 3)), dot, 50.0)])
    before = sorted(Path().iterdir())
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert sorted(Path().iterdir()) == before
