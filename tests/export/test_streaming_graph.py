"""A causal model frame by frame, state in and out, against the whole clip and the stream."""

import numpy as np
import pytest
import tensorflow as tf
from trained_like import random_clip, with_random_weights

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter, VideoPose

pytestmark = pytest.mark.slow

FRAMES = 23


def zeros(specs, people):
    return {n: tf.zeros([people, *spec.shape[1:]], spec.dtype) for n, spec in specs.items()}


def check_every_frame(model):
    streaming = LiftingGraph(model)
    keypoints, visibility = random_clip(FRAMES)
    expected = Lifter(model).estimate(keypoints, visibility, flip=False)
    positions = expected.positions - expected.positions[:, :1]
    state = zeros(streaming.network_state(), 1)
    step = tf.function(streaming.step_normalized, autograph=False)
    for frame in range(FRAMES):
        found, state = step(
            tf.constant(keypoints[frame : frame + 1]),
            tf.constant(visibility[frame : frame + 1]),
            state,
        )
        np.testing.assert_allclose(found["positions"][0], positions[frame], atol=1e-5)
        if expected.bone_lengths is not None:
            lengths = expected.bone_lengths[frame]
            np.testing.assert_allclose(found["bone_lengths"][0], lengths, atol=1e-5)
    specs = streaming.network_state()
    assert {name: values.shape[1:] for name, values in state.items()} == {
        name: spec.shape[1:] for name, spec in specs.items()
    }


def test_every_frame_is_the_whole_clips():
    check_every_frame(
        with_random_weights(AnatomyLifter(filter_widths=(3, 3, 3), channels=6, causal=True))
    )


@pytest.mark.parametrize(
    "variant",
    [
        {"sub_networks": 1},
        {"sub_networks": 3, "filter_widths": (3, 1, 5)},
        {"visibility": "concatenation"},
        {"visibility": "none", "long_skips": False},
        {"filter_widths": (3,)},
        {"length_output": "lengths", "length_pooling": "mean"},
    ],
    ids=str,
)
def test_variants(variant):
    arguments = {"filter_widths": (3, 3), "channels": 6, "causal": True, **variant}
    check_every_frame(with_random_weights(AnatomyLifter(**arguments)))


def test_the_baseline():
    check_every_frame(with_random_weights(VideoPose(filter_widths=(3, 5), channels=6, causal=True)))


@pytest.mark.parametrize("recipe", ["official", "canonical"])
def test_lost_joints_and_people_who_come_later(recipe):
    arguments = {"filter_widths": (3, 3), "channels": 6, "causal": True, "recipe": recipe}
    model = with_random_weights(AnatomyLifter(**arguments, length_augmentation=False))
    streaming = LiftingGraph(model)
    rng = np.random.default_rng(2)
    pixels = rng.uniform(0, 700, (FRAMES, 3, 17, 2)).astype(np.float32)
    pixels[rng.random((FRAMES, 3, 17)) < 0.3] = np.nan
    pixels[:5, 1] = np.nan
    pixels[9:12, 2] = np.nan
    pixels[:, 0, 4] = np.nan
    visibility = np.where(np.isnan(pixels[..., 0]), 0, rng.uniform(0, 1, (FRAMES, 3, 17)))
    stream = Lifter(model).stream(3, image_size=(1280, 720))
    state = zeros(streaming.state(), 3)
    size = tf.constant([[1280.0, 720]] * 3)
    for frame in range(FRAMES):
        scores = visibility[frame].astype(np.float32)
        expected = stream.push(pixels[frame], scores)
        found, state = streaming.step(pixels[frame], tf.constant(scores), size, state)
        np.testing.assert_allclose(found["positions"], expected, atol=1e-5)
        np.testing.assert_allclose(found["bone_lengths"], stream.bone_lengths, atol=1e-5)
    assert state["state_frames"].numpy().tolist() == [FRAMES, FRAMES - 5, FRAMES]


@pytest.mark.parametrize(
    "variant", [{"causal": False}, {"causal": True, "length_frames": "consecutive"}], ids=str
)
def test_what_has_no_stream(variant):
    graph = LiftingGraph(AnatomyLifter(filter_widths=(3,), channels=6, **variant))
    assert not graph.streams
    keypoints, visibility = random_clip(1)
    with pytest.raises(AnatomyError, match="needs a causal model"):
        graph.step_normalized(keypoints, visibility, zeros(graph.network_state(), 1))
