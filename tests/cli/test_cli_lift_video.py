import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dotted_people import DotDetector, render, walking

import anatomy_tf.inference
from anatomy_tf.cli.main import main
from anatomy_tf.detection import DETECTORS
from anatomy_tf.detection.registry import DetectorEntry
from anatomy_tf.formats import load_keypoints, load_poses
from anatomy_tf.inference import find_model
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17


class FlatLifter:
    """Stands in for the network: a pose is the keypoints in units of 1000 px, at depth 0."""

    canonical = False

    @classmethod
    def load(cls, name_or_path: str) -> "FlatLifter":
        find_model(name_or_path)
        return cls()

    def lift(self, keypoints: KeypointSequence, **arguments: Any) -> PoseSequence:
        points = keypoints.mapped(HUMAN36M_17).filled().keypoints / 1000
        positions = np.concatenate([points, np.zeros_like(points[..., :1])], axis=-1)
        poses = PoseSequence(
            positions,
            HUMAN36M_17,
            keypoints.fps,
            root_relative=False,
            person=keypoints.person,
            seen=keypoints.seen,
            warnings=keypoints.warnings,
        )
        return poses.relative_to_root()

    def lift_all(self, clips: list[KeypointSequence], **arguments: bool) -> list[PoseSequence]:
        return [self.lift(keypoints, **arguments) for keypoints in clips]


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], int]]:
    """What the detector "dots" was made with."""
    made: list[tuple[list[str], int]] = []

    def dots(models: Sequence[Path], people: int) -> DotDetector:
        os.write(2, b"INFO: a note from C++\n")
        made.append(([path.name for path in models], people))
        return DotDetector()

    monkeypatch.setitem(DETECTORS, "dots", DetectorEntry("numpy", None, dots, lambda: ()))
    monkeypatch.setattr(anatomy_tf.inference, "load_lifter", FlatLifter.load, raising=False)
    return made


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return render(tmp_path / "v.mkv", walking(8, people=2))


def run(*arguments: Any) -> int:
    return main(["lift", *map(str, arguments)])


def test_video_to_poses_and_keypoints(
    video: Path, asked: list[tuple[list[str], int]], capsys: pytest.CaptureFixture[str]
) -> None:
    poses, saved = video.with_name("p.npz"), video.with_name("k.npz")
    model = video.with_name("m.task")
    model.touch()
    arguments = ["--output", poses, "--save-keypoints", saved, "--detector", "dots"]
    code = run(video, *arguments, "--detector-model", model, model, "--detector-people", 3)
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert "dots found 2 people in 8 frames of 96x80 at 10 fps" in out
    assert asked == [(["m.task", "m.task"], 3)]
    assert [p.positions.shape for p in load_poses(poses)] == [(8, 17, 3)] * 2
    # What was saved lifts to the same.
    assert len(load_keypoints(saved)) == 2
    again = video.with_name("q.npz")
    assert run(saved, "--output", again) == 0
    for one, two in zip(load_poses(poses), load_poses(again), strict=True):
        np.testing.assert_array_equal(one.positions, two.positions)


