"""The exported graph against the lifter it was made from."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from trained_like import random_clip, with_random_weights

from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.network import arrays, directions
from anatomy_tf.network.bone_lengths import pooled_so_far

pytestmark = pytest.mark.slow

FRAMES = 23
CLOSE = {"atol": 1e-5, "rtol": 1e-5}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Pieces that do not divide the clip, so that every seam is crossed."""
    monkeypatch.setattr(arrays, "FRAMES_AT_ONCE", 20)
    monkeypatch.setattr(directions, "TARGETS_AT_ONCE", 8)


def relative(positions, skeleton):
    return positions - positions[:, skeleton.root, None]


def compare(found, expected, model):
    """One row's estimate with the lifter's, whose positions have the root as regressed."""
    np.testing.assert_allclose(
        found["positions"], relative(expected.positions, model.skeleton), **CLOSE
    )
    if expected.bone_lengths is not None:
        lengths = np.broadcast_to(found["bone_lengths"], expected.bone_lengths.shape)
        np.testing.assert_allclose(lengths, expected.bone_lengths, **CLOSE)
        np.testing.assert_allclose(found["bone_directions"], expected.bone_directions, **CLOSE)


def row(found, index, frames, graph):
    """What was found of a row's valid frames."""
    whole = () if graph.network.per_frame_lengths else ("bone_lengths",)
    return {
        name: values[index] if name in whole else values[index, :frames]
        for name, values in found.items()
    }


def check_variant(variant):
    model = with_random_weights(AnatomyLifter(channels=6, **variant))
    keypoints, visibility = random_clip(FRAMES)
    graph = LiftingGraph(model)
    found = graph.estimate(keypoints[None], visibility[None])
    bones = (1, FRAMES, 16) if graph.network.per_frame_lengths else (1, 16)
    assert found["bone_lengths"].shape == bones
    compare(row(found, 0, FRAMES, graph), Lifter(model).estimate(keypoints, visibility), model)


@pytest.mark.parametrize(
    "variant",
    [
        {"filter_widths": (3, 3, 3)},
        {"filter_widths": (3, 3, 3), "causal": True},
    ],
    ids=str,
)
def test_the_graph_gives_what_the_lifter_gives(variant):
    check_variant(variant)


VARIANTS = [
    {"filter_widths": widths, "causal": causal, "recipe": recipe, "sub_networks": count}
    for widths, count in (((3, 3, 3), 1), ((3, 3), 2), ((3, 1, 5), 3))
    # A causal clip of the paper's recipe samples frames: see below.
    for recipe, causal in (("official", False), ("official", True), ("paper", False))
]
VARIANTS += [
    {"filter_widths": (3, 3), "visibility": visibility, "long_skips": skips}
    for visibility, skips in itertools.product(
        ("attention", "concatenation", "none"), (True, False)
    )
]
VARIANTS += [{"filter_widths": (3,)}]
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


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_every_other_variant_too(variant):
    check_variant(variant)


@pytest.mark.parametrize("causal", [False, True])
def test_the_baseline(causal):
    model = with_random_weights(VideoPose(filter_widths=(3, 5), channels=6, causal=causal))
    keypoints, visibility = random_clip(FRAMES)
    found = LiftingGraph(model).estimate(keypoints[None], visibility[None])
    assert set(found) == {"positions"}
    compare(
        {"positions": found["positions"][0]}, Lifter(model).estimate(keypoints, visibility), model
    )


@pytest.mark.parametrize(
    "variant",
    [
        {"causal": True},
        {},
        {"length_frames": "consecutive"},
    ],
    ids=str,
)
def test_padding_and_neighbours_change_nothing(variant):
    model = with_random_weights(
        AnatomyLifter(filter_widths=(3, 3), channels=6, sampled_frames=7, **variant)
    )
    graph, lifter = LiftingGraph(model), Lifter(model)
    clips = [random_clip(frames, seed) for seed, frames in enumerate((1, 9, FRAMES))]
    keypoints = np.full((3, FRAMES + 4, 17, 2), np.nan, np.float32)
    visibility = np.full((3, FRAMES + 4, 17), 100, np.float32)
    for at, (points, scores) in enumerate(clips):
        keypoints[at, : len(points)], visibility[at, : len(points)] = points, scores
    frames = np.array([len(points) for points, _ in clips], np.int32)
    found = graph.estimate(keypoints, visibility, frames)
    for at, (points, scores) in enumerate(clips):
        compare(row(found, at, len(points), graph), lifter.estimate(points, scores), model)
        assert not found["positions"][at, len(points) :].numpy().any()


def test_one_sided_is_what_the_lifter_gives_without_flip():
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 3), channels=6))
    keypoints, visibility = random_clip(FRAMES)
    graph = LiftingGraph(model, flip=False)
    found = row(graph.estimate(keypoints[None], visibility[None]), 0, FRAMES, graph)
    compare(found, Lifter(model).estimate(keypoints, visibility, flip=False), model)
    # The estimates weighed by what the graph calls their weights are the bone lengths.
    weights = found["bone_length_attention"].numpy()
    np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-6)
    lengths, _ = graph.network.lengths(tf.reshape(keypoints, (1, FRAMES, 34)))
    weighed = (weights * lengths[0].numpy()).sum(axis=0)
    np.testing.assert_allclose(weighed, found["bone_lengths"], **CLOSE)


def test_all_past_frames_count_where_the_recipe_samples_some():
    model = with_random_weights(
        AnatomyLifter(filter_widths=(3, 3), channels=6, recipe="paper", causal=True)
    )
    keypoints, visibility = random_clip(FRAMES)
    graph = LiftingGraph(model, flip=False)
    found = graph.estimate(keypoints[None], visibility[None])
    lengths, logits = graph.network.lengths(tf.reshape(keypoints, (1, FRAMES, 34)))
    every = pooled_so_far(lengths.numpy(), logits.numpy(), np)
    np.testing.assert_allclose(found["bone_lengths"], every, **CLOSE)


@pytest.mark.parametrize("causal", [False, True])
def test_converters_get_a_graph_without_loops(causal):
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 3), channels=6, causal=causal))
    keypoints, visibility = random_clip(FRAMES)
    graph = LiftingGraph(model)
    function = tf.function(lambda k, v: graph.estimate(k, v, pieces=False), autograph=False)
    concrete = function.get_concrete_function(
        tf.TensorSpec((1, FRAMES, 17, 2)), tf.TensorSpec((1, FRAMES, 17))
    )
    kinds = {operation.type for operation in concrete.graph.get_operations()}
    assert not kinds & {"While", "StatelessWhile", "GatherNd", "TensorListReserve"}
    found = concrete(tf.constant(keypoints[None]), tf.constant(visibility[None]))
    expected = graph.estimate(keypoints[None], visibility[None])
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, **CLOSE)
