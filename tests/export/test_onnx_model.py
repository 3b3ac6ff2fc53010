"""ONNX files, read by ONNX Runtime."""

import numpy as np
import pytest
from trained_like import random_clip, with_random_weights

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export import export_onnx, onnx_model
from anatomy_tf.inference import Lifter
from anatomy_tf.inference.exported.onnx_lifter import read_onnx_description
from anatomy_tf.models import AnatomyLifter, VideoPose

pytestmark = pytest.mark.slow

runtime = pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")


def exported(model, path):
    export_onnx(model, path, licence="MIT")
    return runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def answers(session, keypoints, visibility):
    names = [output.name for output in session.get_outputs()]
    inputs = {"keypoints": keypoints[None], "visibility": visibility[None]}
    wanted = {entry.name: inputs[entry.name] for entry in session.get_inputs()}
    return dict(zip(names, session.run(None, wanted), strict=True))


@pytest.mark.parametrize(
    "variant",
    [{"causal": True}, {"recipe": "paper", "visibility": "none"}],
    ids=str,
)
def test_clips_of_any_length(tmp_path, variant):
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 3), channels=16, **variant))
    session, lifter = exported(model, tmp_path / "tiny.onnx"), Lifter(model)
    shapes = {entry.name: entry.shape for entry in session.get_inputs()}
    assert shapes["keypoints"] == [1, "frames", 17, 2]
    for frames in (1, 8, 31):
        keypoints, visibility = random_clip(frames)
        found, expected = (
            answers(session, keypoints, visibility),
            lifter.estimate(keypoints, visibility),
        )
        positions = expected.positions - expected.positions[:, :1]
        np.testing.assert_allclose(found["positions"][0], positions, atol=1e-5)
        lengths = np.broadcast_to(found["bone_lengths"][0], expected.bone_lengths.shape)
        np.testing.assert_allclose(lengths, expected.bone_lengths, atol=1e-5)
    description = read_onnx_description(tmp_path / "tiny.onnx")
    assert (description["name"], description["licence"]) == ("tiny", "MIT")
    assert description["joint_names"] == list(model.skeleton.joint_names)


def test_the_baseline(tmp_path):
    model = with_random_weights(VideoPose(filter_widths=(3,), channels=4))
    session = exported(model, tmp_path / "baseline.onnx")
    keypoints, visibility = random_clip(5)
    positions = Lifter(model).estimate(keypoints, visibility).positions
    found = answers(session, keypoints, visibility)["positions"][0]
    np.testing.assert_allclose(found, positions - positions[:, :1], atol=1e-5)


def test_a_file_that_gives_other_numbers_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_model, "RELATIVE_DIFFERENCE", -1.0)
    with pytest.raises(AnatomyError, match="ONNX Runtime gives positions that differ"):
        export_onnx(VideoPose(filter_widths=(1,), channels=4), tmp_path / "baseline.onnx")
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(AnatomyError, match=r'needs onnxruntime.* pip install "anatomy_tf\[onnx\]"'):
        export_onnx(VideoPose(filter_widths=(1,), channels=4), tmp_path / "baseline.onnx")


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x07"])
def test_other_files_are_no_model_of_ours(tmp_path, content):
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(AnatomyError, match="no ONNX file of this package"):
        read_onnx_description(tmp_path / "a.onnx")