@pytest.mark.parametrize("option", ["--quiet", "--json"])
def test_nothing_else_is_printed(
    video: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--output", video.with_name("p.npz"), "--save-keypoints", video.with_name("k.npz")]
    assert run(video, *places, "--detector", "dots", option) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert len(json.loads(out)["people"]) == 2 if option == "--json" else out == ""


def test_one_person_of_several(video: Path) -> None:
    output = video.with_name("p.npz")
    assert run(video, "--output", output, "--detector", "dots", "--person", 1) == 0
    assert [pose.person for pose in load_poses(output)] == ["1"]


def test_a_video_and_nothing_else(
    video: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first detector that is installed, and a file in the current folder."""
    for name in ("rtmlib", "mediapipe"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.chdir(video.parent)
    assert run("v.mkv") == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[1], err) == ("Poses in v_poses.npz", "")
    assert len(load_poses(video.with_name("v_poses.npz"))) == 2


@pytest.mark.slow
def test_drawings_show_the_video_itself(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    beginnings = {"v.html": b"<!", "v.png": b"\x89PNG", "w.mp4": b"\0\0\0"}
    for name, beginning in beginnings.items():
        output = video.with_name(name)
        assert run(video, "--output", output, "--detector", "dots") == 0
        out, err = capsys.readouterr()
        assert f"Drawn in {output}" in out
        assert ("It shows the first of 2 people" in out) == (name != "v.html")
        assert err == ""
        assert output.read_bytes().startswith(beginning)
    page = video.with_name("v.html").read_text()
    assert '"video":{"width":96,"height":80,"every":1,"pictures":["/9j/' in page
    assert page.count('"keypoints":{') == 2


def test_each_nth_frame(video: Path, asked: list[tuple[list[str], int]]) -> None:
    output = video.with_name("p.npz")
    assert run(video, "--output", output, "--detector", "dots", "--detect-every", 4) == 0
    assert [len(pose) for pose in load_poses(output)] == [8, 8]


@pytest.mark.slow
def test_who_comes_and_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Frames in which nobody was seen are marked, or left out; who follows is said."""
    places = walking(60, people=2) % 80 + 8
    places[20:, 0] = -9
    places[:40, 1] = -9
    video = render(tmp_path / "v.mkv", places)
    output, table = tmp_path / "p.npz", tmp_path / "p.csv"
    assert run(video, "--output", output, "--detector", "dots") == 0
    err = capsys.readouterr().err
    assert err.startswith("anatomy-tf: warning: person 0, 1: person 0 is lost at 1.9 s; who is fou")
    assert err.count("\n") == 1
    first, second = load_poses(output)
    assert first.seen.nonzero()[0].tolist() == [*range(20)]
    assert second.seen.nonzero()[0].tolist() == [*range(40, 60)]
    assert run(video, "--output", table, "--detector", "dots", "--seen-only") == 0
    assert len(table.read_text().splitlines()) == 2 + 40


def test_without_a_detector_it_says_what_to_install(
    video: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for entry in DETECTORS.values():
        if entry.package != "numpy":
            monkeypatch.setitem(sys.modules, entry.package, None)
    monkeypatch.delitem(DETECTORS, "dots")
    assert run(video, "--output", video.with_name("p.npz")) == 2
    assert capsys.readouterr().err == (
        "anatomy-tf: error: finding people in a video needs rtmlib or mediapipe, and none is "
        'installed: pip install "anatomy_tf[video]"\n'
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--detector", "eyes"], "unknown detector 'eyes'; known are rtmlib, mediapipe"),
        (
            ["--detector", "dots", "--detect-every", "0"],
            "--detect-every): expected to look for people in each n-th frame, n from 1, got 0",
        ),
        (["--detector", "dots", "--image-size", "96x80"], "--image-size is for files of keypoints"),
        (["--detector", "dots", "--layout", "coco_17"], "--layout is for files of keypoints"),
        (["--detector", "dots", "--save-keypoints", "k.txt"], "k.txt: expected an output file"),
        (["--detector", "dots", "--save-keypoints", "v.mkv"], "v.mkv: expected an output file"),
        (["--detector", "dots", "--save-keypoints", "p.npz"], "name the same file"),
        (["--detector", "dots", "--model", "missing"], "no model 'missing'"),
        (["--detector", "dots", "--detector-model", "x.task"], "x.task: no such file"),
        (["--detector", "dots", "--detector-people", "0"], "at least one person"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    video: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(video.parent)
    assert run("v.mkv", "--output", "p.npz", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("anatomy-tf: error: ") and err.count("\n") == 1
    assert message in err
    assert [path.name for path in video.parent.iterdir()] == ["v.mkv"]


@pytest.mark.parametrize(
    "flag", ["--detector-model", "--detector-people", "--save-keypoints", "--detect-every"]
)
def test_a_detectors_flags_without_one(
    video: Path, capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    keypoints = video.with_name("k.json")
    keypoints.write_text("{}")
    assert run(keypoints, "--output", video.with_name("p.npz"), flag, 5) == 2
    assert f"{flag} is for videos; here the input is keypoints" in capsys.readouterr().err
