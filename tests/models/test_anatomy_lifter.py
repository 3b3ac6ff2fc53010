"""The training form: sizes, switches, saving, errors."""

import dataclasses
import json
import zipfile

import keras
import numpy as np
import pytest
from keras import ops
from model_batches import batch, compile_for_descent, outputs

from anatomy_tf.errors import AnatomyError
from anatomy_tf.losses import compile_arguments
from anatomy_tf.models import AnatomyLifter, AnatomyLifterConfig, load_model
from anatomy_tf.network.keras_file import read_keras_file
from anatomy_tf.skeletons import HUMAN36M_17, MPI_INF_3DHP_17, Skeleton
from anatomy_tf.training import TrainedModel

pytestmark = pytest.mark.slow

TOY = Skeleton("toy_5", ("hip", "left_knee", "right_knee", "chest", "head"), (-1, 0, 0, 0, 3))
SMALL = {"filter_widths": (3, 3), "channels": 8}


def trainable_count(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize(
    ("blocks", "training", "inference"),
    [
        (3, 31_885_932, 30_859_014),
        (4, 45_531_756, 44_504_838),
        (5, 59_177_580, 58_150_662),
    ],
    ids=("27 frames", "81 frames", "243 frames"),
)
def test_parameter_counts_are_the_published_ones(blocks, training, inference):
    model = AnatomyLifter(filter_widths=(3,) * blocks)
    assert model.receptive_field == 3**blocks
    assert trainable_count(model) == training
    assert trainable_count(model.inference_model()) == inference


@pytest.mark.parametrize(
    ("widths", "frames"), [((5, 3), 15), ((3,), 3), ((7,), 7), ((3, 1, 5), 15)]
)
@pytest.mark.parametrize("causal", [False, True])
def test_any_odd_widths_make_a_network(widths, frames, causal):
    model = AnatomyLifter(filter_widths=widths, channels=8, causal=causal)
    assert model.receptive_field == frames
    inputs, _ = batch(model)
    assert inputs["keypoints"].shape == (2, frames, 17, 2)
    given = outputs(model, inputs)
    assert given["positions"].shape == (2, 17, 3)
    assert all(np.isfinite(value).all() for value in given.values())


@pytest.mark.parametrize("sub_networks", [1, 2, 3])
@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_every_sub_network_has_directions_and_shifts(sub_networks, recipe):
    model = AnatomyLifter(**SMALL, sub_networks=sub_networks, recipe=recipe)
    places = range(1, sub_networks + 1)
    names = {"positions", "sampled_positions", "bone_lengths", "augmented_bone_lengths"}
    names |= {f"bone_directions_{q}" for q in places} | {f"joint_shifts_{q}" for q in places}
    if recipe == "official":
        names.add("augmented_positions")
    assert set(model.output_names) == set(model.output) == names
    pairs = 137 if recipe == "official" else 120
    shapes = {name: tuple(value.shape) for name, value in model.output.items()}
    assert shapes["joint_shifts_1"] == (None, pairs, 3)
    assert shapes["bone_directions_1"] == (None, 16, 3)
    given = outputs(model, batch(model)[0])
    norms = np.linalg.norm(given[f"bone_directions_{sub_networks}"], axis=-1)
    np.testing.assert_allclose(norms, np.ones((2, 16)), rtol=1e-5)


@pytest.mark.parametrize(
    "skeleton", [TOY, MPI_INF_3DHP_17, "coco_17"], ids=["toy_5", "mpi_inf_3dhp_17", "coco_17"]
)
def test_other_skeletons(skeleton, tmp_path):
    model = AnatomyLifter(**SMALL, skeleton=skeleton)
    inputs, _ = batch(model)
    given = outputs(model, inputs)
    joints = model.skeleton.joint_count
    pairs = len(model.skeleton.joint_pairs(self_pairs=True))
    assert given["positions"].shape == (2, joints, 3)
    assert given["bone_lengths"].shape == (2, joints - 1)
    assert given["joint_shifts_2"].shape == (2, pairs, 3)
    # A skeleton of one's own travels in the file: no registry knows "toy_5".
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.skeleton == model.skeleton


def silence_blocks(model: AnatomyLifter) -> None:
    """Leaves of every residual block its residual."""
    network = model.get_layer("bone_direction_network")
    for layer in network.layers:
        if "block" in layer.name:
            kernel = layer.pointwise.kernel
            kernel.assign(np.zeros(kernel.shape))


@pytest.mark.parametrize(("causal", "group"), [(False, 4), (True, 8)])
def test_the_residual_path_carries_the_middle_or_the_newest_group(causal, group):
    """With silent blocks the directions follow one group of three frames of the 27 alone."""
    model = AnatomyLifter(filter_widths=(3, 3, 3), channels=8, causal=causal)
    silence_blocks(model)
    inputs, _ = batch(model)
    before = outputs(model, inputs)
    for changed in range(9):
        keypoints = inputs["keypoints"].copy()
        keypoints[:, 3 * changed : 3 * changed + 3] += 0.3
        now = outputs(model, {**inputs, "keypoints": keypoints})
        for name in ("bone_directions_1", "bone_directions_2", "positions"):
            moved = np.abs(now[name] - before[name]).max() > 1e-6
            assert moved == (changed == group), (name, changed)


def test_every_frame_of_the_window_counts():
    model = AnatomyLifter(**SMALL, causal=True)
    inputs, _ = batch(model)
    before = outputs(model, inputs)["bone_directions_2"]
    for frame in range(9):
        keypoints = inputs["keypoints"].copy()
        keypoints[:, frame] += 0.3
        now = outputs(model, {**inputs, "keypoints": keypoints})["bone_directions_2"]
        assert np.abs(now - before).max() > 1e-6, frame


def test_what_depends_on_what():
    """Lengths never see visibility nor the window; directions never see the sampled frames."""
    model = AnatomyLifter(**SMALL)
    inputs, _ = batch(model)
    before = outputs(model, inputs)
    length_parts = {"bone_lengths", "sampled_positions"}
    augmented = {"augmented_bone_lengths", "augmented_positions"}
    directions = {"bone_directions_1", "bone_directions_2"}
    regressed = {"positions", "joint_shifts_1", "joint_shifts_2"}
    expected = {
        "keypoints": directions | regressed,
        "visibility": directions | regressed,
        "sampled_keypoints": length_parts | regressed,
        "augmented_keypoints": augmented,
    }
    for name, moved in expected.items():
        now = outputs(model, {**inputs, name: inputs[name] + 0.3})
        assert {k for k in now if np.abs(now[k] - before[k]).max() > 1e-7} == moved, name


def test_sampled_positions_are_those_of_the_first_sampled_frame():
    model = AnatomyLifter(**SMALL)
    inputs, _ = batch(model)
    tower = model.get_layer("bone_length_network")
    for name in ("sampled", "augmented"):
        frames = ops.convert_to_numpy(tower(inputs[f"{name}_keypoints"], training=False))
        given = outputs(model, inputs)[f"{name}_positions"]
        np.testing.assert_allclose(given, frames[:, 0], atol=1e-6)


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis 1")
@pytest.mark.parametrize("frames", [1, 4, 33])
def test_the_inference_model_takes_any_number_of_sampled_frames(frames):
    model = AnatomyLifter(**SMALL)
    inputs, _ = batch(model, sampled_frames=frames)
    expected = outputs(model, inputs)
    del inputs["augmented_keypoints"]
    inference = model.inference_model()
    assert {symbol.name for symbol in inference.inputs} == set(inputs)
    given = outputs(inference, inputs)
    for name, twin in (
        ("positions", "positions"),
        ("bone_lengths", "bone_lengths"),
        ("bone_directions", "bone_directions_2"),
    ):
        np.testing.assert_allclose(given[name], expected[twin], atol=1e-6)


def test_the_inference_model_shares_the_weights():
    model = AnatomyLifter(**SMALL)
    inference = model.inference_model()
    assert {id(w) for w in inference.weights} < {id(w) for w in model.weights}


SWITCHES = {
    "paper": {"recipe": "paper"},
    "causal": {"causal": True},
    "one sub-network": {"sub_networks": 1},
    "three sub-networks": {"sub_networks": 3},
    "no long skips": {"long_skips": False},
    "fused visibility": {"visibility": "concatenation"},
    "no visibility": {"visibility": "none"},
    "lengths predicted": {"length_output": "lengths", "length_pooling": "mean"},
    "lengths averaged": {"length_pooling": "mean"},
    "lengths of consecutive frames": {"length_frames": "consecutive"},
    "no augmentation": {"length_augmentation": False},
    "no joint shift": {"joint_shift": False},
    "numbers": {"sampled_frames": 7, "dropout": 0.0, "attention_temperature": 2.0, "fps": 30.0},
    "skeleton": {"skeleton": TOY},
    "bare": {
        "recipe": "paper",
        "sub_networks": 1,
        "visibility": "none",
        "length_output": "lengths",
        "length_pooling": "mean",
        "length_augmentation": False,
        "joint_shift": False,
    },
}


def test_every_argument_is_switched_somewhere():
    switched = {field for change in SWITCHES.values() for field in change} | set(SMALL)
    assert switched == {field.name for field in dataclasses.fields(AnatomyLifterConfig)}


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_switch_trains_saves_and_loads(switch, tmp_path):
    config = AnatomyLifterConfig(**SMALL, **SWITCHES[switch])
    model = config.build()
    inputs, targets = batch(model)
    compile_for_descent(model)
    before = model.get_weights()
    history = model.fit(inputs, targets, batch_size=2, verbose=0).history
    assert set(history) == {"loss", *(f"{name}_loss" for name in model.output_names)}
    assert np.isfinite(history["loss"]).all()
    moved = [np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert np.mean(moved) > 0.5
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is AnatomyLifter
    assert loaded.config == config
    assert loaded.output_names == model.output_names
    expected, given = outputs(model, inputs), outputs(loaded, inputs)
    assert set(given) == set(expected)
    for name, value in given.items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)
    inputs.pop("augmented_keypoints", None)
    inference = outputs(loaded.inference_model(), inputs)
    np.testing.assert_allclose(inference["positions"], expected["positions"], atol=1e-6)


def test_a_file_knows_what_is_frozen(tmp_path):
    """Else an optimizer's state is one of other weights, and Keras leaves it out."""
    path = tmp_path / "model.keras"
    model = AnatomyLifter(**SMALL)
    network = model.get_layer("bone_direction_network")
    for layer in (model.get_layer("bone_length_network"), network.get_layer("sub_network_1_stem")):
        layer.trainable = False
    model.compile(keras.optimizers.SGD(momentum=0.5), **compile_arguments(model))
    model.optimizer.build(model.trainable_variables)
    for variable in model.optimizer.variables[2:]:
        variable.assign(variable + 0.5)
    model.save(path)
    loaded = keras.saving.load_model(path)
    paths = [v.path for v in model.trainable_variables]
    assert [v.path for v in loaded.trainable_variables] == paths
    assert len(paths) < len(AnatomyLifter(**SMALL).trainable_variables) - 5
    assert not loaded.get_layer("bone_length_network").trainable
    for expected, given in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(given, expected)
    assert read_keras_file(path)[0] == model.config
    assert TrainedModel(str(path)).build().get_layer("bone_length_network").trainable


def test_inputs_and_outputs_follow_the_switches():
    bare = AnatomyLifterConfig(**SMALL, **SWITCHES["bare"]).build()
    assert {symbol.name for symbol in bare.inputs} == {"keypoints", "sampled_keypoints"}
    assert set(bare.output_names) == {"positions", "bone_lengths", "bone_directions_1"}
    flat = AnatomyLifter(**SMALL, long_skips=False)
    names = set(flat.output_names)
    assert "bone_directions_1" not in names
    assert "joint_shifts_2" in names


def test_mean_pooling_is_the_mean_length_of_the_frames_poses():
    model = AnatomyLifter(**SMALL, length_pooling="mean", skeleton=TOY)
    inputs, _ = batch(model)
    tower = model.get_layer("bone_length_network")
    poses = ops.convert_to_numpy(tower(inputs["sampled_keypoints"], training=False))
    bones = poses[:, :, [1, 2, 3, 4]] - poses[:, :, [0, 0, 0, 3]]
    expected = np.linalg.norm(bones, axis=-1).mean(axis=1)
    np.testing.assert_allclose(outputs(model, inputs)["bone_lengths"], expected, rtol=1e-5)


def test_a_graph_compiled_fit_lowers_the_loss():
    # One block, since XLA takes longest.
    model = AnatomyLifter(filter_widths=(3,), channels=8, dropout=0.0)
    # tests/metrics/keras has the metrics in a compiled fit.
    model.compile(keras.optimizers.Adam(0.01), **compile_arguments(model, metrics=False))
    inputs, targets = batch(model, examples=8)
    losses = model.fit(inputs, targets, batch_size=8, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]


def test_the_config_is_plain_data_and_complete():
    change = {k: v for values in SWITCHES.values() for k, v in values.items()}
    config = AnatomyLifterConfig(**{**SMALL, **change, "causal": True})
    plain = json.loads(json.dumps(config.to_dict()))
    assert AnatomyLifterConfig(**plain) == config
    model = AnatomyLifter(name="mine", **plain)
    saved = json.loads(json.dumps(model.get_config()))
    twin = AnatomyLifter.from_config(saved)
    assert twin.get_config() == model.get_config()
    assert (twin.name, twin.config) == ("mine", config)
    for field in ("skeleton", "receptive_field", "causal", "sampled_frames", "sub_networks", "fps"):
        assert getattr(twin, field) == getattr(config, field)
    assert twin.recipe.name == config.recipe


def test_a_clone_of_keras_computes_the_same_but_is_no_lifter():
    model = AnatomyLifter(filter_widths=(3,), channels=8, dropout=0.0)
    inputs, _ = batch(model, examples=2)
    expected = model.predict(inputs, verbose=0)
    for copied, own in ((keras.models.clone_model(model), False), (_copy(model), True)):
        assert isinstance(copied, AnatomyLifter) == own
        copied.set_weights(model.get_weights())
        found = copied.predict(inputs, verbose=0)
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, atol=1e-6, err_msg=name)


