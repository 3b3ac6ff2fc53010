"""The verb ``evaluate`` with a stand-in for the model: its protocols, reports and plots."""

import dataclasses
import json

import numpy as np
import pytest

from anatomy_tf import inference
from anatomy_tf.cli.evaluate import distinct_names
from anatomy_tf.cli.main import main
from anatomy_tf.evaluation import Mpi3dhpReport, Report
from anatomy_tf.evaluation.detected_clips import DetectionReport
from anatomy_tf.formats import save_poses
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17

EXPERIMENT = """
import dataclasses
import numpy as np
from anatomy_tf.data import SequenceStore, View
from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.skeletons import HUMAN36M_17, MPI_INF_3DHP_17
from anatomy_tf.training import TrainingConfig

@dataclasses.dataclass(frozen=True)
class Data:
    name: str = ""
    detections: str = "annotations"
    version: str = "tiny 1.0.0"

    def load(self):
        return self.load_test(), self.load_test()

    def load_test(self):
        mpi = self.name.startswith("mpi_inf_3dhp")
        clips = [("S9", "Walking 1"), ("S11", "Eating")]
        if mpi:
            clips = [("TS1", "TS1"), ("TS5", "TS5")]
        rng = np.random.default_rng(0)
        views = []
        for subject, action in clips:
            positions = rng.normal([0, 0, 4], 0.3, (1, 17, 3)) + np.zeros((30, 1, 1))
            views.append(View(
                keypoints=positions[..., :2] / positions[..., 2:],
                visibility=np.ones((30, 17)), positions=positions,
                intrinsics=np.array([1, 1, 0, 0, 0, 0, 0, 0, 0.0]),
                skeleton=MPI_INF_3DHP_17 if mpi else HUMAN36M_17, fps=25,
                subject=subject, action=action, clip=action, camera="0",
                valid=np.arange(30) > 4,
                activity=np.where(np.arange(30) < 20, 1, 3).astype(np.uint8) if mpi else None,
            ))
        return SequenceStore.from_views(views)

config = TrainingConfig(
    model=VideoPoseConfig(filter_widths=(3,), channels=4), data=Data(), epochs=1, batch_size=8
)
"""


class StandIn:
    """A model file is not read."""

    @staticmethod
    def load(path):
        return StandIn()


def off_by_100_mm(lifter, store, flip):
    """The truth, with both wrists 100 mm off in x from frame 20 on."""
    for index in range(len(store)):
        positions = store.positions[store.offsets[index] : store.offsets[index + 1]].copy()
        wrists = [store.skeleton.index(f"{side}_wrist") for side in ("left", "right")]
        positions[20:, wrists, 0] += 0.1
        yield positions


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "Lifter", StandIn)
    monkeypatch.setattr(inference, "store_estimates", off_by_100_mm)
    experiment = tmp_path / "tiny.py"
    experiment.write_text(EXPERIMENT)
    models = [tmp_path / "one.keras", tmp_path / "two.keras"]
    for model in models:
        model.touch()

    def evaluate(*options, count=1):
        given = [part for model in models[:count] for part in ("--model", str(model))]
        return main(["evaluate", str(experiment), *given, *options])

    return evaluate


FORMS = {"report.json", "report.md", "report.csv", "report.tex"}
PLOTS = {"actions.png", "error_over_time.png", "worst_frames.png"}


def test_a_data_set_without_a_protocol_is_scored_plainly(run, tmp_path):
    pytest.importorskip("matplotlib")
    assert run("--folder", str(tmp_path / "out")) == 0
    own = tmp_path / "out" / "one"
    assert {path.name for path in own.iterdir()} == FORMS | PLOTS
    report = Report.from_json((own / "report.json").read_text())
    # 10 of 25 valid frames have 2 of 17 joints off by 100 mm.
    assert report.mean_over_frames["mpjpe"] == pytest.approx(100 * 2 / 17 * 10 / 25, rel=1e-4)
    assert "Human3.6M: an action" not in report.rules
    assert {
        "2D source": "annotations",
        "flip": "averaged",
        "data version": "tiny 1.0.0",
        "model": str(tmp_path / "one.keras"),
    }.items() <= report.conditions.items()


