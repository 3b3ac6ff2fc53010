"""Exported models of every kind, as people have them and damaged, against ``Lifter``."""

import json
import shutil
import subprocess
import sys

import numpy as np
import onnx
import pytest
import tensorflow as tf
from trained_like import random_clip, with_random_weights

from anatomy_tf.cli.main import main
from anatomy_tf.errors import AnatomyError
from anatomy_tf.export import export_litert, export_onnx, export_saved_model
from anatomy_tf.export.description import describe
from anatomy_tf.formats import load_poses, sample_keypoints
from anatomy_tf.inference import (
    Lifter,
    LiteRTLifter,
    ONNXLifter,
    SavedModelLifter,
    load_lifter,
)
from anatomy_tf.models import AnatomyLifter, VideoPose

pytestmark = pytest.mark.slow

# Deeper ones are those of tests/export.
SMALL = {"filter_widths": (3,), "channels": 4}
CANONICAL = {"recipe": "canonical", "length_augmentation": False}
MODELS = {
    # All frames count in an exported model; here in the lifter too.
    "paper": lambda: AnatomyLifter(**SMALL, recipe="paper", sampled_frames=1000),
    "official": lambda: AnatomyLifter(**SMALL),
    "canonical": lambda: AnatomyLifter(**SMALL, **CANONICAL),
    "causal": lambda: AnatomyLifter(**SMALL, **CANONICAL, causal=True),
    "baseline": lambda: VideoPose(**SMALL),
}
FORMATS = {
    "litert": (export_litert, "model.tflite", LiteRTLifter),
    "onnx": (export_onnx, "model.onnx", ONNXLifter),
    "savedmodel": (export_saved_model, "model", SavedModelLifter),
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Give a model and the path of its export, made once."""
    models, paths = {}, {}

    def of(name, kind):
        if name not in models:
            models[name] = with_random_weights(MODELS[name]())
        if (name, kind) not in paths:
            write, file, _ = FORMATS[kind]
            path = tmp_path_factory.mktemp(f"{name}_{kind}") / file
            write(models[name], path)
            paths[name, kind] = path
        return models[name], paths[name, kind]

    return of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        # The view of its own in every format, and each other model and format at least once: the
        # graph is the same in all (tests/export/test_lifting_graph.py).
        *(("canonical", kind) for kind in FORMATS),
        ("baseline", "litert"),
        ("baseline", "onnx"),
        ("causal", "onnx"),
        ("official", "savedmodel"),
        ("paper", "litert"),
    ],
)
def test_an_exported_model_lifts_as_the_lifter_does(exported, name, kind, capsys, tmp_path):
    model, path = exported(name, kind)
    found, expected = load_lifter(path), Lifter(model)
    assert type(found) is FORMATS[kind][2]
    assert (found.skeleton, found.fps, found.canonical) == (
        expected.skeleton,
        expected.fps,
        expected.canonical,
    )
    for frames in (1, 31):
        clip = random_clip(frames)
        ours, theirs = found.estimate(*clip), expected.estimate(*clip)
        root = theirs.positions[:, :1]
        np.testing.assert_allclose(ours.positions, theirs.positions - root, atol=1e-4)
        for array in ("bone_lengths", "bone_directions", "up"):
            if getattr(theirs, array) is None:
                assert getattr(ours, array) is None
            else:
                np.testing.assert_allclose(getattr(ours, array), getattr(theirs, array), atol=1e-4)
    # From pixels at another rate, by the command.
    output = tmp_path / "poses.npz"
    sample = sample_keypoints()
    assert main(["lift", str(sample), "--model", str(path), "--output", str(output)]) == 0
    model.save(tmp_path / "model.keras")
    reference = tmp_path / "reference.npz"
    command = ["lift", str(sample), "--model", str(tmp_path / "model.keras")]
    assert main([*command, "--output", str(reference)]) == 0
    capsys.readouterr()
    ours, theirs = load_poses(output)[0], load_poses(reference)[0]
    np.testing.assert_allclose(ours.positions, theirs.positions, atol=1e-4)


def test_the_newest_version_of_a_saved_model_is_taken(exported, tmp_path):
    _, path = exported("baseline", "savedmodel")
    folder = tmp_path / "model"
    shutil.copytree(path, folder)
    shutil.copytree(folder / "1", folder / "10")
    shutil.copytree(folder / "1", folder / "9")
    assert load_lifter(folder).path == folder / "10"
    assert load_lifter(folder / "9").path == folder / "9"


def test_the_suffix_decides_in_any_case(exported, tmp_path):
    _, path = exported("baseline", "onnx")
    shutil.copy(path, tmp_path / "MODEL.ONNX")
    assert isinstance(load_lifter(tmp_path / "MODEL.ONNX"), ONNXLifter)


def refusal(path, run=False):
    """Return the one line that refuses a model."""
    with pytest.raises(AnatomyError) as caught:
        lifter = load_lifter(path)
        if run:
            lifter.estimate(*random_clip(31))
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_what_is_no_model(exported, tmp_path):
    for name in ("none.onnx", "none.tflite"):
        assert refusal(tmp_path / name) == f"{tmp_path / name}: no such file or folder"
    assert "no model" in refusal(tmp_path / "none")
    assert "no model" in refusal(tmp_path)
    for suffix, words in (
        (".onnx", "no ONNX file"),
        (".tflite", "not a LiteRT file"),
        (".keras", "not a Keras model file"),
        (".pt", "ends in one of .keras, .tflite, .onnx"),
    ):
        for content in (b"", b"text"):
            (tmp_path / f"a{suffix}").write_bytes(content)
            assert words in refusal(tmp_path / f"a{suffix}")


def test_models_under_a_wrong_suffix(exported, tmp_path):
    onnx_file, litert_file = exported("baseline", "onnx")[1], exported("baseline", "litert")[1]
    for file, name, words in (
        (onnx_file, "a.tflite", "not a LiteRT file"),
        (litert_file, "a.onnx", "no ONNX file"),
        (onnx_file, "a.keras", "not a Keras model file"),
    ):
        shutil.copy(file, tmp_path / name)
        assert words in refusal(tmp_path / name)


def test_models_of_others(tmp_path):
    path = tmp_path / "foreign.onnx"
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    other = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["x"], ["y"])], "foreign", [value], [other]
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    assert refusal(path) == f"{path}: no ONNX file of this package: it has no description"

    module = tf.Module()
    module.f = tf.function(lambda x: x + 1, input_signature=[tf.TensorSpec((1,), tf.float32)])
    tf.saved_model.save(module, str(tmp_path / "foreign"), signatures=module.f)
    assert refusal(tmp_path / "foreign").endswith("a SavedModel that is not of this package")

    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "foreign"))
    (tmp_path / "foreign.tflite").write_bytes(converter.convert())
    assert "without a description by anatomy_tf" in refusal(tmp_path / "foreign.tflite")


@pytest.mark.parametrize("kind", ["onnx", "litert"])
def test_a_cut_file(exported, kind, tmp_path):
    _, path = exported("baseline", kind)
    content, cut = path.read_bytes(), tmp_path / path.name
    for kept in (0.1, 0.5, 0.9, 0.999):
        cut.write_bytes(content[: int(kept * len(content))])
        assert refusal(cut).startswith(f"{cut}: ")


def test_a_flipped_bit_is_one_line_or_harmless(exported, tmp_path):
    # In a process of its own: a runtime that breaks would take the tests with it, as LiteRT's does.
    _, path = exported("baseline", "onnx")
    program = """
import random, sys
from pathlib import Path
import numpy as np
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import load_lifter
path, beside = map(Path, sys.argv[1:])
content, refused = path.read_bytes(), 0
for seed in range(100):
    place, damaged = random.Random(seed), bytearray(content)
    damaged[place.randrange(len(content))] ^= 1 << place.randrange(8)
    beside.write_bytes(damaged)
    try:
        found = load_lifter(beside).estimate(np.zeros((12, 17, 2)), np.ones((12, 17)))
        assert found.positions.shape == (12, 17, 3)
    except AnatomyError as error:
        assert str(error).startswith(f"{beside}: ") and "\\n" not in str(error), error
        refused += 1
assert 0 < refused < 100
"""
    result = subprocess.run(
        [sys.executable, "-c", program, path, tmp_path / path.name], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "member",
    [
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
        "assets.extra/description.json",
    ],
)
def test_a_damaged_saved_model(exported, member, tmp_path):
    _, path = exported("baseline", "savedmodel")
    folder = tmp_path / "damaged"
    shutil.copytree(path / "1", folder)
    content = (folder / member).read_bytes()
    (folder / member).write_bytes(content[: len(content) // 2])
    assert str(folder) in refusal(folder, run=True)
    (folder / member).unlink()
    assert str(folder) in refusal(folder, run=True)


def test_an_up_direction_is_refused(exported):
    _, path = exported("baseline", "litert")
    with pytest.raises(AnatomyError, match="cannot be told which way is up"):
        load_lifter(path).estimate(*random_clip(12), up=np.array([0, -1, 0]))


@pytest.mark.parametrize(
    ("kind", "hidden", "command"),
    [
        ("onnx", "onnxruntime", 'pip install "anatomy_tf[onnx]"'),
        ("litert", "ai_edge_litert", 'pip install "anatomy_tf[litert]"'),
        ("savedmodel", "tensorflow", 'anatomy_tf[train]"'),
    ],
)
def test_a_missing_runtime_is_named_with_what_installs_it(exported, kind, hidden, command):
    _, path = exported("baseline", kind)
    program = (
        f"import sys; sys.modules[{hidden!r}] = None\n"
        "from anatomy_tf.cli.main import main\n"
        f"sys.exit(main(['lift', {str(sample_keypoints())!r}, '--model', {str(path)!r}]))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert command in result.stderr


def test_a_description_says_what_goes_in():
    for name, words in (("official", "as screen coordinates"), ("canonical", "as rays, x / z")):
        description = describe(MODELS[name](), name="x")
        assert words in description["units"]
        assert len(json.dumps(description)) < 2000
