"""The baseline."""

import json

import keras
import numpy as np
import pytest
from model_batches import batch, compile_for_descent, outputs

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import AnatomyLifter, VideoPose, VideoPoseConfig
from anatomy_tf.skeletons import Skeleton

pytestmark = pytest.mark.slow

ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))


def test_parameter_count_is_the_published_one():
    model = VideoPose()
    assert model.receptive_field == 243
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 16_952_371


@pytest.mark.parametrize("joint_shift", [False, True])
@pytest.mark.parametrize("skeleton", ["human36m_17", ARM], ids=["human36m_17", "arm"])
def test_trains_saves_and_loads(joint_shift, skeleton, tmp_path):
    config = VideoPoseConfig(
        filter_widths=(3, 5),
        channels=8,
        skeleton=skeleton,
        joint_shift=joint_shift,
        causal=True,
        dropout=0.1,
        fps=30.0,
    )
    model = config.build()
    inputs, targets = batch(model)
    assert set(inputs) == {"keypoints"}
    assert set(model.output_names) == (
        {"positions", "joint_shifts_1"} if joint_shift else {"positions"}
    )
    compile_for_descent(model)
    assert np.isfinite(model.fit(inputs, targets, verbose=0).history["loss"]).all()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.config == config
    assert (loaded.receptive_field, loaded.causal, loaded.fps) == (15, True, 30.0)
    assert (loaded.sampled_frames, loaded.sub_networks) == (0, 1)
    expected, given = outputs(model, inputs), outputs(loaded, inputs)
    for name, value in given.items():
        np.testing.assert_array_equal(value, expected[name])
    if joint_shift:
        pairs = len(model.skeleton.joint_pairs())
        assert given["joint_shifts_1"].shape == (2, pairs, 3)


@pytest.mark.parametrize(("causal", "group"), [(False, 1), (True, 2)])
def test_the_residual_path_carries_the_middle_or_the_newest_group(causal, group):
    model = VideoPose(filter_widths=(3, 3), channels=8, causal=causal)
    kernel = model.get_layer("block_1").pointwise.kernel
    kernel.assign(np.zeros(kernel.shape))
    inputs, _ = batch(model)
    before = outputs(model, inputs)["positions"]
    for changed in range(3):
        keypoints = inputs["keypoints"].copy()
        keypoints[:, 3 * changed : 3 * changed + 3] += 0.3
        now = outputs(model, {"keypoints": keypoints})["positions"]
        assert (np.abs(now - before).max() > 1e-6) == (changed == group)


def test_the_config_is_plain_data_and_complete():
    config = VideoPoseConfig(filter_widths=(3,), channels=4, skeleton=ARM, joint_shift=True)
    plain = json.loads(json.dumps(config.to_dict()))
    assert VideoPoseConfig(**plain) == config
    model = VideoPose(name="mine", **plain)
    twin = VideoPose.from_config(json.loads(json.dumps(model.get_config())))
    assert twin.get_config() == model.get_config()
    assert twin.skeleton == ARM


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filter_widths": (2,)}, r"filter_widths: expected odd whole numbers above 0, got \(2,\)"),
        ({"channels": -4}, "channels: .* got -4"),
        ({"dropout": 2}, "dropout: .* got 2"),
        ({"fps": -1}, "fps: .* got -1"),
        ({"skeleton": "centaur"}, "unknown skeleton 'centaur'"),
    ],
)
def test_arguments_that_make_no_network_are_one_line_errors(change, message):
    for make in (VideoPoseConfig, VideoPose):
        with pytest.raises(AnatomyError, match=message) as caught:
            make(**change)
        assert "\n" not in str(caught.value)


def test_mixed_precision_keeps_its_outputs_in_float32():
    model = VideoPose(filter_widths=(3,), channels=4, joint_shift=True, dtype="mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"
    assert {keras.backend.standardize_dtype(v.dtype) for v in model.output.values()} == {"float32"}
    assert model.get_config()["dtype"] == "mixed_bfloat16"


def test_a_preset_is_a_shipped_model_or_a_file(tmp_path):
    model = AnatomyLifter.from_preset("causal")
    assert (model.causal, model.config.channels) == (True, 384)
    baseline = VideoPose(filter_widths=(3,), channels=4)
    baseline.save(tmp_path / "mine.keras")
    assert VideoPose.from_preset(tmp_path / "mine.keras").config == baseline.config
    with pytest.raises(AnatomyError, match="expected VideoPose, got AnatomyLifter"):
        VideoPose.from_preset("causal")
    with pytest.raises(AnatomyError, match="no model 'small'"):
        VideoPose.from_preset("small")
