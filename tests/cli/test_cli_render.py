import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grey_video import grey_video

from anatomy_tf.cli.main import main
from anatomy_tf.formats import load_keypoints, load_poses, save_keypoints, save_poses
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17


@pytest.fixture
def lifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the keypoints and poses of two people."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    poses, keypoints = [], []
    for person in ("a", "b"):
        positions = rng.normal(scale=0.4, size=(3, 17, 3))
        poses.append(PoseSequence(positions, HUMAN36M_17, 25, person=person).relative_to_root())
        places = rng.uniform(0, 400, (3, 17, 2))
        keypoints.append(
            KeypointSequence(places, np.ones((3, 17)), HUMAN36M_17, 25, 640, 480, person)
        )
    save_poses(tmp_path / "p.npz", poses)
    save_keypoints(tmp_path / "k.npz", keypoints)
    save_keypoints(tmp_path / "b.npz", keypoints[1:])
    grey_video(tmp_path / "wide.mkv", 30, 10)
    save_poses(tmp_path / "long.npz", [PoseSequence(rng.normal(size=(80, 17, 3)), HUMAN36M_17, 10)])
    return tmp_path


def run(*arguments: Any) -> int:
    return main(["render", *map(str, arguments)])


BEGINNINGS = {".png": b"\x89PNG", ".gif": b"GIF89a", ".html": b"<!"}


