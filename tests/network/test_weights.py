"""Weights read from ``.keras`` files as people have them, and from damaged ones."""

import dataclasses
import importlib
import io
import json
import random
import struct
import subprocess
import sys
import zipfile

import h5py
import keras
import numpy as np
import pytest
from trained_like import with_random_weights

import anatomy_tf
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import shipped_models
from anatomy_tf.keras_classes import NAMES_NOW, ROOM_OF
from anatomy_tf.losses import compile_arguments
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.network.weights import NetworkWeights
from anatomy_tf.skeletons import Skeleton

pytestmark = pytest.mark.slow

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
SMALL = {"filter_widths": (3,), "channels": 4}
TOY = Skeleton("toy_5", ("hip", "left_knee", "right_knee", "chest", "head"), (-1, 0, 0, 0, 3))


@pytest.fixture(scope="module")
def model():
    return with_random_weights(AnatomyLifter(**SMALL))


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.keras"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def members(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def saved(members, tmp_path):
    """Save the members, some of them changed, and return the path."""

    def save(compression=zipfile.ZIP_STORED, **changed):
        path = tmp_path / "changed.keras"
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in (members | changed).items():
                if content is not None:
                    archive.writestr(name, content)
        return path

    return save


def refusal(path):
    """Return the one line that refuses a file, less the file's name."""
    with pytest.raises(AnatomyError) as caught:
        NetworkWeights.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert len(message.splitlines()) == 1
    return message.removeprefix(f"{path}: ")


def assert_same(found, expected):
    """Two weights are equal to the last bit."""
    if dataclasses.is_dataclass(expected):
        assert type(found) is type(expected)
        for field in dataclasses.fields(expected):
            assert_same(getattr(found, field.name), getattr(expected, field.name))
    elif isinstance(expected, tuple):
        assert len(found) == len(expected)
        for pair in zip(found, expected, strict=True):
            assert_same(*pair)
    elif isinstance(expected, np.ndarray):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    else:
        assert found == expected


def changed_weights(members, change):
    """Return the content of the weights after a change of the opened file."""
    stream = io.BytesIO(members[WEIGHTS])
    with h5py.File(stream, "r+") as weights:
        change(weights)
    return stream.getvalue()


def datasets(weights):
    """Return the paths of all arrays of an opened file."""
    found = []

    def note(name, item):
        if isinstance(item, h5py.Dataset):
            found.append(name)

    weights.visititems(note)
    return found


VARIANTS = [
    (AnatomyLifter, {"recipe": recipe, **more, **switch})
    for recipe, more in (
        ("paper", {}),
        ("official", {}),
        ("canonical", {"length_augmentation": False}),
    )
    for switch in (
        {},
        {"filter_widths": (3, 5)},
        {"filter_widths": (5, 3), "causal": True},
        {"sub_networks": 1},
        {"sub_networks": 3},
        {"long_skips": False, "filter_widths": (3, 3)},
        {"visibility": "concatenation", "filter_widths": (3, 3)},
        {"visibility": "none", "filter_widths": (3, 3)},
        {"length_pooling": "mean"},
        {"length_pooling": "mean", "length_output": "lengths"},
        {"length_frames": "consecutive", "joint_shift": False, "sampled_frames": 3},
        {"skeleton": TOY, "filter_widths": (3, 3)},
        {"skeleton": "coco_17", "attention_temperature": 2.5, "fps": 25.0},
    )
] + [
    (VideoPose, {}),
    (VideoPose, {"filter_widths": (3, 5), "joint_shift": True}),
    (VideoPose, {"filter_widths": (5, 3, 3), "causal": True, "skeleton": TOY}),
]


@pytest.mark.parametrize(("kind", "variant"), VARIANTS, ids=str)
def test_a_file_gives_what_its_model_gives(kind, variant, tmp_path):
    model = with_random_weights(kind(**SMALL | variant))
    model.save(tmp_path / "model.keras")
    assert_same(NetworkWeights.load(tmp_path / "model.keras"), NetworkWeights.of_model(model))


