import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import anatomy_tf.inference
from anatomy_tf.cli.main import main
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_poses, save_keypoints
from anatomy_tf.inference import find_model
from anatomy_tf.poses.smoothing import smooth
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons.layouts import HUMAN36M_17

LENGTHS = np.linspace(0.1, 0.4, 16, dtype=np.float32)


class FlatLifter:
    """Stands in for the network: a pose is the keypoints in units of 1000 px, at depth 0."""

    calls: list[tuple[str, str, bool]]
    fits: list[bool]
    seen: list[KeypointSequence]
    canonical = False

    def __init__(self, model: str) -> None:
        self.model = model

    @classmethod
    def load(cls, name_or_path: str) -> "FlatLifter":
        find_model(name_or_path)
        return cls(name_or_path)

    def lift(
        self,
        keypoints: KeypointSequence,
        flip: bool = True,
        fit: bool = True,
        uncertainty: bool = False,
        rigid: bool = False,
    ) -> PoseSequence:
        self.calls.append((self.model, keypoints.person, flip))
        self.fits.append(fit)
        self.seen.append(keypoints)
        points = keypoints.mapped(HUMAN36M_17).filled().keypoints / 1000
        positions = np.concatenate([points, np.zeros_like(points[..., :1])], axis=-1)
        return PoseSequence(
            positions,
            HUMAN36M_17,
            keypoints.fps,
            bone_lengths=LENGTHS,
            person=keypoints.person,
            first_frame=keypoints.first_frame,
            warnings=keypoints.warnings,
            seen=keypoints.seen,
        ).relative_to_root()

    def lift_all(
        self, clips: list[KeypointSequence], *, up: None, camera: None, **arguments: bool
    ) -> list[PoseSequence]:
        return [self.lift(keypoints, **arguments) for keypoints in clips]


@pytest.fixture(autouse=True)
def lifter(monkeypatch: pytest.MonkeyPatch) -> type[FlatLifter]:
    FlatLifter.calls, FlatLifter.fits, FlatLifter.seen = [], [], []
    monkeypatch.setattr(anatomy_tf.inference, "load_lifter", FlatLifter.load, raising=False)
    return FlatLifter


def clip(person: str, size: float, frames: int = 5) -> KeypointSequence:
    rng = np.random.default_rng(0)
    return KeypointSequence(
        (rng.random((frames, 17, 2)) * size).astype(np.float32),
        np.ones((frames, 17), np.float32),
        HUMAN36M_17,
        50.0,
        640,
        480,
        person,
    )


@pytest.fixture
def two_people(tmp_path: Path) -> Path:
    path = tmp_path / "keypoints.npz"
    save_keypoints(path, [clip("small", 100), clip("large", 300)])
    return path


def run(*arguments: Any) -> int:
    return main(["lift", *map(str, arguments)])


def test_everyone_is_lifted_by_default(
    two_people: Path, lifter: type[FlatLifter], capsys: pytest.CaptureFixture[str]
) -> None:
    output = two_people.parent / "poses.npz"
    assert run(two_people, "--output", output) == 0
    assert lifter.calls == [("compact", "small", True), ("compact", "large", True)]
    assert lifter.fits == [True, True]
    first, second = load_poses(output)
    assert (len(first), first.fps, first.axes, first.root_relative) == (5, 50, "camera", True)
    assert (first.person, second.person) == ("small", "large")
    assert second.bone_lengths is not None
    np.testing.assert_array_equal(second.bone_lengths, LENGTHS)
    out = capsys.readouterr().out
    assert str(output) in out
    assert "2 people, 5 frames at 50 fps" in out
    assert "frames a second" in out
    # 0.1 m and 0.4 m are the first and last bone's lengths.
    assert "10.0" in out and "40.0" in out
    assert all(name in out for name in HUMAN36M_17.bone_names)


@pytest.mark.parametrize(
    ("choice", "lifted"),
    [
        (["--person", "0"], ["small"]),
        (["--person", "1"], ["large"]),
        (["--largest"], ["large"]),
        (["--all"], ["small", "large"]),
    ],
)
def test_choice_of_people(
    two_people: Path, lifter: type[FlatLifter], choice: list[str], lifted: list[str]
) -> None:
    assert run(two_people, "--output", two_people.parent / "p.npz", *choice) == 0
    assert [person for _, person, _ in lifter.calls] == lifted


