import keras
import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.data import SequenceStore, render_views
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import Lifter, SpreadCalibration, store_spreads
from anatomy_tf.inference.clip_lifter import ClipInput
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import HUMAN36M_17

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    return AnatomyLifter(filter_widths=(3,), channels=8, sampled_frames=4)


@pytest.fixture(scope="module")
def lifter(trained):
    return Lifter(trained)


@pytest.fixture(scope="module")
def store():
    return SequenceStore.from_views(
        render_views(procedural_motion(people=1, seconds=0.5), cameras_per_clip=1)
    )


def test_the_asked_share_of_errors_is_within_the_curve_at_every_spread():
    rng = np.random.default_rng(0)
    spread = rng.uniform(0.001, 0.05, 20000)
    errors = 3 * spread * np.abs(rng.normal(size=spread.shape))
    calibration = SpreadCalibration.measured(spread.reshape(100, 200), errors.reshape(100, 200))
    within = errors <= calibration(spread)
    assert within.mean() == pytest.approx(0.68, abs=0.02)
    for low in (0.005, 0.02, 0.04):
        among = (spread > low) & (spread < low + 0.01)
        assert within[among].mean() == pytest.approx(0.68, abs=0.05)
    half = SpreadCalibration.measured(spread, errors, within=0.5)
    assert (errors <= half(spread)).mean() == pytest.approx(0.5, abs=0.02)


def test_the_curve_never_falls_and_the_root_stays_sure():
    calibration = SpreadCalibration.measured(np.arange(1, 21) / 100, np.arange(20, 0, -1) / 100)
    assert (np.diff(calibration.errors) >= 0).all()
    found = calibration(np.array([[0.0, 1e-4, 5.0]], np.float32))
    assert found.dtype == np.float32 and found[0, 0] == 0
    assert found[0, 1] == pytest.approx(calibration.errors[0])
    assert found[0, 2] == pytest.approx(calibration.errors[-1])


def test_equal_spreads_are_one_point():
    calibration = SpreadCalibration.measured(np.full(50, 0.01), np.linspace(0, 0.1, 50))
    assert calibration.spreads == (0.01,) and len(calibration.errors) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((), ()), "at least one, got"),
        (((0.1, 0.2), (0.1,)), "as many errors as spreads"),
        (((0.2, 0.1), (0.1, 0.2)), "ascending"),
        (((0.1, 0.3, 0.2), (0.1, 0.2, 0.3)), "ascending"),
        (((0.1, 0.2, 0.3), (0.1, 0.3, 0.2)), "ascending"),
        (((0.1,), (float("nan"),)), "finite"),
        (((0.1,), (float("inf"),)), "finite"),
        (((0.1,), (0.1,), 1.0), "between 0 and 1, got 1.0"),
    ],
)
def test_nonsense_is_refused(arguments, message):
    with pytest.raises(AnatomyError, match=message):
        SpreadCalibration(*arguments)
    with pytest.raises(AnatomyError, match="nothing was measured"):
        SpreadCalibration.measured(np.zeros(0), np.zeros(0))


def test_a_file_keeps_it_and_another_file_is_named(tmp_path):
    calibration = SpreadCalibration((0.01, 0.02), (0.03, 0.1), 0.5)
    calibration.save(tmp_path / "calibration.json")
    assert SpreadCalibration.load(tmp_path / "calibration.json") == calibration
    for content, line in (
        ("{}", "not a spread calibration: expected"),
        ("no JSON", "not a readable JSON file"),
        ('{"spreads": 1, "errors": [1], "within": 0.5}', "spreads: expected a list of n numbers"),
        ('{"spreads": [0, 1], "errors": [1, 1%s], "within": 0.5}' % ("0" * 400), "is too large"),
        ('{"spreads": [1, 0], "errors": [1, 1], "within": 0.5}', "ascending spreads"),
        ('{"spreads": [0, 1], "errors": [1, 1], "within": "a"}', "within: expected a list"),
    ):
        (tmp_path / "other.json").write_text(content)
        with pytest.raises(AnatomyError, match=rf"other\.json: .*{line}"):
            SpreadCalibration.load(tmp_path / "other.json")


def test_spreads_and_errors_of_a_data_set_leave_out_the_root(lifter, store):
    found_of = list(store_spreads(lifter, store))
    assert len(found_of) == len(store)
    first = slice(0, store.offsets[1])
    clip = store.keypoints[first], store.visibility[first]
    found = lifter.estimate(*clip).positions
    off = np.linalg.norm(found - found[:, :1] - store.positions[first], axis=-1)
    estimate, spread, error = found_of[0]
    np.testing.assert_array_equal(estimate.positions, found)
    np.testing.assert_allclose(error, off[:, 1:], atol=1e-6)
    np.testing.assert_allclose(spread, lifter.spread(ClipInput(*clip))[:, 1:], atol=1e-6)
    with pytest.raises(AnatomyError, match="the model's frame rate is 30"):
        other = AnatomyLifter(filter_widths=(3,), channels=4, fps=30.0)
        next(store_spreads(Lifter(other), store))


def test_lifting_gives_the_calibrated_spread(lifter):
    rng = np.random.default_rng(0)
    keypoints = KeypointSequence(
        rng.uniform(100, 900, (12, 17, 2)), np.ones((12, 17)), HUMAN36M_17, 50.0, 1000, 1000
    )
    plain = lifter.lift(keypoints, uncertainty=True)
    calibrated = Lifter(lifter.weights, calibration=SpreadCalibration((0.0, 1.0), (0.5, 2.5)))
    poses = calibrated.lift(keypoints, uncertainty=True)
    np.testing.assert_array_equal(poses.positions, plain.positions)
    np.testing.assert_allclose(poses.spread[:, 1:], 0.5 + 2 * plain.spread[:, 1:], rtol=1e-4)
    assert (poses.spread[:, 0] == 0).all()


def test_the_command_measures_and_lift_finds_the_file(trained, tmp_path, capsys):
    experiment = tmp_path / "experiment.py"
    experiment.write_text(
        "from anatomy_tf.models import AnatomyLifterConfig\n"
        "from anatomy_tf.training import ProceduralData, TrainingConfig\n"
        "config = TrainingConfig(model=AnatomyLifterConfig(filter_widths=(3,), channels=8),\n"
        "    data=ProceduralData(people=1, validation_people=1, seconds=0.5))\n"
    )
    model = tmp_path / "model.keras"
    trained.save(model)
    assert Lifter.load(model).calibration is None
    assert main(["calibrate", str(experiment), "--model", str(model)]) == 0
    assert "68 % of" in capsys.readouterr().out
    found = Lifter.load(model).calibration
    assert found == SpreadCalibration.load(tmp_path / "model.calibration.json")
    assert found.errors[0] > 0
    nowhere = str(tmp_path / "no" / "calibration.json")
    arguments = ["calibrate", str(experiment), "--model", str(model), "--output", nowhere]
    assert main(arguments) == 2
    assert "there is no folder" in capsys.readouterr().err