@pytest.mark.parametrize("dtype", ["float16", "mixed_float16", "mixed_bfloat16", "bfloat16"])
def test_smaller_numbers(dtype, tmp_path):
    model = with_random_weights(AnatomyLifter(**SMALL, dtype=dtype))
    model.save(tmp_path / "model.keras")
    assert_same(NetworkWeights.load(tmp_path / "model.keras"), NetworkWeights.of_model(model))


def test_a_compiled_model_that_was_trained(tmp_path):
    model = with_random_weights(AnatomyLifter(**SMALL))
    model.compile(optimizer=keras.optimizers.Adam(), **compile_arguments(model))
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    assert_same(NetworkWeights.load(tmp_path / "model.keras"), NetworkWeights.of_model(model))


def test_a_file_that_was_packed_again(saved, model):
    path = saved(zipfile.ZIP_DEFLATED)
    assert_same(NetworkWeights.load(path), NetworkWeights.of_model(model))


@pytest.mark.parametrize("name", shipped_models())
def test_shipped_models_cut_short(name, tmp_path):
    content, path = shipped_models()[name].read_bytes(), tmp_path / "cut.keras"
    size = len(content)
    for kept in (0, 1, 100, size // 3, size // 2, size - 200, size - 1):
        path.write_bytes(content[:kept])
        assert "not a Keras model file" in refusal(path)


def test_a_flipped_bit_of_the_file_is_found_or_harmless(file, tmp_path):
    content, path = file.read_bytes(), tmp_path / "flipped.keras"
    expected, refused = NetworkWeights.load(file), 0
    for seed in range(500):
        place = random.Random(seed)
        damaged = bytearray(content)
        damaged[place.randrange(len(content))] ^= 1 << place.randrange(8)
        path.write_bytes(damaged)
        try:
            assert_same(NetworkWeights.load(path), expected)
        except AnatomyError as error:
            assert str(error).startswith(f"{path}: ")
            assert len(str(error).splitlines()) == 1
            refused += 1
    # The archive's checksums cover all but its directory.
    assert refused > 450


@pytest.mark.parametrize("member", [CONFIG, WEIGHTS])
def test_a_flipped_bit_under_a_right_checksum(saved, members, member):
    shapes = NetworkWeights.load(saved()).parameters
    refused = 0
    for seed in range(100):
        place = random.Random(seed)
        damaged = bytearray(members[member])
        damaged[place.randrange(len(damaged))] ^= 1 << place.randrange(8)
        path = saved(**{member: bytes(damaged)})
        try:
            assert NetworkWeights.load(path).parameters <= shapes
        except AnatomyError as error:
            assert str(error).startswith(f"{path}: ")
            assert len(str(error).splitlines()) == 1
            refused += 1
    assert 0 < refused < 100


def test_files_of_another_kind(tmp_path):
    path = tmp_path / "other.keras"
    for content in (b"", b"text", b"\x89HDF\r\n\x1a\n" + bytes(100), b"PK\3\4" + bytes(100)):
        path.write_bytes(content)
        assert "not a Keras model file" in refusal(path)
    assert "not a Keras model file" in refusal(tmp_path)
    assert refusal(tmp_path / "none.keras") == "no such file or folder"


def test_members_that_are_missing(saved):
    for name in (CONFIG, WEIGHTS):
        assert f"expected {name} in it" in refusal(saved(**{name: None}))


@pytest.mark.parametrize(("member", "size"), [(CONFIG, 50 << 20), (WEIGHTS, 50 << 20)])
def test_a_member_that_unpacks_to_much_more_is_not_unpacked(saved, member, size):
    path = saved(zipfile.ZIP_DEFLATED, **{member: bytes(size)})
    assert path.stat().st_size < 1 << 20
    assert f"{member}: expected at most" in refusal(path)


def test_little_that_is_packed_much_is_not_unpacked(saved, members):
    # Within what the config may take, were it not for the size that it comes from.
    config = json.loads(members[CONFIG])
    config["config"]["channels"] = 4096
    path = saved(zipfile.ZIP_DEFLATED, **{CONFIG: json.dumps(config), WEIGHTS: bytes(100 << 20)})
    assert "expected at most 100 times its" in refusal(path)


@pytest.mark.parametrize("member", [CONFIG, WEIGHTS])
@pytest.mark.parametrize("size", [0, 10, 0xFFFFFFF0])
def test_a_member_that_says_another_size_than_it_has(saved, members, member, size):
    path = saved()
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\1\2", 0, content.rindex(member.encode()))
    struct.pack_into("<I", content, entry + 24, size)
    path.write_bytes(content)
    refusal(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"class_name": "Sequential"}, "expected a model of AnatomyLifter or VideoPose, got 'Seq"),
        ({"class_name": None}, "expected a model of AnatomyLifter or VideoPose, got None"),
        ({"class_name": ["x"]}, "expected a model of AnatomyLifter or VideoPose, got ['x']"),
        ({"recipe": "unknown"}, "recipe: expected 'paper' or 'official' or 'canonical'"),
        ({"recipe": ["paper"]}, "recipe: expected 'paper' or 'official' or 'canonical'"),
        ({"recipe": "canonical"}, "length_augmentation: expected False"),
        ({"filter_widths": [4]}, "filter_widths: expected odd whole numbers"),
        ({"filter_widths": "333"}, "filter_widths: expected odd whole numbers"),
        ({"channels": 1e9}, "channels: expected a whole number of at least 1"),
        ({"causal": "no"}, "causal: expected true or false, got 'no'"),
        ({"long_skips": 1}, "long_skips: expected true or false, got 1"),
        (
            {"attention_temperature": "hot"},
            "attention_temperature: expected a finite number above 0",
        ),
        (
            {"attention_temperature": float("nan")},
            "attention_temperature: expected a finite number",
        ),
        ({"fps": None}, "fps: expected a finite number from 1 to 1,000, got None"),
        ({"fps": 1e9}, "fps: expected a finite number from 1 to 1,000, got 1000000000.0"),
        ({"skeleton": "nobody"}, "nobody"),
        ({"skeleton": {"name": "x"}}, "joint_names"),
        ({"skeleton": 17}, "skeleton"),
        ({"lambda": "x"}, "unknown argument 'lambda' of AnatomyLifter"),
        # Of another network than the weights'.
        ({"filter_widths": [3, 3]}, "block_1"),
        ({"sub_networks": 3}, "bone_directions_3/vectors/kernel, which is missing"),
        ({"channels": 5}, "expected numbers of shape (5,), got float32 of shape (4,)"),
        ({"skeleton": "body_25"}, "expected numbers of shape"),
        ({"class_name": "VideoPose"}, "unknown argument"),
    ],
    ids=str,
)
def test_a_config_that_makes_no_network_or_another(saved, members, change, words):
    config = json.loads(members[CONFIG])
    for key, value in change.items():
        (config if key == "class_name" else config["config"])[key] = value
    assert words in refusal(saved(**{CONFIG: json.dumps(config)}))


