"""The published implementation's parameters in this package's models, on made-up states."""

import dataclasses

import numpy as np
import pytest
from keras import ops

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.skeletons import MPI_INF_3DHP_17
from anatomy_tf.weights import anatomy3d

pytestmark = pytest.mark.slow

WIDTHS, CHANNELS = (3, 5), 8

# Its bones as (a, b) joints, the vector being a minus b, as section III.1 of its description lists
# them: a second time, independent of the package's own table.
BONES = list(
    zip(
        (16, 15, 13, 12, 10, 9, 8, 8, 8, 7, 3, 2, 6, 5, 1, 4),
        (15, 14, 12, 11, 9, 8, 7, 11, 14, 0, 2, 1, 5, 4, 0, 0),
        strict=True,
    )
)


def made_up_state(widths=WIDTHS, c=CHANNELS) -> dict[str, np.ndarray]:
    """Random arrays of the shapes of section III.3 of the implementation's description."""
    shapes: dict[str, tuple[int, ...]] = {
        "expand_conv.weight": (c, 34, widths[0]),
        "expand_convscore.weight": (c, 17, widths[0]),
        "layers_convbone.0.weight": (c, 34),
        "layers_convbone.0.bias": (c,),
    }
    normalisations = ["expand_bn", "expand_bnscore", "layers_bnbone.0"]
    for i, width in enumerate(widths[1:]):
        shapes[f"layers_conv.{2 * i}.weight"] = (c, c if i else 2 * c, width)
        shapes[f"layers_conv1.{2 * i}.weight"] = (c, 2 * c, width)
        for suffix in ("", "1"):
            shapes[f"layers_conv{suffix}.{2 * i + 1}.weight"] = (c, c, 1)
            normalisations += [f"layers_bn{suffix}.{2 * i}", f"layers_bn{suffix}.{2 * i + 1}"]
        for place in (2 * i + 1, 2 * i + 2):
            shapes[f"layers_convbone.{place}.weight"] = (c, c)
            shapes[f"layers_convbone.{place}.bias"] = (c,)
            normalisations.append(f"layers_bnbone.{place}")
    dense = {
        f"layers_convbone.{2 * len(widths) - 1}": (51, c),
        "boneatt": (16, 102),
        "shrink_direct_1": (48, c, 1),
        "shrink_direct_2": (48, c, 1),
        "shrink": (51, c, 1),
        "shrink_js_1": (411, c, 1),
        "shrink_js_2": (411, c, 1),
    }
    for suffix in ("", "_1", "_2"):
        dense[f"lengthlinear{suffix}"] = (c, 16)
        dense[f"directlinear{suffix}"] = (c, 48, 1)
    for name, shape in dense.items():
        shapes[f"{name}.weight"] = shape
        shapes[f"{name}.bias"] = shape[:1]
    for name in normalisations:
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{part}"] = (c,)
    random = np.random.default_rng(5)
    state = {k: random.normal(size=s).astype("float32") for k, s in shapes.items()}
    for name in normalisations:
        state[f"{name}.running_var"] = np.abs(state[f"{name}.running_var"]) + 0.5
        state[f"{name}.num_batches_tracked"] = np.array(3)
    return state


@pytest.fixture(scope="module")
def state() -> dict[str, np.ndarray]:
    return made_up_state()


@pytest.fixture(scope="module")
def model(state) -> AnatomyLifter:
    return anatomy3d.build(state)


def values(model: AnatomyLifter) -> list[np.ndarray]:
    return [ops.convert_to_numpy(w).copy() for w in model.weights]


def test_build_infers_widths_and_channels(model):
    assert model.config.filter_widths == WIDTHS
    assert model.config.channels == CHANNELS
    assert model.receptive_field == 15
    assert not model.causal
    assert model.recipe.name == "official"


def test_build_takes_what_the_arrays_do_not_tell(state):
    model = anatomy3d.build(state, causal=True, sampled_frames=20)
    assert model.causal
    assert model.sampled_frames == 20


def test_every_variable_is_loaded_once(model, state):
    table = anatomy3d.variables(model)
    loaded = {id(variable) for variable, _ in table.values()}
    assert len(loaded) == len(table)
    # Shares of a new batch are this package's own.
    rest = [w.path.rpartition("/")[2] for w in model.weights if id(w) not in loaded]
    assert set(rest) <= {"batch_share", "seed_generator_state"}
    assert set(table) == {k for k in state if not k.endswith("num_batches_tracked")}


def test_layouts_by_hand(model, state):
    direction = model.get_layer("bone_direction_network")
    stem = ops.convert_to_numpy(direction.get_layer("sub_network_1_stem").kernel)
    # (out, in, tap) to (tap, in, out).
    assert stem[2, 7, 4] == state["expand_conv.weight"][4, 7, 2]
    head = direction.get_layer("bone_directions_2").vectors
    kernel, bias = (ops.convert_to_numpy(w) for w in (head.kernel, head.bias))
    joints = model.skeleton.bones
    for ours, (parent, child) in enumerate(joints):
        sign = 1 if (child, parent) in BONES else -1
        theirs = BONES.index((child, parent) if sign == 1 else (parent, child))
        np.testing.assert_array_equal(
            kernel[:, 3 * ours : 3 * ours + 3],
            sign * state["shrink_direct_2.weight"][3 * theirs : 3 * theirs + 3, :, 0].T,
        )
        np.testing.assert_array_equal(
            bias[3 * ours : 3 * ours + 3],
            sign * state["shrink_direct_2.bias"][3 * theirs : 3 * theirs + 3],
        )
        attention = ops.convert_to_numpy(model.get_layer("bone_length_attention").kernel)
        np.testing.assert_array_equal(attention[:, ours], state["boneatt.weight"][theirs])
        positions = model.get_layer("joint_positions")
        lengths = ops.convert_to_numpy(positions.from_lengths.kernel)
        np.testing.assert_array_equal(lengths[ours], state["lengthlinear.weight"][:, theirs])
        directions = ops.convert_to_numpy(positions.from_directions.kernel)
        np.testing.assert_array_equal(
            directions[3 * ours : 3 * ours + 3],
            sign * state["directlinear.weight"][:, 3 * theirs : 3 * theirs + 3, 0].T,
        )


