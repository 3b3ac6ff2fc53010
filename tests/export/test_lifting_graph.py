"""The exported graph against the lifter it was made from."""

import itertools

import numpy as np
import pytest
from trained_like import random_clip, with_random_weights

from anatomy_tf.export import lifting_graph, temporal_graph
from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter

FRAMES = 23
CLOSE = {"atol": 1e-5, "rtol": 1e-5}

VARIANTS = [
    {"filter_widths": widths, "causal": causal, "recipe": recipe, "sub_networks": count}
    for widths, causal, recipe, count in itertools.product(
        ((3, 3, 3), (3, 1, 5)), (False, True), ("official", "paper"), (1, 2, 3)
    )
] + [
    {"filter_widths": widths, "visibility": visibility, "long_skips": skips}
    for widths, visibility, skips in itertools.product(
        ((3,), (3, 3)), ("attention", "concatenation", "none"), (True, False)
    )
]
VARIANTS += [
    {"filter_widths": (3, 3), "causal": causal, **lengths}
    for causal in (False, True)
    for lengths in (
        {"length_pooling": "mean"},
        {"length_output": "lengths", "length_pooling": "mean"},
        {"length_frames": "consecutive", "sampled_frames": 9},
        {"length_frames": "consecutive", "sampled_frames": 50},
    )
]


def relative(positions, skeleton):
    return positions - positions[:, skeleton.root, None]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Pieces that do not divide the clip, so that every seam is crossed."""
    monkeypatch.setattr(lifting_graph, "FRAMES_AT_ONCE", 20)
    monkeypatch.setattr(temporal_graph, "TARGETS_AT_ONCE", 8)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_graph_gives_what_the_lifter_gives(variant):
    model = with_random_weights(AnatomyLifter(channels=6, **variant))
    keypoints, visibility = random_clip(FRAMES)
    expected = Lifter(model).estimate(keypoints, visibility)
    graph = LiftingGraph(model)
    found = graph.estimate(keypoints[None], visibility[None])
    np.testing.assert_allclose(found["bone_directions"][0], expected.bone_directions, **CLOSE)
    lengths = found["bone_lengths"].numpy()
    assert lengths.shape == ((1, FRAMES, 16) if graph.per_frame_lengths else (1, 16))
    if model.recipe.inference_frames == "sampled" and model.causal:
        return  # the recipe's sample of past frames; here all of them count
    every = np.broadcast_to(lengths[0], expected.bone_lengths.shape)
    np.testing.assert_allclose(every, expected.bone_lengths, **CLOSE)
    positions = relative(expected.positions, model.skeleton)
    np.testing.assert_allclose(found["positions"][0], positions, **CLOSE)
