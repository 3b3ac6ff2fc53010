"""LiteRT files against the lifter of the model they were made from."""

import importlib
import json
import subprocess
import sys

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given
from hypothesis import strategies as st
from trained_like import random_clip, with_random_weights

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.litert import export_litert
from anatomy_tf.export.litert_file import with_description
from anatomy_tf.export.litert_quantization import FeatureRanges, quantized, wide_products
from anatomy_tf.export.representative_clips import clips_of, procedural_clips
from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.inference import Lifter, LiteRTLifter, LiteRTStream
from anatomy_tf.inference.clip_lifter import ClipInput
from anatomy_tf.inference.exported import litert_file, litert_lifter
from anatomy_tf.inference.exported.litert_file import read_litert_description
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.sequences.gaps import NOT_FOUND

pytestmark = pytest.mark.slow

CHANNELS, FRAMES = 32, 25
SHAPE = {"filter_widths": (3, 3), "channels": CHANNELS}
CLOSE = {"atol": 1e-5, "rtol": 1e-5}


@pytest.fixture(scope="module")
def model():
    return with_random_weights(AnatomyLifter(**SHAPE))


@pytest.fixture(scope="module")
def fixed(model, tmp_path_factory):
    """A float32 file of fixed length that leaves averaging to its caller."""
    path = tmp_path_factory.mktemp("litert") / "small.tflite"
    return export_litert(model, path, frames=FRAMES, flip=False, licence="MIT")


def relative(estimate):
    return estimate.positions - estimate.positions[:, :1]


def assert_same(found, expected):
    np.testing.assert_allclose(relative(found), relative(expected), **CLOSE)
    np.testing.assert_allclose(found.bone_lengths, expected.bone_lengths, **CLOSE)
    np.testing.assert_allclose(found.bone_directions, expected.bone_directions, **CLOSE)


@pytest.mark.parametrize("flip", [True, False])
def test_a_file_gives_what_the_lifter_gives(model, fixed, flip):
    clip = random_clip(FRAMES)
    assert_same(
        LiteRTLifter(fixed).estimate(*clip, flip=flip), Lifter(model).estimate(*clip, flip=flip)
    )


def test_a_file_knows_its_spread_unless_it_averages_by_itself(fixed):
    clip = random_clip(FRAMES)
    lifter = LiteRTLifter(fixed)
    assert lifter.receptive_field == 9
    plain, both = (lifter.estimate(*clip, flip=flip) for flip in (False, True))
    # Half the distance between the two is the distance of either to their mean.
    half = np.linalg.norm(relative(plain) - relative(both), axis=-1)
    np.testing.assert_allclose(lifter.spread(ClipInput(*clip)), half, atol=1e-5)
    lifter.description["flip_averaged"] = True
    with pytest.raises(AnatomyError, match=r"export one with --no-flip"):
        lifter.spread(ClipInput(*clip))


def test_a_longer_clip_is_seen_in_pieces_and_a_shorter_one_filled_up(model, fixed):
    keypoints, visibility = random_clip(3 * FRAMES - 1)
    expected = Lifter(model).estimate(keypoints, visibility)
    found = LiteRTLifter(fixed).estimate(keypoints, visibility)
    np.testing.assert_allclose(found.bone_directions, expected.bone_directions, **CLOSE)
    assert found.positions.shape == (3 * FRAMES - 1, 17, 3)
    assert found.bone_lengths.shape == (3 * FRAMES - 1, 16)
    # Each piece has bone lengths of its own.
    assert not np.allclose(found.bone_lengths[0], found.bone_lengths[-1])
    short = keypoints[: FRAMES - 6], visibility[: FRAMES - 6]
    # Of 25 frames 19 are there; a frame sees four after it, and two from all over it are left.
    held = (np.concatenate([a, np.repeat(a[-1:], 4, axis=0), a[[0, -1]]]) for a in short)
    found, expected = LiteRTLifter(fixed).estimate(*short), Lifter(model).estimate(*held)
    np.testing.assert_allclose(relative(found), relative(expected)[: FRAMES - 6], **CLOSE)