def test_configs_that_are_no_config(saved):
    for content in (b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"class_name": 1}'):
        assert "config.json names no class" in refusal(saved(**{CONFIG: content}))


def test_every_weight_must_be_there_in_its_shape_and_finite(saved, members):
    with h5py.File(io.BytesIO(members[WEIGHTS])) as weights:
        paths = datasets(weights)
    # Training alone needs these; the recipe's upper sub-network sees no directions.
    unread = ("joint_shift", "normalization/vars/4", "layers/unit_directions/")
    for path in paths:

        def removed(weights, path=path):
            del weights[path]

        def reshaped(weights, path=path):
            values = weights[path][()]
            del weights[path]
            weights[path] = np.zeros((*values.shape, 1), np.float32)

        def spoilt(weights, path=path):
            values = weights[path][()]
            values.flat[-1] = np.nan
            weights[path][()] = values

        if any(part in path for part in unread):
            NetworkWeights.load(saved(**{WEIGHTS: changed_weights(members, removed)}))
            continue
        damaged = (changed_weights(members, change) for change in (removed, reshaped, spoilt))
        missing, shape, nan = (refusal(saved(**{WEIGHTS: content})) for content in damaged)
        assert missing.startswith("expected the weight ") and missing.endswith("is missing")
        assert shape.startswith("weight ") and "expected numbers of shape" in shape
        assert nan.startswith("weight ") and nan.endswith("got NaN or infinity")