@pytest.mark.parametrize("suffix", BEGINNINGS)
def test_drawn(lifted: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("PIL")
    arguments = ("p.npz", f"out{suffix}", "--keypoints", "k.npz", "--person", 1)
    assert run(*arguments) == 0
    assert (lifted / f"out{suffix}").read_bytes().startswith(BEGINNINGS[suffix])


@pytest.mark.parametrize("suffix", [".png", ".gif"])
def test_poses_alone_are_drawn_without_keypoints(lifted: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("PIL")
    assert run("p.npz", f"out{suffix}") == 0
    assert (lifted / f"out{suffix}").read_bytes().startswith(BEGINNINGS[suffix])


def test_viewer_shows_everyone_with_keypoints_or_without(lifted: Path) -> None:
    assert run("p.npz", "bare.html") == 0
    assert run("p.npz", "full.html", "--keypoints", "k.npz") == 0
    assert run("p.npz", "one.html", "--person", 0) == 0
    bare, full, one = ((lifted / f"{n}.html").stat().st_size for n in ("bare", "full", "one"))
    assert one < bare < full


@pytest.mark.slow
@pytest.mark.parametrize("suffix", BEGINNINGS)
def test_the_video_behind_the_keypoints(
    lifted: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("PIL")
    grey_video(lifted / "v.mkv", 3, 25, (640, 480))
    arguments = ["p.npz", f"out{suffix}", "--keypoints", "k.npz", "--person", 1]
    assert run(*arguments) == 0
    plain = (lifted / f"out{suffix}").read_bytes()
    assert run(*arguments, "--video", "v.mkv") == 0
    drawn = (lifted / f"out{suffix}").read_bytes()
    assert drawn.startswith(BEGINNINGS[suffix])
    assert drawn != plain
    assert capsys.readouterr().out == f"Drawn in out{suffix}\n" * 2


def test_a_viewer_shows_a_video_without_keypoints_and_says_how_far_it_goes(
    lifted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey_video(lifted / "v.mkv", 31, 10, (640, 480))
    assert run("p.npz", "out.html", "--video", "v.mkv") == 0
    said = capsys.readouterr().out.splitlines()
    assert said == ["v.mkv: goes on for 3.0 s after the poses", "Drawn in out.html"]
    page = (lifted / "out.html").read_text()
    assert '"width":640,"height":480,"every":1' in page


def test_two_clips_side_by_side(lifted: Path) -> None:
    rng = np.random.default_rng(1)
    other = PoseSequence(rng.normal(scale=0.4, size=(9, 17, 3)), HUMAN36M_17, 50)
    save_poses(lifted / "other.npz", [other])
    assert run("p.npz", "out.html", "--beside", "other.npz") == 0
    page = (lifted / "out.html").read_text()
    for name in ("p.npz, a", "p.npz, b", "other.npz"):
        assert f'"name":"{name}"' in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("p.npz", "o.png", "--video", "wide.mkv"),
            "o.png: a sheet or film shows a video behind keypoints or poses of a known place; "
            "give --keypoints FILE",
        ),
        (("p.npz", "o.jpg"), "expected an output file that ends in .png or .mp4 or .gif or .html"),
        (("p.npz", "o.html", "--person", "2"), "--person: expected 0..1, got 2"),
        (("p.npz", "o.png", "--keypoints", "b.npz"), "expected keypoints of person 'a', got 'b'"),
        (("k.npz", "o.html"), "k.npz: expected poses in space, got keypoints in the picture"),
        (("p.npz", "o.png", "--view", "30"), "o.png: --view is for films (.mp4, .gif)"),
        (("p.npz", "o.html", "--video", "none.mp4"), "none.mp4: no such file or folder"),
        (("p.npz", "o.html", "--video", "p.npz"), "p.npz: not a video that ffmpeg can read"),
        (
            ("p.npz", "o.png", "--keypoints", "k.npz", "--video", "wide.mkv"),
            "expected the shape of the keypoints' picture, 640x480, got 160x100",
        ),
        (
            ("long.npz", "o.html", "--video", "wide.mkv"),
            "expected at least 8.0 s for the 80 frames",
        ),
        (
            ("p.npz", "o.png", "--keypoints", "k.npz", "--beside", "p.npz"),
            "a viewer (.html) shows clips beside each other",
        ),
        (("p.npz", "o.html", "--layout", "coco_17"), "--layout is of keypoints; expected --keyp"),
        (("p.npz", "o.html", "--image-size", "9x9"), "--image-size is of keypoints; expected --k"),
    ],
)
def test_refused_in_one_line(
    lifted: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(lifted.glob("o.*"))


def test_the_video_is_not_written_over(lifted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video = lifted / "o.mp4"
    grey_video(video, 3, 25, (640, 480))
    before = video.read_bytes()
    assert run("p.npz", "o.mp4", "--keypoints", "k.npz", "--video", "o.mp4") == 2
    assert "o.mp4: is the input; give another OUT" in capsys.readouterr().err
    assert video.read_bytes() == before


def test_keypoints_begin_with_the_poses(lifted: Path) -> None:
    pytest.importorskip("matplotlib")
    parts = [one.between(1, 2) for one in load_poses("p.npz")]
    save_poses("part.npz", parts)
    assert run("part.npz", "out.html", "--keypoints", "k.npz") == 0
    assert run("part.npz", "out.png", "--keypoints", "k.npz") == 0


def test_keypoints_end_with_the_seen_poses(
    lifted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = np.array([True, True, False])
    keypoints, poses = load_keypoints("k.npz")[0], load_poses("p.npz")[0]
    places = np.where(seen[:, None, None], keypoints.keypoints, np.nan)
    save_keypoints("gone.npz", dataclasses.replace(keypoints, keypoints=places))
    save_poses("p.csv", dataclasses.replace(poses, seen=seen), seen_only=True)
    assert run("p.csv", "out.html", "--keypoints", "gone.npz") == 0
    assert run("p.csv", "out.html", "--keypoints", "k.npz", "--person", "0") == 2
    expected = "expected the keypoints' 3 frames from frame 0 on at 25 fps, got 2 frames"
    assert expected in capsys.readouterr().err


def test_a_file_without_a_name_is_nobody_in_particular(
    lifted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    keypoints = load_keypoints("k.npz")
    people = zip(("0", "1"), keypoints, strict=True)
    save_keypoints("n.npz", [dataclasses.replace(one, person=name) for name, one in people])
    save_poses("p.trc", load_poses("p.npz"))
    assert run("p_1.trc", "out.png", "--keypoints", "n.npz") == 2
    expected = (
        "keypoints of person 'p_1' (the file's name, as p_1.trc states no person's), got '0', '1'"
    )
    assert f"n.npz: expected {expected}" in capsys.readouterr().err


def test_a_c3d_file_is_drawn_with_the_keypoints_of_its_person(lifted: Path) -> None:
    pytest.importorskip("ezc3d")
    save_poses("p.c3d", load_poses("p.npz"))
    assert run("p_1.c3d", "out.html", "--keypoints", "k.npz") == 0
    assert '"name":"b"' in (lifted / "out.html").read_text()
