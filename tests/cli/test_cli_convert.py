import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.formats import load_poses, save_poses
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17


def people(count: int) -> list[PoseSequence]:
    rng = np.random.default_rng(0)
    return [
        PoseSequence(rng.normal(size=(4, 17, 3)), HUMAN36M_17, 50, person=f"p{index}")
        for index in range(count)
    ]


def run(*arguments: Any) -> int:
    return main(["convert", *map(str, arguments)])


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_there_and_back(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    save_poses(tmp_path / "a.npz", people(2))
    assert run(tmp_path / "a.npz", tmp_path / f"b{suffix}") == 0
    assert "2 people, 4 frames at 50 fps, human36m_17" in capsys.readouterr().out
    assert run(tmp_path / f"b{suffix}", tmp_path / "c.npz") == 0
    for one, other in zip(people(2), load_poses(tmp_path / "c.npz"), strict=True):
        np.testing.assert_allclose(other.positions, one.positions, atol=2e-6)
        assert other.person == one.person


def test_a_reason_to_doubt_the_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    placed = dataclasses.replace(people(1)[0], warnings=(), root_relative=False)
    save_poses(tmp_path / "a.json", [placed, dataclasses.replace(placed, person="p1")])
    text = (tmp_path / "a.json").read_text()
    (tmp_path / "a.json").write_text(text.replace('relative": false', 'relative": true'))
    assert run(tmp_path / "a.json", tmp_path / "b.npz") == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("anatomy-tf: warning: person p0, p1: stated to be relative to the root,")
    assert main(["info", str(tmp_path / "a.json")]) == 0
    assert re.search(r"\nwarnings +stated to be relative", capsys.readouterr().out)
    assert run(tmp_path / "b.npz", tmp_path / "c.npz") == 0
    assert capsys.readouterr().err == ""


def test_one_of_two_people(tmp_path: Path) -> None:
    save_poses(tmp_path / "a.npz", people(2))
    assert run(tmp_path / "a.npz", tmp_path / "b.npz", "--person", 1) == 0
    assert [p.person for p in load_poses(tmp_path / "b.npz")] == ["p1"]
    assert run(tmp_path / "a.npz", tmp_path / "b.bvh", "--person", 1) == 0
    assert (tmp_path / "b.bvh").read_text().startswith("HIERARCHY\nROOT pelvis\n")


def test_both_of_two_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_poses(tmp_path / "a.npz", people(2))
    assert run(tmp_path / "a.npz", tmp_path / "b.bvh", "--names", "unreal", "--unit", "cm") == 0
    for number in (0, 1):
        assert "ROOT pelvis\n" in (tmp_path / f"b_{number}.bvh").read_text()
        assert "JOINT upperarm_l\n" in (tmp_path / f"b_{number}.bvh").read_text()
    # Random joints are no body; what is left is said.
    said = re.search(
        r"are ([0-9.]+) mm from the poses on average, ([0-9.]+) mm at most", capsys.readouterr().out
    )
    assert said is not None
    files = save_poses(tmp_path / "c.bvh", people(2))
    mean = 1000 * np.mean([file.mean_distance for file in files])
    largest = 1000 * max(file.largest_distance for file in files)
    assert 10 < mean < largest
    assert (float(said[1]), float(said[2])) == pytest.approx((mean, largest), abs=0.1)


def test_seen_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (person,) = people(1)
    seen = np.array([False, True, False, True])
    save_poses(tmp_path / "a.npz", [dataclasses.replace(person, seen=seen)])
    assert run(tmp_path / "a.npz", tmp_path / "b.csv", "--seen-only") == 0
    assert len((tmp_path / "b.csv").read_text().splitlines()) == 2 + 2
    assert "1 person, 2 of 4 frames at 50 fps" in capsys.readouterr().out
    # A format that needs a pose for every frame begins and ends with a seen one.
    assert run(tmp_path / "a.npz", tmp_path / "b.bvh", "--seen-only") == 0
    assert "\nFrames: 3\n" in (tmp_path / "b.bvh").read_text()
    assert "1 person, 3 of 4 frames at 50 fps" in capsys.readouterr().out


def test_all_files_can_be_written_or_none_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_poses(tmp_path / "a.npz", people(2))
    for name in ("b_1.trc", "b_1.csv"):
        (tmp_path / name).mkdir()
    before = sorted(tmp_path.iterdir())
    assert run(tmp_path / "a.npz", tmp_path / "b.trc") == 2
    assert "b_1.trc: expected an output file, this is a folder" in capsys.readouterr().err
    angles = ["angles", str(tmp_path / "a.npz"), "--output", str(tmp_path / "b.csv")]
    assert main(angles) == 2
    assert "b_1.csv: expected an output file, this is a folder" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_where_the_poses_begin_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (person,) = people(1)
    save_poses(tmp_path / "a.npz", dataclasses.replace(person.between(0, 0), first_frame=7))
    assert run(tmp_path / "a.npz", tmp_path / "b.bvh") == 0
    expected = "1 person, 1 frame at 50 fps from frame 7 on, human36m_17"
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(("suffix", "names"), [(".trc", ["a_0", "a_1"]), (".c3d", ["p0", "p1"])])
def test_people_of_several_files_are_told_apart(
    tmp_path: Path, suffix: str, names: list[str]
) -> None:
    save_poses(tmp_path / f"a{suffix}", people(2))
    found = [load_poses(tmp_path / f"a_{number}{suffix}")[0].person for number in (0, 1)]
    assert found == names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.npz", "b.csv", "--unit", "cm"), "expected a unit that its format can have"),
        (("a.npz", "b.bvh", "--names", "biped"), "expected one of mixamo, unreal, vrm, rigify"),
        (("a.npz", "b.npz", "--person", "2"), "--person: expected 0..1, got 2"),
        (("a.npz", "a.npz"), "is the input; give another OUT"),
        (("a.npz", "b.fbx"), "expected an output file that ends in .npz or"),
        (("missing.npz", "b.csv"), "missing.npz: no such file"),
        (("a.npz", "no/b.csv"), "there is no folder no"),
        (("a.glb", "b.npz"), "expected a file of poses that ends in"),
    ],
)
def test_refused_in_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    save_poses("a.npz", people(2))
    save_poses("a.glb", people(1))
    before = sorted(tmp_path.iterdir())
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_the_output_by_its_name(tmp_path: Path) -> None:
    save_poses(tmp_path / "a.npz", people(1))
    assert run("--output", tmp_path / "b.csv", tmp_path / "a.npz") == 0
    assert len(load_poses(tmp_path / "b.csv")) == 1
