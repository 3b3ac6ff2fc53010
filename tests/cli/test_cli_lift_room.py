"""Options of lift that stand people in the room, with a stand-in that lifts exactly."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import anatomy_tf.inference
from anatomy_tf.cameras import Camera
from anatomy_tf.cli.main import main
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.formats import load_poses, save_keypoints
from anatomy_tf.poses import foot_contacts, stature
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17

WIDTH, HEIGHT = 1280, 720


class TrueLifter:
    """Knows the poses."""

    poses: dict[str, PoseSequence]
    asked: list[dict[str, bool]]
    known: list[dict[str, Any]]
    canonical = False

    @classmethod
    def load(cls, name_or_path: str) -> "TrueLifter":
        return cls()

    def lift_all(
        self,
        clips: list[KeypointSequence],
        flip: bool,
        fit: bool,
        uncertainty: bool,
        rigid: bool,
        up: np.ndarray | None,
        camera: Camera | None,
    ) -> list[PoseSequence]:
        self.asked.append({"fit": fit, "rigid": rigid})
        self.known.append({"up": up, "camera": camera})
        return [self.poses[keypoints.person].relative_to_root() for keypoints in clips]


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Camera, np.ndarray]:
    """A file of two people's keypoints, the camera, and the first one's world positions."""
    monkeypatch.setattr(anatomy_tf.inference, "load_lifter", TrueLifter.load, raising=False)
    monkeypatch.chdir(tmp_path)
    clips = [c for c in procedural_motion(1, 3, seed=3) if c.action == "walk"][:1]
    world = clips[0].positions.astype(np.float64)
    middle = world.reshape(-1, 3).mean(axis=0)
    place = middle + np.array([5, -6, 1])
    camera = Camera.looking_at(place, middle, 900, WIDTH, HEIGHT, roll=0.05)
    TrueLifter.poses, TrueLifter.asked, TrueLifter.known = {}, [], []
    sequences = []
    for person, moved in (("a", world), ("b", world + np.array([0.5, 0.8, 0]))):
        seen = camera.world_to_camera(moved)
        TrueLifter.poses[person] = PoseSequence(
            seen, HUMAN36M_17, clips[0].fps, root_relative=False, person=person
        )
        sequences.append(
            KeypointSequence(
                camera.project(seen),
                np.ones(seen.shape[:2]),
                HUMAN36M_17,
                clips[0].fps,
                WIDTH,
                HEIGHT,
                person,
            )
        )
    save_keypoints(tmp_path / "k.npz", sequences)
    return tmp_path / "k.npz", camera, world


def run(*arguments: Any) -> int:
    return main(["lift", *map(str, arguments)])


def calibration(camera: Camera) -> Path:
    rows = np.array([[900, 0, WIDTH / 2], [0, 900, HEIGHT / 2], [0, 0, 1]])
    Path("c.json").write_text(
        f'{{"cam": {{"matrix": {rows.tolist()}, "size": [{WIDTH}, {HEIGHT}], "R": '
        f'{camera.rotation.tolist()}}}, "other": {{"matrix": {rows.tolist()}}}}}'
    )
    return Path("c.json")


@pytest.mark.parametrize("options", [("--focal", 900), ("--fov", 2 * 35.4171), ("--camera",)])
def test_people_are_placed_by_a_camera(
    walk: tuple[Path, Camera, np.ndarray], options: tuple[Any, ...]
) -> None:
    keypoints, camera, _ = walk
    if options == ("--camera",):
        options = ("--camera", calibration(camera), "cam")
    assert run(keypoints, "--output", "p.npz", "--place", *options) == 0
    for poses in load_poses("p.npz"):
        truth = TrueLifter.poses[poses.person]
        # Exact keypoints at 7 m: what a smooth path leaves of the gait, 1 % of the distance.
        np.testing.assert_allclose(poses.positions, truth.positions, atol=0.08)
        assert poses.camera is not None
        np.testing.assert_allclose(poses.camera.focal_length, 900, rtol=1e-4)


def test_the_camera_is_taken_for_granted_and_said(
    walk: tuple[Path, Camera, np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    keypoints, _, _ = walk
    assert run(keypoints, "--output", "p.npz", "--place") == 0
    assert "a camera that sees 60 degrees over the longer side" in capsys.readouterr().out
    run(keypoints, "--output", "p.npz", "--place", "--json")
    assert json.loads(capsys.readouterr().out)["assumed"].startswith(
        "Assumed a camera that sees 60"
    )
    run(keypoints, "--output", "p.npz", "--place", "--fov", "60", "--json")
    assert json.loads(capsys.readouterr().out)["assumed"] is None
    run(keypoints, "--output", "p.npz", "--place")
    poses = load_poses("p.npz")[0]
    # Its focal length is 1108.5 pixels instead of 900: everything is as many times farther.
    ratio = poses.positions[:, 0, 2] / TrueLifter.poses["a"].positions[:, 0, 2]
    np.testing.assert_allclose(ratio, 640 * np.sqrt(3) / 900, rtol=0.02)
    run(keypoints, "--output", "p.npz", "--place", "--fov", "70")
    assert "taken to see" not in capsys.readouterr().out


def test_on_the_floor_with_a_known_height(walk: tuple[Path, Camera, np.ndarray]) -> None:
    keypoints, camera, world = walk
    options = ("--camera", calibration(camera), "cam", "--person", 0)
    assert run(keypoints, "--output", "p.npz", "--floor", *options, "--height", 1.9) == 0
    (poses,) = load_poses("p.npz")
    assert (poses.axes, poses.root_relative) == ("world", False)
    assert stature(poses) == pytest.approx(1.9, abs=0.01)
    standing = foot_contacts(poses).standing
    assert standing.mean() > 0.3
    ankles = poses.positions[:, [HUMAN36M_17.index(f"{s}_ankle") for s in ("left", "right")]]
    speeds = np.linalg.norm(np.diff(ankles, axis=0), axis=-1) * poses.fps
    assert np.median(speeds[standing[1:] & standing[:-1]]) < 0.02
    np.testing.assert_allclose(ankles[standing][:, 2], 0.039 * 1.9, atol=0.02)
    # The path is as long as the true one, scaled, but that generated walkers' feet slide a little.
    scale = 1.9 / stature(TrueLifter.poses["a"])
    walked, true = (np.linalg.norm(p[-1, 0, :2] - p[0, 0, :2]) for p in (poses.positions, world))
    assert walked == pytest.approx(scale * true, rel=0.1)


@pytest.mark.parametrize("option", ["--up", "--attitude"])
def test_people_are_levelled_by_a_stated_direction(
    walk: tuple[Path, Camera, np.ndarray], option: str
) -> None:
    keypoints, camera, world = walk
    values = camera.up
    if option == "--attitude":
        values = np.degrees([np.arcsin(-camera.up[2]), np.arctan2(-camera.up[0], -camera.up[1])])
    assert run(keypoints, "--output", "p.npz", "--level", option, *values) == 0
    (given,) = TrueLifter.known
    assert given["camera"] is None
    np.testing.assert_allclose(given["up"], camera.up, atol=1e-6)
    heights = load_poses("p.npz")[0].positions[..., 2]
    np.testing.assert_allclose(heights, world[..., 2] - world[:, :1, 2], atol=1e-3)


def test_what_is_known_of_the_camera_is_told_to_models_of_the_canonical_view(
    walk: tuple[Path, Camera, np.ndarray],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keypoints, camera, _ = walk
    options = (keypoints, "--output", "p.npz", "--camera", calibration(camera), "cam")
    assert run(*options) == 2
    expected = "--camera goes with --place, --floor or a model of the canonical view"
    assert expected in capsys.readouterr().err
    monkeypatch.setattr(TrueLifter, "canonical", True)
    assert run(*options) == 0
    (given,) = TrueLifter.known
    np.testing.assert_allclose(given["up"], camera.up, atol=1e-6)
    np.testing.assert_allclose(given["camera"].focal_length, 900)
    assert run(keypoints, "--output", "p.npz", "--up", 0, 0, 0) == 2
    assert "--up: expected a direction, such as 0 -1 0, got 0 0 0" in capsys.readouterr().err
    # Single precision does not hold its square.
    assert run(keypoints, "--output", "p.npz", "--up", "1e300", "inf", 0) == 2
    assert "--up: expected a direction, such as 0 -1 0, got 1e+300 inf 0" in capsys.readouterr().err


def test_all_people_are_levelled_by_one_direction(walk: tuple[Path, Camera, np.ndarray]) -> None:
    keypoints, _, _ = walk
    assert run(keypoints, "--output", "p.npz", "--level") == 0
    one, other = load_poses("p.npz")
    assert (one.axes, one.root_relative) == ("world", True)
    # Both walk alike, so that they look alike: turned by one rotation.
    np.testing.assert_allclose(one.positions, other.positions, atol=1e-3)


def test_fit_and_rigid_reach_the_lifter(walk: tuple[Path, Camera, np.ndarray]) -> None:
    for flags in (["--rigid"], ["--no-fit"], []):
        assert run(walk[0], "--output", "p.npz", *flags) == 0
    assert TrueLifter.asked == [
        {"fit": True, "rigid": True},
        {"fit": False, "rigid": False},
        {"fit": True, "rigid": False},
    ]


def test_one_file_each_and_how_near_it_comes(
    walk: tuple[Path, Camera, np.ndarray],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    for person, poses in TrueLifter.poses.items():
        noise = rng.normal(0, 0.01, poses.positions.shape)
        TrueLifter.poses[person] = PoseSequence(
            poses.positions + noise, HUMAN36M_17, poses.fps, root_relative=False, person=person
        )
    options = ("--place", "--focal", 900, "--unit", "cm", "--names", "mixamo")
    assert run(walk[0], "--output", "p.bvh", *options) == 0
    out = capsys.readouterr().out
    assert "Poses in p_0.bvh" in out and "Poses in p_1.bvh" in out
    assert "mm from the poses on average" in out and "lift --rigid" in out
    # Fitted poses keep their bones' lengths without it.
    monkeypatch.setattr(TrueLifter, "canonical", True)
    assert run(walk[0], "--output", "p.bvh", *options) == 0
    assert capsys.readouterr().out.count("--rigid") == 0
    lines = Path("p_1.bvh").read_text().splitlines()
    assert lines[1] == "ROOT mixamorig:Hips"
    # The root is metres away from the camera, in centimetres.
    root = np.array([float(cell) for cell in lines[-1].split()[:3]])
    assert np.linalg.norm(root) > 300


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fov", 60), "--fov goes with --place, --floor or a model"),
        (
            ("--place", "--fov", 200),
            "--fov: expected a field of view of 0.1 to 179 deg",
        ),
        (("--place", "--focal", 0.001), "camera '--focal': focal length 0.001 of 1280 pixels"),
        (("--place", "--focal", 1e12), "a field of view of 0.1 to 179 degrees, got 7."),
        (("--attitude", 0, "nan"), "--attitude: expected degrees from -360 to 360, got 0 nan"),
        (("--attitude", 1e300, 0), "--attitude: expected degrees from -360 to 360, got 1e+300 0"),
        (("--place", "--focal", 26), "--focal: expected a focal length in pixels, got 26"),
        (("--place", "--focal", -1), "focal lengths must be positive"),
        (("--place", "--camera", "none.toml"), "none.toml: no such file"),
        (("--place", "--height", 1.8), "--height is one person's, and here are 2"),
        (
            ("--height", 180, "--person", 0),
            "--height: expected a person's height of 0.3 to 3",
        ),
        (("--unit", "cm"), "expected a unit that its format can have"),
        (("--names", "vrm"), "names of a rig go to a file that ends in .bvh, .glb"),
    ],
)
def test_what_cannot_be_is_said_before_the_work(
    walk: tuple[Path, Camera, np.ndarray],
    capsys: pytest.CaptureFixture[str],
    options: tuple[Any, ...],
    message: str,
) -> None:
    assert run(walk[0], "--output", "p.npz", *options) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not TrueLifter.asked and not Path("p.npz").exists()