def _copy(model):
    return model.from_config(model.get_config())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filter_widths": ()}, r"filter_widths: expected odd whole numbers above 0, got \(\)"),
        ({"filter_widths": (3, 4)}, r"filter_widths: .* got \(3, 4\)"),
        ({"filter_widths": (3, -1)}, r"filter_widths: .* got \(3, -1\)"),
        ({"filter_widths": (3.5,)}, r"filter_widths: .* got \(3.5,\)"),
        ({"filter_widths": "333"}, "filter_widths: .* got '333'"),
        ({"filter_widths": 6}, "filter_widths: .* got 6"),
        ({"channels": 0}, "channels: expected a whole number of at least 1, got 0"),
        ({"channels": 2.5}, "channels: .* got 2.5"),
        ({"sub_networks": 0}, "sub_networks: .* got 0"),
        ({"sub_networks": "2"}, "sub_networks: .* got '2'"),
        ({"sampled_frames": -1}, "sampled_frames: .* got -1"),
        ({"fps": 0}, "fps: expected a finite number from 1 to 1,000, got 0"),
        ({"fps": float("nan")}, "fps: .* got nan"),
        ({"dropout": 1.0}, "dropout: expected a finite number of at least 0 and below 1, got 1.0"),
        ({"dropout": -0.1}, "dropout: .* got -0.1"),
        ({"recipe": "mine"}, "recipe: expected 'paper' or 'official' or 'canonical', got 'mine'"),
        ({"visibility": True}, "visibility: expected 'attention' or .* got True"),
        ({"length_output": "pose"}, "length_output: .* got 'pose'"),
        ({"length_pooling": "max"}, "length_pooling: .* got 'max'"),
        ({"length_output": "lengths"}, "length_pooling: attention needs positions"),
        ({"skeleton": "centaur"}, "unknown skeleton 'centaur'"),
        (
            {"skeleton": {"name": "x"}},
            "skeleton: expected joint_names and parents: .*missing",
        ),
        ({"skeleton": {"name": "x", "joint_names": 3, "parents": [1]}}, "joint names, parents"),
    ],
)
def test_arguments_that_make_no_network_are_one_line_errors(change, message):
    for make in (AnatomyLifterConfig, AnatomyLifter):
        with pytest.raises(AnatomyError, match=message) as caught:
            make(**{**SMALL, **change})
        assert "\n" not in str(caught.value)