def test_a_clip_much_shorter_than_the_file_s_frames_is_lifted_nearly_as_it_is(fixed, model):
    keypoints, visibility = random_clip(8)
    expected = Lifter(model).estimate(keypoints, visibility)
    found = LiteRTLifter(fixed).estimate(keypoints, visibility)
    # Directions come of the frame's surroundings, and lengths of all frames in equal parts.
    np.testing.assert_allclose(found.bone_directions, expected.bone_directions, **CLOSE)
    held = np.minimum(np.arange(FRAMES), 7)
    repeated = Lifter(model).estimate(keypoints[held], visibility[held])
    off, before = (
        np.abs(one.bone_lengths[0] - expected.bone_lengths[0]).max() for one in (found, repeated)
    )
    assert off < before / 2


def test_what_follows_a_short_clip():
    assert litert_lifter._filled(3, 9, 2).tolist() == [0, 1, 2, 2, 2, 0, 1, 1, 2]
    assert litert_lifter._filled(3, 4, 2).tolist() == [0, 1, 2, 2]
    assert litert_lifter._filled(3, 2, 2).tolist() == [0, 1, 2]


@given(st.integers(1, 200), st.integers(1, 30), st.integers(0, 12), st.integers(0, 12))
def test_windows_keep_each_frame_once_and_with_its_surroundings(count, more, before, after):
    frames = before + after + more
    kept = []
    for start, part in litert_lifter._windows(count, frames, before, after):
        for place in range(frames)[part]:
            frame = start + place
            assert place >= min(before, frame)
            assert frames - 1 - place >= min(after, count - 1 - frame)
            kept.append(frame)
    assert kept == list(range(count))


def test_the_file_says_what_it_is(model, fixed):
    description = read_litert_description(fixed)
    assert description["joint_names"] == list(model.skeleton.joint_names)
    assert description["parents"] == list(model.skeleton.parents)
    assert (description["fps"], description["receptive_field"], description["causal"]) == (
        50,
        9,
        False,
    )
    assert (description["name"], description["licence"]) == ("small", "MIT")
    assert (description["frames"], description["flip_averaged"]) == (FRAMES, False)
    assert (description["format"], description["quantization"]) == ("LiteRT", "none")
    assert "metres" in description["units"] and "x right" in description["axes"]
    lifter = LiteRTLifter(fixed)
    assert (lifter.skeleton, lifter.fps) == (model.skeleton, 50)


def test_data_lie_where_the_interpreter_can_use_them(fixed):
    content = fixed.read_bytes()
    buffers = schema.Model.GetRootAsModel(content, 0)
    base = np.frombuffer(content, np.uint8).ctypes.data
    found = [buffers.Buffers(i) for i in range(buffers.BuffersLength())]
    places = [b.DataAsNumpy().ctypes.data - base for b in found if b.DataLength()]
    assert len(places) > 20
    assert all(place % 16 == 0 for place in places)


def test_a_layout_of_ones_own_travels(fixed, tmp_path):
    description = read_litert_description(fixed)
    description["layout"] = "mine"
    path = tmp_path / "mine.tflite"
    path.write_bytes(with_description(_undescribed(fixed), description))
    assert LiteRTLifter(path).skeleton.name == "mine"


def _undescribed(path):
    tools = litert_file.litert("ai_edge_litert.tools.flatbuffer_utils")
    model = tools.read_model_from_bytearray(path.read_bytes())
    model.metadata = [entry for entry in model.metadata if entry.name != b"anatomy_tf"]
    return bytes(tools.convert_object_to_bytearray(model))


