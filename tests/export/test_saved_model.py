"""The SavedModel as strangers use it: without this package."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from trained_like import random_clip, with_random_weights

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export import export_saved_model
from anatomy_tf.export.serving_files import WARM_UP
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.sequences import KeypointSequence

pytestmark = pytest.mark.slow

FRAMES = 13

STRANGER = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "anatomy_tf":
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
import numpy as np
import tensorflow as tf

lift = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
clip = np.load(sys.argv[2])
found = lift(**{name: tf.constant(clip[name]) for name in clip.files})
np.savez(sys.argv[3], **{name: values.numpy() for name, values in found.items()})
assert not any(name.startswith("anatomy_tf") for name in sys.modules)
"""


@pytest.fixture(scope="module")
def model():
    return with_random_weights(AnatomyLifter(filter_widths=(3, 3), channels=16, causal=True))


@pytest.fixture(scope="module")
def version(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "tiny"
    return export_saved_model(model, folder, licence="MIT", training_data="made-up numbers")


@pytest.fixture(scope="module")
def loaded(version):
    return tf.saved_model.load(str(version))


def clip(fps=30.0):
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0, 700, (FRAMES, 17, 2)).astype(np.float32)
    pixels[3, 4] = np.nan
    visibility = np.where(np.isnan(pixels[..., 0]), 0, rng.uniform(0, 1, (FRAMES, 17)))
    return {
        "pixels": pixels[None],
        "visibility": visibility.astype(np.float32)[None],
        "image_size": np.array([[1280, 720]], np.float32),
        "fps": np.array([fps], np.float32),
        "frames": np.array([FRAMES], np.int32),
    }


def call(loaded, signature, inputs):
    given = {name: tf.constant(values) for name, values in inputs.items()}
    return loaded.signatures[signature](**given)


def test_plain_tensorflow_loads_it_and_gives_the_lifters_numbers(model, version, tmp_path):
    inputs = clip()
    np.savez(tmp_path / "clip.npz", **inputs)
    arguments = [str(version), str(tmp_path / "clip.npz"), str(tmp_path / "found.npz")]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, "-c", STRANGER, *arguments], check=True, env=environment)
    found = np.load(tmp_path / "found.npz")
    sequence = KeypointSequence(
        inputs["pixels"][0], inputs["visibility"][0], model.skeleton, 30, 1280, 720
    )
    poses = Lifter(model).lift(sequence)
    np.testing.assert_allclose(found["positions"][0], poses.positions, atol=1e-5)
    np.testing.assert_allclose(found["bone_lengths"][0], poses.bone_lengths, atol=1e-5)


def test_signatures_and_their_numbers(model, loaded):
    names = {"serving_default", "lift", "lift_normalized", "describe", "stream", "initial_state"}
    assert set(loaded.signatures) == names
    keypoints, visibility = random_clip(FRAMES)
    inputs = {"keypoints": keypoints[None], "visibility": visibility[None]}
    found = call(loaded, "lift_normalized", {**inputs, "frames": np.array([FRAMES], np.int32)})
    expected = Lifter(model).estimate(keypoints, visibility)
    positions = expected.positions - expected.positions[:, :1]
    np.testing.assert_allclose(found["positions"][0], positions, atol=1e-5)
    one = call(loaded, "lift", clip())
    other = call(loaded, "serving_default", clip())
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])


def test_a_stream_goes_on_from_its_state(model, loaded):
    inputs = clip(50.0)
    stream = Lifter(model).stream(1, image_size=(1280, 720))
    state = call(loaded, "initial_state", {"people": 1})
    for frame in range(FRAMES):
        now = {name: inputs[name][:, frame] for name in ("pixels", "visibility")}
        now["image_size"] = inputs["image_size"]
        found = loaded.signatures["stream"](
            **{name: tf.constant(values) for name, values in now.items()}, **state
        )
        expected = stream.push(now["pixels"], now["visibility"])
        np.testing.assert_allclose(found["positions"], expected, atol=1e-5)
        state = {name: values for name, values in found.items() if name.startswith("state_")}


def test_it_describes_itself(model, version, loaded):
    (text,) = loaded.signatures["describe"]().values()
    description = json.loads(text.numpy())
    assert description == json.loads((version / "assets.extra/description.json").read_text())
    assert description["joint_names"] == list(model.skeleton.joint_names)
    assert description["parents"] == list(model.skeleton.parents)
    assert (description["fps"], description["receptive_field"]) == (50, 9)
    assert (description["causal"], description["recipe"]) == (True, "official")
    assert (description["licence"], description["name"]) == ("MIT", "tiny")