def test_model_flip_and_fit_reach_the_lifter(two_people: Path, lifter: type[FlatLifter]) -> None:
    output = two_people.parent / "p.npz"
    model = two_people.parent / "m.keras"
    model.touch()
    asked = ["--model", model, "--no-flip", "--no-fit", "--largest"]
    assert run(two_people, "--output", output, *asked) == 0
    assert (lifter.calls, lifter.fits) == ([(str(model), "large", False)], [False])


def test_points_of_any_score_count_unless_a_least_one_is_asked_for(
    tmp_path: Path, lifter: type[FlatLifter]
) -> None:
    scores = np.full((5, 17), 0.2)
    scores[:, 3] = 0.1
    save_keypoints(tmp_path / "k.npz", [dataclasses.replace(clip("0", 100), visibility=scores)])
    for asked, lost in (([], 0), (["--min-score", "0.15"], 5)):
        assert run(tmp_path / "k.npz", "--output", tmp_path / "p.npz", *asked) == 0
        assert np.isnan(lifter.seen[-1].keypoints[..., 0]).sum() == lost


def test_json_and_quiet(two_people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = two_people.parent / "p.npz"
    capsys.readouterr()
    assert run(two_people, "--output", output, "--quiet") == 0
    assert capsys.readouterr().out == ""
    assert run(two_people, "--output", output, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [str(output)]
    for clip, person in zip(load_poses(output), told["people"], strict=True):
        stated = (person["person"], person["frames"], person["fps"], person["first_frame"])
        assert stated == (clip.person, len(clip), clip.fps, clip.first_frame)
        assert person["bone_lengths"] is None or len(person["bone_lengths"]) == 16


def test_existing_output_is_replaced(two_people: Path) -> None:
    output = two_people.parent / "p.npz"
    output.write_text("old")
    assert run(two_people, "--output", output) == 0
    assert len(load_poses(output)) == 2


def test_poses_without_estimated_lengths(
    two_people: Path,
    lifter: type[FlatLifter],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "LENGTHS", None)
    output = two_people.parent / "p.npz"
    assert run(two_people, "--output", output) == 0
    assert [p.bone_lengths for p in load_poses(output)] == [None, None]
    assert "bone lengths" not in capsys.readouterr().out


def test_options_that_people_try(
    tmp_path: Path, lifter: type[FlatLifter], capsys: pytest.CaptureFixture[str]
) -> None:
    points = np.random.default_rng(0).uniform(100, 400, (8, 17, 3))
    points[..., 2] = 0.9
    points[:, 9, 2] = 0.2
    entries = [
        {"image_id": f"{t + 20}.jpg", "keypoints": p.ravel().tolist(), "idx": 0}
        for t, p in enumerate(points)
    ]
    twice = [*entries, {**entries[0], "keypoints": (points[0] + (150, 0, 0)).ravel().tolist()}]
    path, output = tmp_path / "a.json", tmp_path / "p.npz"
    path.write_text(json.dumps(entries))
    stated = ["--image-size", "1088", "1920", path, "--fps", "30000/1001", "--output", output]
    assert run(*stated, "--min-score", "0.5", "--first-frame", "18") == 0
    (poses,) = load_poses(output)
    assert (len(poses), poses.first_frame) == (10, 18)
    assert poses.fps == pytest.approx(30000 / 1001)
    assert "10 frames at 29.97 fps from frame 18 on" in capsys.readouterr().out
    assert run(*stated, "--first-frame", "18", "--json") == 0
    (person,) = json.loads(capsys.readouterr().out)["people"]
    assert (person["frames"], person["frames_seen"], person["first_frame"]) == (10, 8, 18)
    for size in ("1088X1920", "1088,1920", "1088 1920"):
        assert run(path, "--output", output, "--fps", "30", "--image-size", size) == 0
    assert {(keypoints.width, keypoints.height) for keypoints in lifter.seen} == {(1088, 1920)}
    path.write_text(json.dumps(twice))
    capsys.readouterr()
    assert run(path, "--output", output, "--fps", "30", "--image-size", "1088x1920", "--all") == 0
    doubt = "two people of one frame are named 0 (detection 8): people are followed by their places"
    assert f"anatomy-tf: warning: person 0, 1: {doubt}" in capsys.readouterr().err.splitlines()


def test_table_stays_within_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_keypoints(tmp_path / "k.npz", [clip(str(person), 100) for person in range(6)])
    assert run(tmp_path / "k.npz", "--output", tmp_path / "p.npz") == 0
    assert len(load_poses(tmp_path / "p.npz")) == 6
    out = capsys.readouterr().out
    assert "person 3" in out and "person 4" not in out
    assert "and 2 more people in the file" in out
    assert max(len(line) for line in out.splitlines() if "│" in line) <= 80


def test_sample(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = shared / "data/openpose_sample"
    stated = ["--fps", "60", "--image-size", "1088x1920", "--layout", "body_25b"]
    output = tmp_path / "poses.npz"
    assert run(sample, "--output", output, *stated, "--format", "openpose") == 0
    assert [p.positions.shape for p in load_poses(output)] == [(100, 17, 3), (100, 17, 3)]
    assert "2 people, 100 frames at 60 fps" in capsys.readouterr().out


def refused(arguments: list[Any], capsys: pytest.CaptureFixture[str], folder: Path) -> str:
    """The one line on stderr of a run that must fail and leave the folder as it was."""
    before = {p: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("anatomy-tf: error: ")
    assert err.count("\n") == 1
    assert {p: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before
    return err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.npz", "--output", "p.npz"], "missing.npz: no such file"),
        (["keypoints.npz", "--output", "p.npy"], "p.npy: expected an output file that ends in"),
        (["keypoints.npz", "--output", "none/p.npz"], "there is no folder"),
        (["keypoints.npz", "--output", "keypoints.npz"], "is the input"),
        (["keypoints.npz", "--video", "v.mp4", "--output", "v.mp4"], "v.mp4: is the input"),
        (["keypoints.npz", "--camera", "c.json", "--output", "c.json"], "c.json: is the input"),
        (["keypoints.npz", "--output", "p.npz", "--person", "2"], "--person: expected 0..1, got 2"),
        (["keypoints.npz", "--output", "p.npz", "--person", "-1"], "expected 0..1, got -1"),
        (["keypoints.npz", "--output", "p.npz", "--image-size", "640"], "WIDTHxHEIGHT"),
        (["keypoints.npz", "--output", "p.npz", "--image-size", "0x5"], "16 to 65,536"),
        (["keypoints.npz", "--output", "p.npz", "--fps", "nan"], "--fps: expected a frame rate of"),
        (["keypoints.npz", "--output", "p.npz", "--fps", "1/0"], "--fps: expected a number or fr"),
        (["keypoints.npz", "--output", "p.npz", "--fps", "0.001"], "of 1 to 1,000 frames a second"),
        (
            ["keypoints.npz", "--output", "p.npz", "--min-score", "2"],
            "--min-score (min_score=): exp",
        ),
        (
            ["keypoints.npz", "--output", "p.npz", "--normalized", "0"],
            "--normalized (normalized=): ",
        ),
        (["keypoints.npz", "--output", "p.npz", "--first-frame", "5"], "a first frame from 0 to 4"),
        (["keypoints.npz", "--output", "p.npz", "--layout", "body"], "unknown skeleton 'body'"),
        (["keypoints.npz", "--output", "p.npz", "--format", "tsv"], "unknown format 'tsv'"),
        (["keypoints.npz", "--output", "p.npz", "--model", "missing"], "no model 'missing'"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    two_people: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(two_people.parent)
    for other in ("v.mp4", "c.json"):
        Path(other).write_bytes(b"a video or a camera")
    assert message in refused(arguments, capsys, two_people.parent)


def test_openpose_flags_are_asked_for_one_after_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "json"
    folder.mkdir()
    values = np.stack([np.arange(25.0) + 1, np.arange(25.0) + 1, np.full(25, 0.5)], axis=1)
    # Too few joints to tell BODY_25 from BODY_25B.
    values[6:] = 0
    people = [{"pose_keypoints_2d": values.ravel().tolist()}]
    (folder / "0.json").write_text(json.dumps({"people": people}))
    arguments: list[Any] = [folder, "--output", tmp_path / "p.npz"]
    for flag, value in (("--layout", "body_25b"), ("--fps", "30"), ("--image-size", "64x48")):
        assert flag in refused(arguments, capsys, tmp_path)
        arguments += [flag, value]
    assert run(*arguments) == 0


def test_the_video_says_rate_and_size(tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    video = tmp_path / "recording.mp4"
    writer = ffmpeg.write_frames(str(video), (64, 48), fps=20, ffmpeg_log_level="error")
    writer.send(None)
    for _ in range(3):
        writer.send(np.zeros((48, 64, 3), np.uint8))
    writer.close()
    path = tmp_path / "k.json"
    person = [[[10.0 + j, 2.0 * j] for j in range(17)]]
    path.write_text(json.dumps([{"keypoints": person, "scores": [[0.5] * 17]}] * 3))
    output = tmp_path / "p.npz"
    assert run(path, "--output", output) == 2
    assert run(path, "--output", output, "--video", video) == 0
    assert load_poses(output)[0].fps == 20
    assert run(video, "--output", output, "--video", video, "--detector", "mediapipe") == 2


def test_network_that_fails_leaves_nothing(
    two_people: Path,
    lifter: type[FlatLifter],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def lift(self: FlatLifter, keypoints: KeypointSequence, **arguments: bool) -> PoseSequence:
        raise AnatomyError("layout has nothing to stand for hip")

    monkeypatch.setattr(lifter, "lift", lift)
    output = two_people.parent / "p.npz"
    output.write_text("old")
    assert "stand for hip" in refused([two_people, "--output", output], capsys, two_people.parent)


def test_one_of_person_largest_all(two_people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [two_people, "--output", two_people.parent / "p.npz", "--largest", "--all"]
    message = refused(arguments, capsys, two_people.parent)
    assert "expected one of --largest and --all, got both" in message


@pytest.mark.slow
def test_bad_input_needs_no_tensorflow(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from anatomy_tf.cli.main import main\n"
        f"code = main(['lift', {str(tmp_path)!r}, '--output', 'p.npz'])\n"
        "print(code, 'tensorflow' in sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert result.stdout == "2 False\n"
    assert "an empty folder; expected .json or .txt files" in result.stderr


def test_poses_are_smoothed_by_name(two_people: Path) -> None:
    plain, smoothed = two_people.with_name("plain.npz"), two_people.with_name("smooth.npz")
    assert run(two_people, "--output", plain) == 0
    assert run(two_people, "--output", smoothed, "--smooth", "butterworth:6") == 0
    for before, after in zip(load_poses(plain), load_poses(smoothed), strict=True):
        expected = smooth(before, "butterworth", 6.0).positions
        np.testing.assert_allclose(after.positions, expected, atol=1e-6)
        assert np.abs(after.positions - before.positions).max() > 0.01


def test_uncertainty_is_asked_for_and_written(
    two_people: Path, lifter: type[FlatLifter], monkeypatch: pytest.MonkeyPatch
) -> None:
    lift = FlatLifter.lift

    def unsure(self: FlatLifter, keypoints: KeypointSequence, **arguments: bool) -> PoseSequence:
        poses = lift(self, keypoints, **arguments)
        spread = np.full(poses.positions.shape[:2], 0.01 if arguments["uncertainty"] else np.nan)
        return dataclasses.replace(poses, spread=spread)

    monkeypatch.setattr(lifter, "lift", unsure)
    output = two_people.with_name("p.json")
    assert run(two_people, "--output", output, "--uncertainty") == 0
    for poses in load_poses(output):
        assert poses.spread is not None
        np.testing.assert_allclose(poses.spread, 0.01)


def test_options_of_pose_files_are_not_for_drawings(
    two_people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = two_people.with_name("v.html")
    for option in (["--unit", "cm"], ["--names", "vrm"], ["--seen-only"], ["--uncertainty"]):
        assert main(["lift", str(two_people), "--output", str(output), *option]) == 2
        error = capsys.readouterr().err
        assert option[0] in error
        assert error.count("\n") == 1
    assert not output.exists()
    assert main(["lift", str(two_people), "--output", str(output)]) == 0
    assert output.read_text().startswith("<!")


@pytest.mark.parametrize(
    ("output", "module"), [("v.png", "matplotlib"), ("v.gif", "PIL"), ("v.mp4", "imageio_ffmpeg")]
)
def test_what_a_drawing_needs_is_asked_for_before_the_lifting(
    two_people: Path,
    lifter: type[FlatLifter],
    output: str,
    module: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert main(["lift", str(two_people), "--output", str(two_people.with_name(output))]) == 2
    assert f"drawing needs {module}, which is not installed" in capsys.readouterr().err
    assert lifter.calls == []


def test_uncertainty_is_for_files_that_keep_it(
    two_people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [two_people, "--output", two_people.with_name("p.trc"), "--largest"]
    message = refused([*arguments, "--uncertainty"], capsys, two_people.parent)
    assert "p.trc: --uncertainty goes to a file that ends in .npz, .json, .csv" in message


def test_warnings_go_to_stderr_once_with_whom_they_are_about(
    tmp_path: Path,
    lifter: type[FlatLifter],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lift = FlatLifter.lift

    def doubted(self: FlatLifter, keypoints: KeypointSequence, **arguments: bool) -> PoseSequence:
        own = (f"{keypoints.person} is bent",) if keypoints.person == "1" else ()
        poses = lift(self, keypoints, **arguments)
        return dataclasses.replace(poses, warnings=("the clip is short", *own))

    monkeypatch.setattr(lifter, "lift", doubted)
    for people, who in ((2, "person 0, 1"), (5, "5 people")):
        save_keypoints(tmp_path / "k.npz", [clip(str(person), 100) for person in range(people)])
        assert run(tmp_path / "k.npz", "--output", tmp_path / "p.npz") == 0
        assert capsys.readouterr().err.splitlines() == [
            f"anatomy-tf: warning: {who}: the clip is short",
            "anatomy-tf: warning: person 1: 1 is bent",
        ]
    assert run(tmp_path / "k.npz", "--output", tmp_path / "p.npz", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [person["warnings"] for person in told["people"][:2]] == [
        ["the clip is short"],
        ["the clip is short", "1 is bent"],
    ]


@pytest.mark.parametrize(
    ("smoother", "message"),
    [("butterworth", "(--smooth): expected NAME:HZ"), ("butterworth:25", "below 25 Hz")],
)
def test_bad_smoothers_are_refused(
    two_people: Path, capsys: pytest.CaptureFixture[str], smoother: str, message: str
) -> None:
    assert run(two_people, "--output", two_people.with_name("p.npz"), "--smooth", smoother) == 2
    assert message in capsys.readouterr().err


def test_names_are_no_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = tmp_path / "k.npz", tmp_path / "take[b].npz"
    save_keypoints(source, [clip("[/a]", 200)])
    assert run(source, "--output", output) == 0
    printed = capsys.readouterr().out
    assert "person [/a]" in printed and "take[b].npz" in printed


@pytest.mark.parametrize(
    "wrong", [["--smooth", "butterwort:6"], ["--uncertainty", "--output", "p.bvh"]]
)
def test_what_cannot_be_is_said_before_a_detector_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: list[str]
) -> None:
    def detects(*_: object, **__: object) -> None:
        raise AssertionError("it started")

    monkeypatch.setattr("anatomy_tf.cli.video_people.video_people", detects)
    monkeypatch.chdir(tmp_path)
    output = [] if "--output" in wrong else ["--output", "p.npz"]
    assert main(["lift", "video.mp4", "--detector", "rtmlib", *output, *wrong]) == 2


def test_people_of_whom_nothing_was_found_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = np.random.default_rng(0).uniform(100, 300, (3, 17, 2))
    both = [
        KeypointSequence(points, np.full((3, 17), score), HUMAN36M_17, 50.0, 640, 480, person)
        for person, score in (("anna", 0.9), ("ghost", 0.03))
    ]
    save_keypoints(tmp_path / "k.npz", both)
    for more in ([], ["--json"], ["--quiet"]):
        command = ["lift", str(tmp_path / "k.npz"), "--output", str(tmp_path / "p.npz"), *more]
        assert main(command) == 0
        assert "left out: ghost" in capsys.readouterr().err
    assert [poses.person for poses in load_poses(tmp_path / "p.npz")] == ["anna"]


def test_where_nobody_was_found_the_lifter_says_so(
    tmp_path: Path, lifter: type[FlatLifter], capsys: pytest.CaptureFixture[str]
) -> None:
    faint = dataclasses.replace(clip("ghost", 100), visibility=np.full((5, 17), 0.03))
    save_keypoints(tmp_path / "k.npz", [faint])
    assert run(tmp_path / "k.npz", "--output", tmp_path / "p.npz") == 0
    assert [person for _, person, _ in lifter.calls] == ["ghost"]
    assert "left out" not in capsys.readouterr().err


def test_what_detectors_need_is_said_before_a_model_loads(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("anatomy_tf.detection.registry.is_installed", lambda package: False)
    video = tmp_path / "walk.mp4"
    video.write_bytes(b"")
    for command in (["lift", str(video)], ["live", str(video)]):
        assert main([*command, "--model", "nobody"]) == 2
        assert "none is installed: pip install" in capsys.readouterr().err