@pytest.mark.parametrize(
    ("quantization", "error"), [("float16", 2e-3), ("dynamic", 0.1), ("int8", 0.2)]
)
def test_only_the_wide_products_are_quantised(model, fixed, tmp_path, quantization, error):
    content = fixed.read_bytes()
    measured = FeatureRanges(content, "lift_normalized", CHANNELS)
    for seed in range(8):
        keypoints, visibility = random_clip(FRAMES, seed)
        measured.add({"keypoints": keypoints[None], "visibility": visibility[None]})
    ranges = measured.ranges if quantization == "int8" else None
    smaller = quantized(content, quantization, CHANNELS, ranges)
    kind = {"float16": schema.TensorType.FLOAT16}.get(quantization, schema.TensorType.INT8)
    file = schema.Model.GetRootAsModel(smaller, 0)
    tensors = [file.Subgraphs(0).Tensors(i) for i in range(file.Subgraphs(0).TensorsLength())]
    weights = [
        tensor.ShapeAsNumpy().tolist()
        for tensor in tensors
        if tensor.Type() == kind and file.Buffers(tensor.Buffer()).DataLength()
    ]
    # Two in the block of the length network and of each sub-network, and the skips' half.
    assert len(weights) == len(wide_products(content, CHANNELS)) == 7
    assert all(outputs == CHANNELS and inputs % CHANNELS == 0 for outputs, inputs in weights)
    description = read_litert_description(fixed)
    path = tmp_path / "smaller.tflite"
    path.write_bytes(with_description(smaller, description))
    assert path.stat().st_size < fixed.stat().st_size
    clip = random_clip(FRAMES)
    found, expected = LiteRTLifter(path).estimate(*clip), Lifter(model).estimate(*clip)
    differences = np.linalg.norm(found.bone_directions - expected.bone_directions, axis=-1)
    assert 1e-6 < differences.mean() < error


def test_what_cannot_be_exported_is_one_line(model, tmp_path, monkeypatch):
    path = tmp_path / "model.tflite"
    for arguments, words in [
        ({"quantize": "int4"}, "none, float16, dynamic, int8"),
        ({"frames": 8}, "at least the receptive field, 9"),
        ({"stream": True}, "causal"),
        ({"stream": True, "frames": 20}, "one frame at a time"),
        ({"quantize": "int8", "representative": []}, "at least one"),
        ({"quantize": "float16", "representative": []}, "only int8 uses such clips"),
        (
            {"quantize": "int8", "representative": [(np.zeros((5, 16, 2)), np.zeros((5, 17)))]},
            r"\(T, 17, 2\).*\(5, 16, 2\)",
        ),
    ]:
        with pytest.raises(AnatomyError, match=words):
            export_litert(model, path, **arguments)
    with pytest.raises(AnatomyError, match=r"ends in \.tflite"):
        export_litert(model, tmp_path / "model.onnx")

    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(
        AnatomyError, match=r'ai-edge-quantizer.*pip install "anatomy_tf\[litert\]"'
    ):
        export_litert(model, path, quantize="dynamic")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_run_is_one_line(fixed, tmp_path):
    bad = tmp_path / "bad.tflite"
    content = fixed.read_bytes()
    for damaged, words in [
        (b"", "not a LiteRT file"),
        (b"PK\3\4 something else", "not a LiteRT file"),
        (_undescribed(fixed), "without a description"),
        (content[:64], "damaged"),
    ]:
        bad.write_bytes(damaged)
        with pytest.raises(AnatomyError, match=words):
            LiteRTLifter(bad)
    with pytest.raises(AnatomyError, match="no such file"):
        read_litert_description(tmp_path / "none.tflite")
    with pytest.raises(AnatomyError, match=r"\(T, 17, 2\).*got \(30, 25, 2\) and \(30, 25\)"):
        LiteRTLifter(fixed).estimate(np.zeros((30, 25, 2)), np.zeros((30, 25)), flip=False)
    with pytest.raises(AnatomyError, match="expected a file of a stream"):
        LiteRTStream(fixed, image_size=(100, 100))