def test_bone_vectors_change_order_and_sign_with_the_layout(model):
    pose = np.random.default_rng(2).normal(size=(17, 3)).astype("float32")
    theirs = np.stack([pose[a] - pose[b] for a, b in BONES])
    ours = np.stack([pose[child] - pose[parent] for parent, child in model.skeleton.bones])
    np.testing.assert_array_equal(anatomy3d.directions_to_ours(theirs), ours)
    lengths = np.linalg.norm(theirs, axis=-1)
    np.testing.assert_array_equal(anatomy3d.bones_to_ours(lengths), np.linalg.norm(ours, axis=-1))


def test_another_number_of_bones_is_refused():
    with pytest.raises(AnatomyError, match=r"16 bones on axis -2, got an array of \(17, 3\)"):
        anatomy3d.directions_to_ours(np.zeros((17, 3)))


def test_the_prefix_of_parallel_training_changes_nothing(model, state):
    fresh = AnatomyLifter(filter_widths=WIDTHS, channels=CHANNELS)
    anatomy3d.load_state(fresh, {f"module.{key}": value for key, value in state.items()})
    table, expected = anatomy3d.variables(fresh), anatomy3d.variables(model)
    for key, (variable, _) in table.items():
        np.testing.assert_array_equal(
            ops.convert_to_numpy(variable), ops.convert_to_numpy(expected[key][0]), err_msg=key
        )
    built = anatomy3d.build({f"module.{key}": value for key, value in state.items()})
    assert built.config == fresh.config


def test_all_that_does_not_fit_is_named_and_the_model_stays_as_it_was(model, state):
    changed = {key: value + 1 for key, value in state.items()}
    del changed["shrink.bias"], changed["expand_bn.running_var"]
    changed["stranger.weight"] = np.zeros(3)
    changed["boneatt.weight"] = np.zeros((16, 51), "float32")
    changed["layers_bn.0.bias"] = np.zeros(CHANNELS + 1, "float32")
    changed["shrink_direct_1.weight"] = np.zeros((47, CHANNELS, 1), "float32")
    changed["expand_conv.weight"] = np.zeros((CHANNELS, 34), "float32")
    before = values(model)
    with pytest.raises(AnatomyError) as caught:
        anatomy3d.load_state(model, changed)
    message = str(caught.value)
    assert "\n" not in message
    assert "missing: expand_bn.running_var, shrink.bias;" in message
    assert "unexpected: stranger.weight;" in message
    assert "misshapen: boneatt.weight (16, 51) for (102, 16)" in message
    assert f"misshapen: layers_bn.0.bias ({CHANNELS + 1},) for ({CHANNELS},)" in message
    assert f"misshapen: shrink_direct_1.weight (47, {CHANNELS}, 1)" in message
    assert f"misshapen: expand_conv.weight ({CHANNELS}, 34)" in message
    for now, then in zip(values(model), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("key", ["boneatt.weight", "lengthlinear.weight", "shrink.weight"])
def test_too_many_bones_or_joints_are_misshapen(model, state, key):
    """A take by index would silently drop the surplus."""
    value = state[key]
    axis = 1 if key == "lengthlinear.weight" else 0
    surplus = np.concatenate([value, np.take(value, [0], axis=axis)], axis=axis)
    before = values(model)
    with pytest.raises(AnatomyError, match=f"misshapen: {key}"):
        anatomy3d.load_state(model, {**state, key: surplus})
    for now, then in zip(values(model), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    "change",
    [
        {"recipe": "paper"},
        {"sub_networks": 1},
        {"long_skips": False},
        {"visibility": "none"},
        {"length_pooling": "mean"},
        {"joint_shift": False},
        {"skeleton": MPI_INF_3DHP_17},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_networks_are_refused_by_name(model, state, change):
    other = dataclasses.replace(model.config, **change).build()
    (field,) = change
    with pytest.raises(AnatomyError, match=f"the published network has {field}="):
        anatomy3d.load_state(other, state)


def test_an_augmentation_free_model_loads_too(model, state):
    other = dataclasses.replace(model.config, length_augmentation=False).build()
    anatomy3d.load_state(other, state)
    kernel = ops.convert_to_numpy(other.get_layer("bone_length_attention").kernel)
    expected = ops.convert_to_numpy(model.get_layer("bone_length_attention").kernel)
    np.testing.assert_array_equal(kernel, expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expand_conv.weight": None}, "no 'expand_conv.weight' of three axes"),
        ({"expand_conv.weight": np.zeros((8, 34))}, "no 'expand_conv.weight' of three axes"),
        (
            {"expand_conv.weight": np.zeros((8, 32, 3))},
            "stem of 34 channels and odd widths, got 32",
        ),
        ({"expand_conv.weight": np.zeros((8, 34, 2))}, r"odd widths, got 34 and \[2, 5\]"),
        ({"boneatt.bias": None}, "missing: boneatt.bias"),
    ],
)
def test_build_says_what_a_state_lacks(state, change, message):
    changed = {k: v for k, v in {**state, **change}.items() if v is not None}
    with pytest.raises(AnatomyError, match=message):
        anatomy3d.build(changed)