def test_one_width_needs_no_tuple():
    assert AnatomyLifterConfig(filter_widths=7).filter_widths == (7,)


def test_the_default_is_the_papers_full_model():
    config = AnatomyLifterConfig()
    assert config.receptive_field == 243
    assert (config.channels, config.sub_networks, config.sampled_frames) == (1024, 2, 50)
    assert config.skeleton == HUMAN36M_17
    assert (config.dropout, config.attention_temperature, config.fps) == (0.25, 10.0, 50.0)


def test_mixed_precision_keeps_its_outputs_in_float32(tmp_path):
    keras.utils.set_random_seed(0)
    mixed = AnatomyLifter(**SMALL, dtype="mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32", "a model leaves the global policy alone"
    assert {keras.backend.standardize_dtype(v.dtype) for v in mixed.output.values()} == {"float32"}
    stem = mixed.get_layer("bone_direction_network").get_layer("sub_network_1_stem")
    assert stem.compute_dtype == "bfloat16"
    plain = AnatomyLifter(**SMALL)
    plain.set_weights(mixed.get_weights())
    inputs, targets = batch(mixed)
    expected, given = outputs(plain, inputs), outputs(mixed, inputs)
    for name, value in given.items():
        error = np.abs(value - expected[name]).max() / np.abs(expected[name]).max()
        assert 0 < error < 0.05, name
    compile_for_descent(mixed)
    assert np.isfinite(mixed.train_on_batch(inputs, targets, return_dict=True)["loss"])
    mixed.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.dtype_policy.name == "mixed_bfloat16"
    expected, given = outputs(mixed, inputs), outputs(loaded, inputs)
    for name, value in given.items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)