def test_running_a_file_needs_neither_tensorflow_nor_keras(fixed):
    program = (
        "import sys, numpy as np\n"
        "from anatomy_tf.inference import LiteRTLifter\n"
        f"found = LiteRTLifter({str(fixed)!r}).estimate(np.zeros((30, 17, 2)), np.ones((30, 17)))\n"
        "assert np.isfinite(found.positions).all()\n"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == []


def test_a_file_of_any_length(tmp_path):
    # A causal one; centred ones are those of tests/inference/exported.
    model = with_random_weights(AnatomyLifter(causal=True, **SHAPE))
    lifter = LiteRTLifter(export_litert(model, tmp_path / "any.tflite"))
    for frames in (1, 40, 7):
        clip = random_clip(frames)
        assert_same(lifter.estimate(*clip), Lifter(model).estimate(*clip))
    with pytest.raises(AnatomyError, match="averages with the mirror image"):
        lifter.estimate(*clip, flip=False)


def test_a_file_of_the_baseline(tmp_path):
    model = with_random_weights(VideoPose(**SHAPE))
    lifter = LiteRTLifter(export_litert(model, tmp_path / "baseline.tflite", frames=FRAMES))
    clip = random_clip(FRAMES)
    found, expected = lifter.estimate(*clip), Lifter(model).estimate(*clip)
    np.testing.assert_allclose(relative(found), relative(expected), **CLOSE)
    assert found.bone_lengths is None


@pytest.mark.parametrize("recipe", ["official", "canonical"])
def test_representative_clips_are_as_the_model_sees_them(recipe):
    model = AnatomyLifter(**SHAPE, recipe=recipe, length_augmentation=recipe == "official")
    lifter = Lifter(model)
    person = load_keypoints(sample_keypoints())[0]
    clips = clips_of([person], lifter.weights)
    ready = person.mapped(lifter.skeleton).filled().resampled(lifter.fps)
    np.testing.assert_array_equal(clips[0][0], lifter.keypoints_of(ready))
    # Generated people stand some metres away: as rays they are smaller than in half images.
    generated = procedural_clips(lifter.weights)
    height = np.mean([np.ptp(points[..., 1], axis=1).mean() for points, _ in generated])
    assert height < 0.5 if recipe == "canonical" else height > 0.5


def test_an_8_bit_file_of_the_canonical_view_is_near_the_model(tmp_path):
    # Of the other view: test_only_the_wide_products_are_quantised and the 8-bit stream.
    model = with_random_weights(
        AnatomyLifter(**SHAPE, recipe="canonical", length_augmentation=False)
    )
    path = export_litert(model, tmp_path / "m.tflite", frames=FRAMES, quantize="int8")
    person = load_keypoints(sample_keypoints())[0]
    found, expected = LiteRTLifter(path).lift(person), Lifter(model).lift(person)
    assert 1e-5 < np.abs(found.positions - expected.positions).mean() < 0.1


@pytest.mark.parametrize("quantization", ["none", "int8"])
def test_a_stream_gives_what_the_whole_clip_gives(tmp_path, quantization):
    model = with_random_weights(AnatomyLifter(causal=True, **SHAPE))
    path = export_litert(model, tmp_path / "stream.tflite", stream=True, quantize=quantization)
    stream = LiteRTStream(path, image_size=(200, 100))
    keypoints, visibility = random_clip(30)
    visibility = np.maximum(visibility, 2 * NOT_FOUND)  # what is not found is held
    expected = Lifter(model).estimate(keypoints, visibility, flip=False)
    pixels = 100 * keypoints + [100, 50]
    for _ in range(2):
        found = [stream.push(*frame) for frame in zip(pixels, visibility, strict=True)]
        differences = np.linalg.norm(found - relative(expected), axis=-1)
        lengths = np.abs(stream.bone_lengths - expected.bone_lengths[-1])
        if quantization == "none":
            assert differences.max() < 1e-4
            assert lengths.max() < 1e-5
        else:
            assert 1e-4 < differences.mean() < 0.3
        stream.reset()
    lost = np.full((17, 2), np.nan)
    assert np.isnan(stream.push(lost)).all()
    for bad, words in [
        (pixels[0, :16], r"\(17, 2\), got \(16, 2\)"),
        (np.full((17, 2), np.inf), "to 1,000,000 pixels, got inf"),
        ([["a", "b"]] * 17, "stream: keypoints: expected numbers"),
    ]:
        with pytest.raises(AnatomyError, match=words):
            stream.push(bad)
    with pytest.raises(AnatomyError, match=r"visibility in \[0, 1\]"):
        stream.push(pixels[0], np.full(17, 2))
    with pytest.raises(AnatomyError, match="expected a file that lifts clips"):
        LiteRTLifter(path)
