"""The one network, on NumPy and on Keras's backend, against windows through the training form."""

import itertools

import keras
import numpy as np
import pytest
from trained_like import random_clip, with_random_weights

from anatomy_tf.data.batches.windows import EdgePaddedFrames
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.network import arrays, directions
from anatomy_tf.network.arrays import KerasArrays, NumPyArrays
from anatomy_tf.network.estimate import LiftingNetwork
from anatomy_tf.network.weights import NetworkWeights

pytestmark = pytest.mark.slow

FRAMES = 23


def clip(frames=FRAMES):
    return random_clip(frames)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Pieces that do not divide the clip, so that every seam is crossed."""
    monkeypatch.setattr(arrays, "FRAMES_AT_ONCE", 10)
    monkeypatch.setattr(directions, "TARGETS_AT_ONCE", 4)


def found_by(model, own, keypoints, visibility, pieces=True):
    network = LiftingNetwork(NetworkWeights.of_model(model), own)
    found = network.frame_estimates(keypoints[None], visibility[None], pieces=pieces)
    return keras.ops.convert_to_numpy(found.vectors)[0]


def check(model, keypoints, visibility):
    expected = by_windows(model, keypoints, visibility)
    for own, pieces in ((NumPyArrays(), True), (KerasArrays(), True), (KerasArrays(), False)):
        found = found_by(model, own, keypoints, visibility, pieces)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def by_windows(model, keypoints, visibility):
    frames = np.arange(len(keypoints))
    inputs = {
        name: EdgePaddedFrames(
            values, np.array([0, len(frames)]), model.receptive_field, model.causal
        ).windows(np.zeros_like(frames), frames)
        for name, values in (("keypoints", keypoints), ("visibility", visibility))
    }
    if isinstance(model, VideoPose):
        return keras.ops.convert_to_numpy(model({"keypoints": inputs["keypoints"]})["positions"])
    network = model.get_layer("bone_direction_network")
    outputs = network({name: inputs[name] for name in network.input}, training=False)
    return keras.ops.convert_to_numpy(outputs[f"bone_directions_{model.sub_networks}"])


VARIANTS = [
    {"filter_widths": widths, "causal": causal, "recipe": recipe, "sub_networks": count}
    for widths, causal, recipe, count in itertools.product(
        ((3, 3, 3), (5, 3), (3, 1, 5)), (False, True), ("official", "paper"), (1, 2, 3)
    )
] + [
    {"filter_widths": widths, "visibility": visibility, "long_skips": skips}
    for widths, visibility, skips in itertools.product(
        ((3,), (3, 3)), ("attention", "concatenation", "none"), (True, False)
    )
]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_clip_gives_what_its_windows_give(variant):
    model = with_random_weights(AnatomyLifter(channels=6, **variant))
    check(model, *clip())


@pytest.mark.parametrize("causal", [False, True])
def test_the_baseline_too(causal):
    model = with_random_weights(VideoPose(filter_widths=(3, 5), channels=6, causal=causal))
    check(model, *clip())


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_clips_shorter_than_the_receptive_field(frames):
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 3, 3), channels=6))
    check(model, *clip(frames))
