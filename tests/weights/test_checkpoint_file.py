"""Checkpoint files as users have them, and the verb that imports them."""

import hashlib
import os
import pickle
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from test_video_pose3d import random_state

from anatomy_tf.cli.main import main
from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.weights import anatomy3d, video_pose3d
from anatomy_tf.weights.checkpoint_file import read_checkpoint

pytestmark = pytest.mark.slow


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="needs torch to write a checkpoint")


def written(torch, path: Path, state, **save) -> Path:
    """A file as the published training programs write it, in DataParallel form."""
    content = {
        "epoch": 60,
        "lr": 0.001 * 0.95**60,
        "random_state": np.random.RandomState(1234),
        "optimizer": {"state": {}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999)}]},
        "model_pos": {f"module.{key}": torch.tensor(value) for key, value in state.items()},
    }
    torch.save(content, path, **save)
    return path


@pytest.mark.parametrize("zipped", [True, False])
def test_a_checkpoint_gives_its_arrays(torch, zipped, tmp_path):
    state = random_state()
    path = written(torch, tmp_path / "pretrained.bin", state, _use_new_zipfile_serialization=zipped)
    found = read_checkpoint(path)
    assert found.epoch == 60
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    kept = {key for key in state if not key.endswith("num_batches_tracked")}
    assert set(found.state) == kept
    np.testing.assert_array_equal(found.state["shrink.weight"], state["shrink.weight"])


class Harmful:
    def __reduce__(self):
        return (os.mkdir, ("harm",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"model_pos": {}, "other": Harmful()},
            r"plain values .*; it also holds posix.mkdir",
        ),
        ({"epoch": 3, "model": {}}, "expected a dict with 'model_pos', got epoch, model"),
        ({"model_pos": {"shrink.bias": 3}}, "expected tensors in 'model_pos'"),
    ],
)
def test_other_files_are_refused_in_a_line(torch, content, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(content, tmp_path / "a.bin")
    with pytest.raises(AnatomyError, match=message) as caught:
        read_checkpoint(tmp_path / "a.bin")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("content", [b"", b"text", pickle.dumps({"model_pos": {}}), b"PK\x03\x04"])
def test_what_torch_did_not_write_is_refused(torch, content, tmp_path):
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(AnatomyError, match=r"a\.bin: "):
        read_checkpoint(tmp_path / "a.bin")


def test_a_missing_file_is_said(torch, tmp_path):
    with pytest.raises(AnatomyError, match=r"a\.bin: no such file or folder"):
        read_checkpoint(tmp_path / "a.bin")


def test_without_torch_the_line_to_install_it_is_given(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(AnatomyError, match=r"needs torch: pip install torch==\d"):
        read_checkpoint(tmp_path / "a.bin")


def test_the_verb_imports_a_baseline(torch, tmp_path, capsys):
    state = random_state()
    path, output = written(torch, tmp_path / "pretrained.bin", state), tmp_path / "out.keras"
    arguments = ["weights", "import", str(path), str(output), "--kind", "video_pose3d"]
    assert main([*arguments, "--causal"]) == 0
    model = keras.saving.load_model(output, compile=False)
    expected = video_pose3d.build(state, causal=True)
    assert model.causal
    for ours, theirs in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    printed = capsys.readouterr().out
    count = sum(v.size for k, v in state.items() if not k.endswith("num_batches_tracked"))
    for fact in ("pretrained.bin", hashlib.sha256(path.read_bytes()).hexdigest(), f"{count:,}"):
        assert fact in printed
    assert "45 frames, causal" in printed
    assert "between you and their authors" in printed


def test_the_verb_imports_the_published_network(torch, tmp_path, capsys):
    reference = AnatomyLifter(filter_widths=(3, 3), channels=8)
    # The published layout of each array: the bone order is its own, so zeros and their shapes do.
    rng = np.random.default_rng(0)
    state = {}
    for key, (variable, convert) in anatomy3d.variables(reference).items():
        shape = published_shape(key, tuple(variable.shape))
        state[key] = rng.normal(size=shape).astype(np.float32)
        assert convert(state[key]).shape == tuple(variable.shape)
    path = written(torch, tmp_path / "pretrained_model.bin", state)
    output = tmp_path / "out.keras"
    assert main(["weights", "import", str(path), str(output), "--sampled-frames", "7"]) == 0
    model = keras.saving.load_model(output, compile=False)
    assert (model.receptive_field, model.sampled_frames, model.causal) == (9, 7, False)
    expected = anatomy3d.build(state, sampled_frames=7)
    for ours, theirs in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert "no licence" in capsys.readouterr().out


def published_shape(key: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) == 3:
        taps, inputs, outputs = shape
        return (outputs, inputs) if "convbone" in key else (outputs, inputs, taps)
    return shape[::-1]


def test_a_failed_import_leaves_no_file(torch, tmp_path, capsys):
    state = random_state()
    state.pop("shrink.bias")
    path = written(torch, tmp_path / "a.bin", state)
    output = tmp_path / "out.keras"
    assert main(["weights", "import", str(path), str(output), "--kind", "video_pose3d"]) == 2
    assert "missing: shrink.bias" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [path]
    assert main(["weights", "import", str(path), str(tmp_path / "out.h5")]) == 2
    assert "ends in .keras" in capsys.readouterr().err