@pytest.mark.parametrize("dtype", ["int32", "S4", "complex64", "bool"])
def test_weights_that_are_no_numbers(saved, members, dtype):
    def change(weights):
        for path in datasets(weights):
            values = weights[path][()]
            del weights[path]
            weights[path] = np.zeros(values.shape, dtype)

    assert "expected numbers of shape" in refusal(
        saved(**{WEIGHTS: changed_weights(members, change)})
    )


def test_weights_that_claim_more_than_the_file_holds_are_not_read(saved, members):
    def change(weights):
        path = datasets(weights)[0]
        del weights[path]
        # Nothing is stored of it.
        weights.create_dataset(path, (1 << 40,), "f4", chunks=(1 << 20,))

    assert "expected at most the file's" in refusal(
        saved(**{WEIGHTS: changed_weights(members, change)})
    )


def test_weights_in_another_file_are_not_read(saved, members, tmp_path):
    (tmp_path / "other.bin").write_bytes(bytes(1000))

    def change(weights):
        path = datasets(weights)[0]
        del weights[path]
        weights.create_dataset(path, (10,), "f4", external=[(tmp_path / "other.bin", 0, 40)])

    assert "expected an array in this file" in refusal(
        saved(**{WEIGHTS: changed_weights(members, change)})
    )


def test_groups_where_arrays_belong_and_rings_of_groups(saved, members):
    def group(weights):
        path = datasets(weights)[0]
        del weights[path]
        weights.create_group(path)

    def ring(weights):
        weights["layers/again"] = weights["layers"]

    assert "expected an array" in refusal(saved(**{WEIGHTS: changed_weights(members, group)}))

    def rings(weights):
        # Each way through them is another one.
        for name in ("again", "once_more"):
            weights[f"layers/{name}"] = weights["/"]

    for change in (ring, rings):
        line = refusal(saved(**{WEIGHTS: changed_weights(members, change)}))
        assert "expected it once in the file" in line


LOADS = """
import sys

def refused():
    try:
        keras.models.load_model(sys.argv[1])
    except TypeError as error:
        last_line = str(error).strip().splitlines()[-1]
        assert "'load_with': 'import anatomy_tf'" in last_line[:700], error
    else:
        raise AssertionError("loaded without the package")

{imports}
assert "anatomy_tf.models.anatomy_lifter" not in sys.modules
model = keras.models.load_model(sys.argv[1])
print(type(model).__module__, type(model.optimizer).__name__, len(model.loss))
"""


@pytest.mark.parametrize(
    "imports",
    [
        "import anatomy_tf, keras",
        # Keras alone first says what to import.
        "import keras; refused(); import anatomy_tf",
        "import tensorflow, anatomy_tf; from tensorflow import keras",
    ],
)
def test_keras_loads_a_compiled_model(imports, tmp_path):
    model = AnatomyLifter(**SMALL)
    model.compile(optimizer=anatomy_tf.training.AMSGrad(1e-3), **compile_arguments(model))
    model.save(tmp_path / "model.keras")
    program = [sys.executable, "-c", LOADS.format(imports=imports), tmp_path / "model.keras"]
    result = subprocess.run(program, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    expected = [
        "anatomy_tf.models.anatomy_lifter",
        "AMSGrad",
        str(len(compile_arguments(model)["loss"])),
    ]
    assert result.stdout.split() == expected


def test_keras_loads_the_model_of_the_shared_case(shared, tmp_path):
    case = shared / "cases/recordings/keras_load_model/load.py"
    path = tmp_path / "model.keras"
    model = AnatomyLifter(**SMALL, recipe="canonical", length_augmentation=False)
    model.compile(optimizer="adam", **compile_arguments(model))
    model.save(path)
    result = subprocess.run([sys.executable, case, path], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "AnatomyLifter" in result.stdout


def test_the_table_names_every_class_that_is_registered():
    rooms = {room: importlib.import_module(f"anatomy_tf.{room}") for room in ROOM_OF.values()}
    for room in rooms.values():
        for name in room.__all__:
            getattr(room, name)
    registered = {
        name.removeprefix("anatomy_tf>"): value
        for name, value in keras.saving.get_custom_objects().items()
        if name.startswith("anatomy_tf>")
    }
    assert set(registered) == {*ROOM_OF, *NAMES_NOW}
    for name, room in ROOM_OF.items():
        assert registered[name] is getattr(rooms[room], name)
