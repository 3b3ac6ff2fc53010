"""One frame at a time against the whole clip."""

import itertools

import numpy as np
import pytest
from keras import ops
from trained_like import random_clip, with_random_weights

from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import Lifter, streaming_network
from anatomy_tf.inference.length_pooling import pool_past_lengths
from anatomy_tf.inference.streaming_memory import RunningLengths
from anatomy_tf.inference.streaming_network import StreamingNetwork
from anatomy_tf.models import AnatomyLifter, VideoPose

FRAMES = 61


def clip(frames=FRAMES, seed=1):
    return random_clip(frames, seed)


def streamed(model, keypoints, visibility):
    """What each frame of one person gives: positions, lengths, directions."""
    network = StreamingNetwork(model, 1)
    frames = [
        network.push(k[None], v[None], np.array([t == 0]))
        for t, (k, v) in enumerate(zip(keypoints, visibility, strict=True))
    ]
    return [None if part[0] is None else np.concatenate(part) for part in zip(*frames, strict=True)]


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


def lengths_of_all_past_frames(lifter, keypoints):
    """What a causal whole clip gives where the recipe takes all past frames."""
    return pool_past_lengths(*lifter._frame_lengths(keypoints))


@pytest.mark.parametrize("variant", CAUSAL, ids=str)
def test_a_stream_gives_what_the_whole_clip_gives(variant):
    model = with_random_weights(AnatomyLifter(channels=6, causal=True, **variant))
    keypoints, visibility = clip()
    lifter = Lifter(model)
    expected = lifter.estimate(keypoints, visibility, flip=False)
    positions, lengths, directions = streamed(model, keypoints, visibility)
    np.testing.assert_allclose(directions, expected.bone_directions, atol=1e-5)
    if model.recipe.inference_frames == "all":
        expected_lengths, expected_positions = expected.bone_lengths, expected.positions
    else:
        # The recipe samples past frames; a stream takes all of them.
        expected_lengths = lengths_of_all_past_frames(lifter, keypoints)
        head = model.get_layer("joint_positions")
        expected_positions = ops.convert_to_numpy(head([expected_lengths, directions]))
    np.testing.assert_allclose(lengths, expected_lengths, atol=1e-5)
    np.testing.assert_allclose(positions, expected_positions, atol=1e-5)


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
    keypoints, visibility = clip(20)
    expected = Lifter(model).estimate(keypoints, visibility, flip=False)
    positions, lengths, _ = streamed(model, keypoints, visibility)
    np.testing.assert_allclose(lengths, expected.bone_lengths, atol=1e-5)
    np.testing.assert_allclose(positions, expected.positions, atol=1e-5)


def test_the_baseline_too():
    model = with_random_weights(VideoPose(filter_widths=(3, 5), channels=6, causal=True))
    keypoints, visibility = clip(40)
    expected = Lifter(model).estimate(keypoints, visibility, flip=False)
    positions, lengths, directions = streamed(model, keypoints, visibility)
    np.testing.assert_allclose(positions, expected.positions, atol=1e-5)
    assert lengths is None
    assert directions is None


@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_a_centred_model_comes_half_a_window_late(recipe):
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 5), channels=6, recipe=recipe))
    keypoints, visibility = clip(30)
    expected = Lifter(model).estimate(keypoints, visibility, flip=False)
    _, _, directions = streamed(model, keypoints, visibility)
    assert StreamingNetwork(model, 1).latency == 7
    np.testing.assert_allclose(directions[7:], expected.bone_directions[:-7], atol=1e-5)


@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_a_second_thread_changes_nothing(recipe, monkeypatch):
    arguments = {"filter_widths": (3, 3, 3), "channels": 6, "causal": True, "sub_networks": 3}
    model = with_random_weights(AnatomyLifter(recipe=recipe, **arguments))
    keypoints, visibility = clip(40)
    narrow = streamed(model, keypoints, visibility)
    monkeypatch.setattr(streaming_network, "WIDE", 1)
    for one, other in zip(narrow, streamed(model, keypoints, visibility), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_a_model_stored_in_16_bits_is_streamed_from_16_bits(recipe):
    arguments = {"filter_widths": (3, 3), "channels": 6, "causal": True, "sub_networks": 3}
    model = with_random_weights(AnatomyLifter(recipe=recipe, **arguments))
    model.set_weights([w.astype(np.float16).astype(np.float32) for w in model.get_weights()])
    keypoints, visibility = clip(30)
    expected = Lifter(model).estimate(keypoints, visibility, flip=False)
    _, _, directions = streamed(model, keypoints, visibility)
    np.testing.assert_allclose(directions, expected.bone_directions, atol=1e-5)
    network = StreamingNetwork(model, 1)
    first = [p for block in network.blocks for p in (block.pointwise, block.temporal.past)]
    upper = [block.own.product for blocks in network.upper.blocks for block in blocks]
    lengths = [layer for layers in network.bones.of_frame.blocks for layer in layers]
    of_16_bits = [network.stem, *first, *upper, *lengths]
    assert {product.weights.dtype for product in of_16_bits} == {np.dtype(np.uint16)}


@pytest.mark.parametrize("wide", [1, 100])
def test_people_who_come_and_go_change_nobody_at_any_turn(wide, monkeypatch):
    # Past taps are taken for several coming frames: also those of somebody who has just come.
    monkeypatch.setattr(streaming_network, "WIDE", wide)
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 3, 5), channels=6, causal=True))
    keypoints, visibility = clip(40)
    expected = streamed(model, keypoints, visibility)[2]
    network = StreamingNetwork(model, 1)
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


def test_large_logits_do_not_overflow():
    pooled = RunningLengths(1, 1)
    first = pooled.add(np.full((1, 1), 2.0), np.full((1, 1), 1000.0), np.array([True]))
    second = pooled.add(np.full((1, 1), 4.0), np.full((1, 1), 1000.0), np.array([False]))
    third = pooled.add(np.full((1, 1), 8.0), np.full((1, 1), 2000.0), np.array([False]))
    assert (first.item(), second.item(), third.item()) == (2, 3, 8)


def test_consecutive_length_frames_cannot_be_streamed():
    model = AnatomyLifter(filter_widths=(3,), channels=4, causal=True, length_frames="consecutive")
    with pytest.raises(AnatomyError, match="consecutive"):
        StreamingNetwork(model, 1)
