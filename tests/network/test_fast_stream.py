"""One frame at a time against the whole clip."""

import itertools

import numpy as np
import pytest
from trained_like import random_clip, with_random_weights

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.network import fast_stream, stream_products
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.estimate import LiftingNetwork
from anatomy_tf.network.fast_stream import StreamingNetwork
from anatomy_tf.network.weights import NetworkWeights

pytestmark = pytest.mark.slow

FRAMES = 61


def clip(frames=FRAMES, seed=1):
    return random_clip(frames, seed)


@pytest.fixture(params=[True, False], ids=["numba", "blas"])
def products(request, monkeypatch):
    """Both kinds of products."""
    monkeypatch.setattr(stream_products, "has_numba", lambda: request.param)


def estimated(model, keypoints, visibility):
    """What the whole clip gives: positions, lengths, directions."""
    network = LiftingNetwork(NetworkWeights.of_model(model), NumPyArrays())
    found = network.estimate(keypoints[None], visibility[None])
    names = ("positions", "bone_lengths", "bone_directions")
    return [found[name][0] if name in found else None for name in names]


def network_of(model, people=1):
    return StreamingNetwork(NetworkWeights.of_model(model), people)


def streamed(model, keypoints, visibility):
    """What each frame of one person gives: positions, lengths, directions."""
    network = network_of(model)
    frames = [
        network.push(k[None], v[None], np.array([t == 0]))
        for t, (k, v) in enumerate(zip(keypoints, visibility, strict=True))
    ]
    return [None if part[0] is None else np.concatenate(part) for part in zip(*frames, strict=True)]


def check(model, frames=FRAMES):
    keypoints, visibility = clip(frames)
    expected = estimated(model, keypoints, visibility)
    for found, value in zip(streamed(model, keypoints, visibility), expected, strict=True):
        np.testing.assert_allclose(found, value, atol=1e-5)


CAUSAL = [
    {"filter_widths": widths, "recipe": recipe, "sub_networks": count}
    for widths, recipe, count in itertools.product(
        ((3, 3, 3), (5, 3), (3, 1, 5)), ("official", "paper"), (1, 2, 3)
    )
] + [
    {"filter_widths": widths, "visibility": visibility, "long_skips": skips}
    for widths, visibility, skips in itertools.product(
        ((3,), (3, 3)), ("attention", "concatenation", "none"), (True, False)
    )
]


# Each by one kind: what is multiplied does not depend on how. Five is no period of the variants.
@pytest.mark.parametrize(
    ("variant", "products"),
    list(zip(CAUSAL, itertools.cycle([True, False, True, False, False]), strict=False)),
    ids=str,
    indirect=["products"],
)
def test_a_stream_gives_what_the_whole_clip_gives(variant, products):
    check(with_random_weights(AnatomyLifter(channels=6, causal=True, **variant)))


@pytest.mark.parametrize(
    ("output", "pooling"), [("positions", "mean"), ("lengths", "mean"), ("positions", "attention")]
)
def test_every_kind_of_length_network(output, pooling):
    model = with_random_weights(
        AnatomyLifter(
            filter_widths=(3, 3),
            channels=6,
            causal=True,
            length_output=output,
            length_pooling=pooling,
            length_augmentation=False,
        )
    )
    if output == "lengths":  # An untrained network may give negative ones.
        head = model.get_layer("bone_length_network").get_layer("frame_lengths")
        head.bias.assign_add(np.full(16, 9.0))
    check(model, 20)


def test_the_baseline_too(products):
    model = with_random_weights(VideoPose(filter_widths=(3, 5), channels=6, causal=True))
    keypoints, visibility = clip(40)
    positions, lengths, directions = streamed(model, keypoints, visibility)
    expected = estimated(model, keypoints, visibility)[0]
    np.testing.assert_allclose(positions, expected, atol=1e-5)
    assert lengths is None
    assert directions is None


@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_a_centred_model_comes_half_a_window_late(recipe):
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 5), channels=6, recipe=recipe))
    keypoints, visibility = clip(30)
    expected = estimated(model, keypoints, visibility)[2]
    _, _, directions = streamed(model, keypoints, visibility)
    assert network_of(model).latency == 7
    np.testing.assert_allclose(directions[7:], expected[:-7], atol=1e-5)


@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_a_second_thread_changes_nothing(recipe, monkeypatch, products):
    arguments = {"filter_widths": (3, 3, 3), "channels": 6, "causal": True, "sub_networks": 3}
    model = with_random_weights(AnatomyLifter(recipe=recipe, **arguments))
    keypoints, visibility = clip(40)
    narrow = streamed(model, keypoints, visibility)
    monkeypatch.setattr(fast_stream, "WIDE", 1)
    for one, other in zip(narrow, streamed(model, keypoints, visibility), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_a_model_stored_in_16_bits_is_streamed_from_16_bits(recipe):
    arguments = {"filter_widths": (3, 3), "channels": 6, "causal": True, "sub_networks": 3}
    model = with_random_weights(AnatomyLifter(recipe=recipe, **arguments))
    model.set_weights([w.astype(np.float16).astype(np.float32) for w in model.get_weights()])
    check(model, 30)
    network = network_of(model)
    directions = network.directions
    blocks = directions.first
    convolutions = [directions.stem, *(block.temporal for block in blocks)]
    whole = [c.whole for c in convolutions if c.whole is not None]
    parted = [p for c in convolutions if c.whole is None for p in (c.newest, c.past)]
    upper = [block.own.apply for upper in directions.upper for block in upper[1:]]
    lengths = [layer for layers in network.lengths.of_frames.blocks for layer in layers]
    of_16_bits = [*whole, *parted, *(b.pointwise for b in blocks), *upper, *lengths]
    assert {product.weights.dtype for product in of_16_bits} == {np.dtype(np.uint16)}


@pytest.mark.parametrize("wide", [1, 100])
def test_people_who_come_and_go_change_nobody_at_any_turn(wide, monkeypatch):
    # Past taps are taken for several coming frames: also those of somebody who has just come.
    monkeypatch.setattr(fast_stream, "WIDE", wide)
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 3, 5), channels=6, causal=True))
    keypoints, visibility = clip(40)
    expected = streamed(model, keypoints, visibility)[2]
    network = network_of(model)
    for t in range(40):
        rows, new = [t], [t == 0]
        if t >= 7:  # Somebody else stands before for some frames, then leaves.
            if t == 7:
                network.add_person()
            if t < 23:
                rows, new = [t, t - 7], [False, t == 7]
            elif t == 23:
                network.remove_person(0)
            if t >= 23:
                rows, new = [t - 7], [False]
        _, _, found = network.push(keypoints[rows], visibility[rows], np.array(new))
        np.testing.assert_allclose(found, expected[rows], atol=1e-5)


def test_who_leaves_is_forgotten_and_nobody_else():
    model = with_random_weights(AnatomyLifter(filter_widths=(3,), channels=6, causal=True))
    network = network_of(model)
    network.add_person()
    network.add_person()
    rows = np.arange(3.0)[None, :, None]
    network.restore({name: 0 * values + rows for name, values in network.memory().items()})
    network.remove_person(1)
    for values in network.memory().values():
        assert np.unique(values[:, 0]).tolist() == [0] and np.unique(values[:, 1]).tolist() == [2]


def test_consecutive_length_frames_cannot_be_streamed():
    model = AnatomyLifter(filter_widths=(3,), channels=4, causal=True, length_frames="consecutive")
    with pytest.raises(AnatomyError, match="consecutive"):
        network_of(model)