@pytest.mark.parametrize(
    ("models", "names"),
    [
        (["a/one.keras", "a/two.keras", "compact"], ["one", "two", "compact"]),
        (["a/best.keras", "b/best.keras"], ["a-best", "b-best"]),
        (["r/a/x/best.keras", "r/b/x/best.keras"], ["a-x-best", "b-x-best"]),
        (["a/best.keras", "a/best"], ["best-1", "best-2"]),
        (["../best.keras", "best.keras"], ["work-best", "here-best"]),
    ],
)
def test_models_of_the_same_file_name_have_folders_of_their_own(
    tmp_path, monkeypatch, models, names
):
    (tmp_path / "work" / "here").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work" / "here")
    found = distinct_names(models)
    assert len(set(found)) == len(models)
    assert [name[-len(end) :] for name, end in zip(found, names, strict=True)] == names


def test_brackets_in_a_models_name_are_no_markup(run, tmp_path, capsys):
    folder = tmp_path / "[1]" / "[" / "x]"
    folder.mkdir(parents=True)
    (tmp_path / "one.keras").rename(folder / "[red].keras")
    model = str(folder / "[red].keras")
    assert main(["evaluate", str(tmp_path / "tiny.py"), "--model", model]) == 0
    out = capsys.readouterr().out
    assert "[1]/[/x]/[red].keras" in "".join(line.rstrip() for line in out.splitlines())


def test_no_report_overwrites_another(run, tmp_path):
    pytest.importorskip("matplotlib")
    other = tmp_path / "other" / "one.keras"
    other.parent.mkdir()
    other.touch()
    assert run("--model", str(other), "--folder", str(tmp_path / "out")) == 0
    reports = {
        path.name: Report.from_json((path / "report.json").read_text()).conditions["model"]
        for path in (tmp_path / "out").iterdir()
    }
    assert reports == {
        f"{tmp_path.name}-one": str(tmp_path / "one.keras"),
        "other-one": str(other),
    }


def test_human36m_by_the_datas_name(run, tmp_path):
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    assert run("--set", "data.name=human36m/cpn", "--no-flip", "--folder", str(out)) == 0
    report = Report.from_json((out / "one" / "report.json").read_text())
    assert list(report.actions) == ["Eating", "Walking"] and "Human3.6M" in report.rules
    assert report.conditions["incomplete"].startswith("without Directions")
    assert report.conditions["flip"] == "no"


@pytest.mark.slow
def test_mpi_inf_3dhp_has_pck_activities_and_variants(run, tmp_path):
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    options = ("--set", "data.name=mpi_inf_3dhp/measured", "--folder", str(out))
    assert run(*options, "--variant", "millimetre_steps", count=2) == 0
    assert {path.name for path in (out / "two").iterdir()} == FORMS | PLOTS | {"pck_curve.png"}
    text = (out / "one" / "report.json").read_text()
    report = Mpi3dhpReport.from_json(text)
    assert report.variant.name == "millimetre_steps"
    assert report.conditions["3D annotation"] == "annot3"
    # Frames 5 to 19 are right; from 20 on 2 of 14 joints are off.
    assert list(report.activities) == ["Standing/Walking", "Sitting"]
    assert [scores.frames for scores in report.activities.values()] == [30, 20]
    assert report.activities["Standing/Walking"]["mpjpe"] == pytest.approx(0, abs=1e-3)
    assert report.activities["Sitting"]["mpjpe"] == pytest.approx(100 * 2 / 14, rel=1e-4)
    assert json.loads(text)["total"]["pck"] == 100


def test_a_named_protocol_goes_before_the_datas(run, capsys):
    assert run("--set", "data.name=human36m/cpn", "--protocol", "plain", count=2) == 0
    out = capsys.readouterr().out
    assert "Comparison" in out and "Human3.6M: an action" not in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--protocol", "best"), "unknown protocol 'best'; known are auto, plain, human36m, mpi"),
        (("--variant", "inclusive"), "protocol plain: unknown variant 'inclusive'; known are none"),
        (("--protocol", "mpi_inf_3dhp", "--variant", "x"), "known are official, inclusive"),
    ],
)
def test_wrong_choices_are_one_line(run, capsys, options, message):
    assert run(*options) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1


class Standing:
    """Lifts everybody to the truth of ``real_archive``, half as large."""

    @staticmethod
    def load(path):
        return Standing()

    def lift(self, keypoints, *, flip):
        poses = np.broadcast_to(BODY / 2, (len(keypoints), *BODY.shape))
        return PoseSequence(poses, HUMAN36M_17, keypoints.fps)


BODY = np.random.default_rng(0).normal(0, 0.4, (17, 3))


