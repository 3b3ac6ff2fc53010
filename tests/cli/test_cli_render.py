from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.formats import save_keypoints, save_poses
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


def test_viewer_shows_everyone_with_keypoints_or_without(lifted: Path) -> None:
    assert run("p.npz", "bare.html") == 0
    assert run("p.npz", "full.html", "--keypoints", "k.npz") == 0
    assert run("p.npz", "one.html", "--person", 0) == 0
    bare, full, one = ((lifted / f"{n}.html").stat().st_size for n in ("bare", "full", "one"))
    assert one < bare < full


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("p.npz", "o.png"), "give --keypoints FILE"),
        (("p.npz", "o.jpg"), "expected an output file that ends in .png or .mp4 or .gif or .html"),
        (("p.npz", "o.html", "--person", "2"), "--person: expected 0..1, got 2"),
        (("p.npz", "o.png", "--keypoints", "b.npz"), "expected keypoints of person 'a', got 'b'"),
        (("k.npz", "o.html"), "expected the arrays positions"),
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
