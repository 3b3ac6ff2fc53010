"""Checking, preparing, resuming, loading by name."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow_datasets")
pytest.importorskip("cdflib")
pytest.importorskip("importlib_resources")

from anatomy_tf.cli.main import main
from anatomy_tf.data import SequenceStore, View, load
from anatomy_tf.data.datasets.prepared import _view, load_prepared, prepared_folder
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.motion.human36m_metadata import CAMERAS
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf_datasets.cmu_mocap.cmu_mocap_reader import CmuClip, CmuRecordings
from anatomy_tf_datasets.preparation import PARTS, check, prepare

pytestmark = pytest.mark.slow

CMU = Path(__file__).parent / "cmu_mocap/dummy_data"
HUMAN36M = Path(__file__).parent / "human36m/dummy_data"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a data directory with a prepared data set."""
    directory = tmp_path_factory.mktemp("data")
    prepare("cmu_mocap/ground_truth", CMU, directory, workers=1)
    return directory


@pytest.fixture
def cmu(tmp_path):
    shutil.copytree(CMU, tmp_path / "cmu")
    return tmp_path / "cmu"


def views(variant="ground_truth"):
    clips = CmuRecordings(CMU, variant).clips()
    return [
        View(skeleton=HUMAN36M_17, **example) for clip in clips for _, example in clip.examples()
    ]