BAD = [
    (
        "fps",
        np.zeros(1, np.float32),
        "fps: expected a frame rate of 1 to 1,000 frames a second",
    ),
    (
        "frames",
        np.array([99], np.int32),
        "frames: expected 1 to the number of frames sent, got] [99]",
    ),
    (
        "frames",
        np.array([0], np.int32),
        "frames: expected 1 to the number of frames sent, got] [0]",
    ),
    ("fps", np.array([30, 30], np.float32), "fps: expected as many rows as of keypoints"),
    (
        "image_size",
        np.array([[0, 9]], np.float32),
        "image_size: expected an image size of 16 to",
    ),
    (
        "pixels",
        np.zeros((1, FRAMES, 16, 2), np.float32),
        f"pixels: expected shape (rows, frames, 17 joints, 2), got] [1 {FRAMES} 16 2]",
    ),
    (
        "visibility",
        np.zeros((1, FRAMES + 1, 17), np.float32),
        "visibility: expected as many rows and frames as of keypoints",
    ),
    (
        "visibility",
        np.ones((1, FRAMES, 17), np.float32),
        "pixels: expected NaN only where visibility is 0; NaN at (row, ..., joint)] [[0 3 4]]",
    ),
    (
        "visibility",
        np.full((1, FRAMES, 17), 2, np.float32),
        "visibility: expected numbers from 0 to 1",
    ),
    (
        "pixels",
        np.full((1, FRAMES, 17, 2), np.inf, np.float32),
        "pixels: expected finite coordinates",
    ),
]


@pytest.mark.parametrize(("name", "values", "message"), BAD, ids=[message for *_, message in BAD])
def test_what_is_wrong_is_said(loaded, name, values, message):
    with pytest.raises(tf.errors.InvalidArgumentError) as failure:
        call(loaded, "lift", {**clip(), name: values})
    assert message in str(failure.value)


@pytest.mark.parametrize(("place", "score"), [(np.nan, 0), (1, 0.04)])
def test_a_clip_without_anybody_is_refused(loaded, place, score):
    inputs = clip()
    inputs["pixels"] *= np.float32(place)
    inputs["visibility"] *= np.float32(score)
    with pytest.raises(tf.errors.InvalidArgumentError, match="a detected joint in every row"):
        call(loaded, "lift", inputs)


def test_normalised_keypoints_have_no_gaps(loaded):
    keypoints, visibility = random_clip(FRAMES)
    keypoints[2, 5, 0] = np.nan
    inputs = {"keypoints": keypoints[None], "visibility": visibility[None]}
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"not so at \(row, frame, joint"):
        call(loaded, "lift_normalized", {**inputs, "frames": np.array([FRAMES], np.int32)})


def test_warm_up_requests_are_answered(version, loaded):
    logs = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    asked = set()
    for record in tf.data.TFRecordDataset(str(version / "assets.extra" / WARM_UP)):
        request = logs.PredictionLog.FromString(record.numpy()).predict_log.request
        name = request.model_spec.signature_name
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        for values in call(loaded, name, inputs).values():
            assert np.isfinite(values).all()
        asked.add(name)
    assert asked == set(loaded.signatures) - {"describe"}


def test_the_servers_configuration_is_understood_by_the_official_messages(version):
    configs = pytest.importorskip("tensorflow_serving.config.model_server_config_pb2")
    from google.protobuf import text_format

    text = (version.parent / "models.config").read_text()
    (entry,) = text_format.Parse(text, configs.ModelServerConfig()).model_config_list.config
    assert (entry.name, entry.base_path) == ("tiny", "/models/tiny")
    assert entry.model_version_policy.latest.num_versions == 1


def test_compose_mounts_what_the_configuration_names(version):
    yaml = pytest.importorskip("yaml")
    (service,) = yaml.safe_load((version.parent / "compose.yaml").read_text())["services"].values()
    assert service["volumes"] == [".:/models/tiny:ro"]
    assert "--model_config_file=/models/tiny/models.config" in service["command"]


def test_the_readme_names_every_signature(version, loaded):
    text = (version.parent / "README.md").read_text()
    assert "$" not in text.replace("$0", "")
    for name in loaded.signatures:
        assert f"| `{name}` |" in text
    assert "Weights: MIT. Trained on: made-up numbers." in text


def baseline():
    return VideoPose(filter_widths=(3,), channels=4)


def test_versions_follow_each_other_and_changed_configuration_stays(tmp_path):
    folder = tmp_path / "baseline"
    assert export_saved_model(baseline(), folder) == folder / "1"
    (folder / "models.config").write_text("# mine")
    (folder / "7").mkdir()
    dead = subprocess.Popen(["true"])
    dead.wait()
    killed = folder / f".version.{dead.pid}-7.part"
    (killed / "variables").mkdir(parents=True)
    assert export_saved_model(baseline(), folder) == folder / "8"
    assert (folder / "models.config").read_text() == "# mine"
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]
    signatures = tf.saved_model.load(str(folder / "8")).signatures
    assert set(signatures) == {"serving_default", "lift", "lift_normalized", "describe"}


def test_a_failed_export_leaves_no_version(tmp_path, monkeypatch):
    def half(module, path, signatures):
        Path(path).mkdir()
        (Path(path) / "saved_model.pb").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", half)
    with pytest.raises(AnatomyError, match="cannot be written: No space left on device"):
        export_saved_model(baseline(), tmp_path / "baseline")
    assert list((tmp_path / "baseline").iterdir()) == []