def test_dropout_and_batch_statistics_are_for_training_alone():
    model = AnatomyLifter(**SMALL)
    inputs, _ = batch(model, examples=4)
    once, again = outputs(model, inputs), outputs(model, inputs)
    for name, value in once.items():
        np.testing.assert_array_equal(value, again[name])
    trained = ops.convert_to_numpy(model(inputs, training=True)["positions"])
    assert np.abs(trained - once["positions"]).max() > 1e-3


def test_a_damaged_file_is_one_line(tmp_path):
    whole, damaged = tmp_path / "whole.keras", tmp_path / "damaged.keras"
    AnatomyLifter(**SMALL).save(whole)
    with zipfile.ZipFile(whole) as old:
        members = {name: old.read(name) for name in old.namelist()}

    def refusal(**changed):
        with zipfile.ZipFile(damaged, "w", zipfile.ZIP_DEFLATED) as new:
            for name, content in {**members, **changed}.items():
                new.writestr(name, content)
        if not changed:
            content = damaged.read_bytes()
            middle = len(content) // 2
            damaged.write_bytes(content[:middle] + bytes(80) + content[middle + 80 :])
        with pytest.raises(AnatomyError, match=r"damaged\.keras: not a readable Keras") as caught:
            load_model(damaged)
        assert "\n" not in str(caught.value)

    refusal()
    for text in ("[" * 100_000, "[]", "no JSON"):
        refusal(**{"config.json": text})