def test_what_was_prepared_loads_as_it_was_read(data):
    found = load("cmu_mocap/ground_truth", data)
    expected = SequenceStore.from_views(
        sorted(views(), key=lambda v: (v.subject, v.clip, v.camera))
    )
    assert found.skeleton == expected.skeleton and found.fps == expected.fps == 50
    for name in ("subjects", "actions", "clips", "cameras"):
        assert getattr(found, name) == getattr(expected, name)
    arrays = ("keypoints", "visibility", "positions", "root", "offsets", "intrinsics")
    for name in (*arrays, "up", "aspect_ratios"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert found.valid is None
    # The canonical recipe trains on what is known of the camera.
    assert np.isfinite(found.up).all() and np.isfinite(found.aspect_ratios).all()
    # Clips that were read are kept only until the data set is complete.
    assert not (data / PARTS).exists()


def test_views_of_version_1_0_0_have_no_known_up():
    _, example = next(iter(CmuRecordings(CMU, "ground_truth").clips())).examples()[0]
    names = ("subject", "action", "clip", "camera")
    old = {key: value for key, value in example.items() if key not in ("up", "aspect_ratio")}
    old |= {name: old[name].encode() for name in names}
    view = _view(old, dict.fromkeys(names), HUMAN36M_17)
    assert np.isnan(view.up).all() and np.isnan(view.aspect_ratio)


def test_splits_load_alone(data):
    assert set(load("cmu_mocap/ground_truth", data, "train").subjects) == {"cmu_01"}
    assert set(load("cmu_mocap/ground_truth", data, "validation").subjects) == {"cmu_08"}
    with pytest.raises(AnatomyError, match=r"unknown split 'all'; known are .*train"):
        load("cmu_mocap/ground_truth", data, "all")


def test_what_is_not_prepared_says_how(data, tmp_path):
    with pytest.raises(AnatomyError, match="data prepare cmu_mocap/simulated --dir FOLDER --to"):
        load("cmu_mocap", data)
    assert prepared_folder("cmu_mocap/simulated", data) is None
    for name in ("../cmu_mocap", "cmu_mocap/../x", "/etc", "cmu_mocap"):
        with pytest.raises(AnatomyError, match="expected a data set's name"):
            prepared_folder(name, data)


def test_the_newest_version_is_loaded(data, tmp_path):
    for version in ("1.0.0", "1.10.0", "1.9.0", "2.0.0"):
        folder = tmp_path / "cmu_mocap/ground_truth" / version
        folder.mkdir(parents=True)
        if version != "2.0.0":
            (folder / "dataset_info.json").touch()
    found = prepared_folder("cmu_mocap/ground_truth", tmp_path)
    assert found is not None and found.name == "1.10.0"


def test_damaged_data_sets_are_refused(data, tmp_path):
    folder = tmp_path / "1.1.0"
    shutil.copytree(data / "cmu_mocap/ground_truth/1.1.0", folder)
    records = next(folder.glob("*train*"))
    records.write_bytes(records.read_bytes()[:-9])
    with pytest.raises(AnatomyError, match=r"damaged .*; make it again") as caught:
        load_prepared(folder, "train")
    assert "\n" not in str(caught.value)
    information = folder / "dataset_info.json"
    whole = information.read_text()
    # What protobuf raises for it is no built-in exception.
    information.write_text('{"nonsense": 1}')
    with pytest.raises(AnatomyError, match=r"not a readable data set .* has no field named"):
        load_prepared(folder)
    information.write_text(whole)
    (folder / "features.json").write_text("{")
    with pytest.raises(AnatomyError, match="not a readable data set of anatomy_tf"):
        load_prepared(folder)


def test_rates_are_thinned_to_one(data):
    folder = prepared_folder("cmu_mocap/ground_truth", data)
    whole, half = load_prepared(folder, "test"), load_prepared(folder, "test", fps=25)
    with pytest.raises(AnatomyError, match="expected a frame rate of 1 to 1,000"):
        load_prepared(folder, "test", fps=0)
    assert half.fps == 25 and half.frame_count == whole.frame_count / 2
    np.testing.assert_array_equal(half.keypoints[:3], whole.keypoints[:6:2])
    with pytest.raises(AnatomyError, match="50 frames a second are no multiple of 30"):
        load_prepared(folder, "test", fps=30)


def test_what_cannot_be_written_is_one_line_and_goes_on_later(cmu, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(AnatomyError, match=r"file: cannot be written \(Not a directory\)"):
        prepare("cmu_mocap/ground_truth", cmu, tmp_path / "file", 1)

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("anatomy_tf_datasets.preparation.build", fail)
        with pytest.raises(AnatomyError, match=r"data: cannot be written \(No space left"):
            prepare("cmu_mocap/ground_truth", cmu, tmp_path / "data", 1)
    assert prepare("cmu_mocap/ground_truth", cmu, tmp_path / "data", 1).is_dir()


def test_a_preparation_goes_on_where_it_was_broken_off(cmu, tmp_path, monkeypatch):
    broken = cmu / "subjects/02/02_05.amc"
    whole = broken.read_text()
    broken.write_text(whole[:-40])
    told = []
    with pytest.raises(AnatomyError, match=r"02_05\.amc: frame 13"):
        prepare("cmu_mocap", cmu, tmp_path, 1, lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert prepared_folder("cmu_mocap/simulated", tmp_path) is None
    broken.write_text(whole)
    read = []
    examples = CmuClip.examples

    def counted(clip):
        read.append(clip.key)
        return examples(clip)

    monkeypatch.setattr(CmuClip, "examples", counted)
    prepare("cmu_mocap", cmu, tmp_path, 1)
    assert read == ["cmu_02/02_05"]
    assert load("cmu_mocap", tmp_path).frame_count == 4 * 4 * 6
    # And a third time there is nothing to do.
    prepare("cmu_mocap", cmu, tmp_path, 1)
    assert read == ["cmu_02/02_05"]


def test_a_file_that_changed_meanwhile_is_read_again(cmu, tmp_path):
    broken = cmu / "subjects/02/02_05.amc"
    whole = broken.read_text()
    broken.write_text("1\n")
    with pytest.raises(AnatomyError, match="02_05"):
        prepare("cmu_mocap/ground_truth", cmu, tmp_path, 1)
    broken.write_text(whole)
    body = cmu / "subjects/01/01.asf"
    body.write_text(body.read_text().replace("length 0.45", "length 0.9"))
    prepare("cmu_mocap/ground_truth", cmu, tmp_path, 1)
    store = load("cmu_mocap/ground_truth", tmp_path, "train")
    reach = np.abs(store.positions).max()
    assert reach < 0.6


def test_check_names_all_that_is_wrong(cmu):
    assert check("cmu_mocap", cmu, workers=1) == []
    (cmu / "subjects/08/08.asf").unlink()
    broken = cmu / "subjects/02/02_05.amc"
    broken.write_text(broken.read_text()[:-40])
    lines = check("cmu_mocap", cmu, workers=1)
    assert len(lines) == 2
    assert lines[0].endswith("08.asf: missing") and "02_05.amc: frame 13" in lines[1]


def test_check_without_what_lists_the_clips(tmp_path):
    assert check("human36m/ground_truth", tmp_path) == [f"{tmp_path / 'metadata.xml'}: missing"]
    (tmp_path / "metadata.xml").write_text("<metadata>")
    [line] = check("human36m/ground_truth", tmp_path)
    assert "not a readable XML file" in line


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("imagenet", "unknown data set 'imagenet'; known are human36m"),
        ("human36m/best", "human36m: unknown variant 'best'; known are cpn"),
        ("cmu_mocap/..", "unknown variant"),
    ],
)
def test_unknown_names_are_refused(tmp_path, name, message):
    with pytest.raises(AnatomyError, match=message):
        check(name, tmp_path)
    with pytest.raises(AnatomyError, match="expected the folder of human36m"):
        check("human36m", tmp_path / "nowhere")


def test_processes_read_in_parallel(tmp_path):
    prepare("human36m", HUMAN36M, tmp_path, workers=2)
    store = load("human36m/cpn", tmp_path, "test")
    assert len(store) == 16 and set(store.subjects) == {"S9", "S11"}
    assert set(store.actions) == {"Directions", "WalkDog"} and set(store.cameras) == set(CAMERAS)


def test_the_command_line_checks_prepares_and_draws(cmu, tmp_path, capsys):
    # The verbs start processes of their own where there are cores; one is enough here.
    assert main(["data", "check", "cmu_mocap", "--dir", str(cmu), "--workers", "1"]) == 0
    assert "all files" in capsys.readouterr().out
    to = str(tmp_path / "data")
    arguments = ["data", "prepare", "cmu_mocap", "--dir", str(cmu), "--to", to, "--workers", "1"]
    assert main(arguments) == 0
    assert "cmu_mocap/simulated/1.1.0" in capsys.readouterr().out
    picture = tmp_path / "cmu.png"
    assert main(["data", "stats", "cmu_mocap", "--data", to, "--picture", str(picture)]) == 0
    out = capsys.readouterr().out
    assert "3 people" in out and "cmu_08" in out and "ankle" in out
    assert picture.read_bytes().startswith(b"\x89PNG")
    (cmu / "subjects/08/08.asf").unlink()
    assert main(["data", "check", "cmu_mocap", "--dir", str(cmu), "--workers", "1"]) == 2
    captured = capsys.readouterr()
    assert "08.asf: missing" in captured.out and "1 problem" in captured.err


def test_a_model_fits_on_a_data_set_by_name(data):
    import keras

    import anatomy_tf

    training = anatomy_tf.data.load_batches(
        "cmu_mocap/ground_truth",
        data,
        split="test",
        receptive_field=9,
        sampled_frames=3,
        batch_size=16,
        inputs=("keypoints",),
        outputs=("positions",),
    )
    # Two clips of six frames, four cameras, and mirror images.
    assert training.window_count == 2 * 6 * 4 * 2
    keypoints = keras.Input((9, 17, 2), name="keypoints")
    flat = keras.layers.Dense(17 * 3)(keras.layers.Flatten()(keypoints))
    positions = keras.layers.Reshape((17, 3), name="positions")(flat)
    model = keras.Model({"keypoints": keypoints}, {"positions": positions})
    model.compile("adam", loss={"positions": "mse"})
    history = model.fit(training, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