@pytest.fixture
def real_archive(tmp_path):
    path = tmp_path / "real.npz"
    named = dict(zip(HUMAN36M_17.joint_names, BODY, strict=True))
    points = np.array([named.get(name, np.full(3, np.nan)) for name in COCO_17.joint_names])
    np.savez(
        path,
        keypoints_0=np.full((2, 30, 17, 3), 0.5),
        points_0=np.broadcast_to(points, (2, 30, 17, 3)),
        joint_names=np.array(COCO_17.joint_names),
        image_size=np.array([640, 480]),
        fps=np.array(30.0),
        camera_names=np.array(["front", "side"]),
    )
    return path


@pytest.fixture
def on(tmp_path, monkeypatch, real_archive):
    monkeypatch.setattr(inference, "Lifter", Standing)
    models = [tmp_path / "one.keras", tmp_path / "two.keras"]
    for model in models:
        model.touch()

    def evaluate(*options, count=1):
        given = [part for model in models[:count] for part in ("--model", str(model))]
        return main(["evaluate", *given, "--on", str(real_archive), *options])

    return evaluate


def test_real_detections(on, tmp_path, capsys):
    assert on("--folder", str(tmp_path / "out"), "--no-flip", count=2) == 0
    out = capsys.readouterr().out
    assert "Comparison, all clips" in out and "front" in out
    assert {path.name for path in (tmp_path / "out" / "two").iterdir()} == FORMS
    report = DetectionReport.from_json((tmp_path / "out" / "one" / "report.json").read_text())
    assert report.overall["clip_n_mpjpe"] == pytest.approx(0, abs=1e-3)
    assert len(report.joint_names) == 12 and list(report.groups["camera"]) == ["front", "side"]
    stated = {"model": str(tmp_path / "one.keras"), "detections": "real.npz", "flip": "no"}
    assert stated.items() <= report.conditions.items()


def test_an_experiment_or_detections(on, run, capsys, real_archive):
    assert run("--on", str(real_archive)) == 2
    assert "expected an experiment's file, or detections with --on" in capsys.readouterr().err
    assert main(["evaluate", "--model", "compact"]) == 2
    assert "or detections with --on" in capsys.readouterr().err
    assert on("--protocol", "human36m") == 2
    assert "--protocol belongs to an experiment, not to --on" in capsys.readouterr().err
    assert main(["evaluate", "--on", str(real_archive)]) == 2
    assert "expected at least one model" in capsys.readouterr().err


@pytest.fixture
def pose_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    positions = np.random.default_rng(0).normal(0, 0.4, (6, 17, 3))
    poses = PoseSequence(positions, HUMAN36M_17, 50).relative_to_root()
    save_poses("poses.npz", poses)
    # TRC is in world axes.
    save_poses("true.trc", poses)
    save_poses("later.trc", dataclasses.replace(poses, first_frame=9))


@pytest.mark.usefixtures("pose_files")
def test_a_file_of_poses_against_the_true_one(tmp_path, capsys):
    assert main(["evaluate", "--poses", "poses.npz", "--truth", "true.trc", "--folder", "out"]) == 0
    assert "poses: poses.npz" in " ".join(capsys.readouterr().out.split())
    assert {path.name for path in (tmp_path / "out" / "poses").iterdir()} == FORMS
    report = Report.from_json((tmp_path / "out" / "poses" / "report.json").read_text())
    assert report.mean_over_frames["mpjpe"] == pytest.approx(0, abs=0.01)
    assert report.conditions["truth"] == "true.trc"


@pytest.mark.usefixtures("pose_files")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--poses poses.npz", "expected --poses FILE and --truth FILE, got one of them"),
        ("--truth true.trc", "expected --poses FILE and --truth FILE, got one of them"),
        ("--poses poses.npz --truth later.trc", "no frame is seen in the poses and in the true"),
        ("--poses poses.npz --truth no.trc", "no.trc: no such file"),
        (
            "--poses poses.npz --truth true.trc --model compact",
            "--model does not go with --poses and --truth",
        ),
        ("--poses poses.npz --truth true.trc --no-flip", "--no-flip does not go with --poses and"),
        ("x.py --poses poses.npz --truth true.trc", "EXPERIMENT does not go with --poses and"),
    ],
)
def test_files_that_cannot_be_compared_are_one_line(options, message, tmp_path, capsys):
    assert main(["evaluate", *options.split(), "--folder", "out"]) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1
    assert not (tmp_path / "out").exists()
