"""What is said of model files."""

import json

import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.errors import AnatomyError
from anatomy_tf.export import export_onnx, export_saved_model, inspect_model
from anatomy_tf.export.model_card import ModelCard, model_card, model_name
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.models.shipped_models import shipped_models

pytestmark = pytest.mark.slow

BONES = "16: right_hip, right_knee"


@pytest.fixture(scope="module")
def model():
    return AnatomyLifter(filter_widths=(3, 5), channels=4, recipe="paper")


def info(path, capsys, *options):
    assert main(["info", str(path), *options]) == 0
    return capsys.readouterr().out


def test_a_shipped_model_by_name(capsys):
    text = info("compact", capsys)
    assert "name             compact\n" in text
    assert "parameters       3,543,579\n" in text
    assert "receptive field  27 frames\n" in text
    assert "licence          MIT\n" in text
    assert "CMU Graphics Lab Motion Capture Database" in text
    assert BONES in text


def test_every_shipped_model_has_a_card():
    for file in shipped_models().values():
        card = model_card(file)
        assert "not stated" not in (card.licence, card.training_data)


def test_a_keras_file_in_json(model, tmp_path, capsys):
    model.save(tmp_path / "mine.keras")
    found = json.loads(info(tmp_path / "mine.keras", capsys, "--json"))
    assert (found["name"], found["format"], found["recipe"]) == ("mine", "Keras", "paper")
    assert found["bytes"] == (tmp_path / "mine.keras").stat().st_size
    assert (found["filter_widths"], found["licence"]) == ([3, 5], "not stated")


def test_a_saved_model_by_its_folder_or_version(tmp_path):
    model = VideoPose(filter_widths=(3, 5), channels=4)
    version = export_saved_model(model, tmp_path / "mine", licence="CC0")
    for path in (version, tmp_path / "mine"):
        found = inspect_model(path)
        assert (found["format"], found["receptive_field"]) == ("SavedModel", 15)
        assert (found["licence"], found["parameters"]) == ("CC0", model.count_params())
    assert found["versions"] == [1]
    (version / "assets.extra/description.json").unlink()
    with pytest.raises(AnatomyError, match="a SavedModel that is not of this package"):
        inspect_model(version)


def test_an_onnx_file(tmp_path):
    path = export_onnx(VideoPose(filter_widths=(3,), channels=4), tmp_path / "baseline.onnx")
    found = inspect_model(path)
    assert (found["format"], found["kind"], found["recipe"]) == ("ONNX", "VideoPose", None)
    assert found["bone_names"] == []


def test_a_run_before_and_after_its_first_model(model, tmp_path, capsys):
    folder = tmp_path / "my_run"
    folder.mkdir()
    data = {"class": "MotionCaptureData", "path": "/data/cmu.npz"}
    (folder / "config.json").write_text(json.dumps({"data": data}))
    text = info(folder, capsys)
    assert "name        my_run\nformat      run\n" in text
    assert "epochs run  0\n" in text
    model.save(folder / "best.keras")
    (folder / "metrics.jsonl").write_text('{"epoch": 0}\n{"epoch": 1}\n')
    text = info(folder, capsys)
    assert "epochs run       2\n" in text
    assert "trained on       MotionCaptureData of cmu.npz\n" in text
    assert "network          AnatomyLifter\n" in text
    assert model_name(folder / "best.keras") == "my_run"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nothing.here", None, "nothing.here: no such file or folder, nor a shipped model's name"),
        ("notes.txt", b"notes", "not recognised as keypoints"),
        ("a.keras", b"no zip", "not a Keras model file of this package"),
        ("a.onnx", b"no model", "no ONNX file of this package"),
        ("a.tflite", b"no model", "a.tflite"),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path, capfd, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["info", str(tmp_path / name)]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("anatomy-tf: error: ")
    assert message in line


def test_a_folder_of_something_else(tmp_path):
    (tmp_path / "7").mkdir()
    with pytest.raises(AnatomyError, match="no model; expected"):
        inspect_model(tmp_path)


def test_cards(tmp_path):
    file = tmp_path / "model.keras"
    assert model_card(file) == ModelCard()
    (tmp_path / "card.json").write_text('{"licence": "MIT", "training_data": "walks"}')
    assert model_card(file) == ModelCard("MIT", "walks")
    for content in ('{"license": "MIT"}', "[]"):
        (tmp_path / "card.json").write_text(content)
        with pytest.raises(AnatomyError, match=r"card\.json: expected licence and training_data"):
            model_card(file)
    (tmp_path / "card.json").write_bytes(b"\xff")
    with pytest.raises(AnatomyError, match=r"card\.json: not a readable JSON file"):
        model_card(file)
