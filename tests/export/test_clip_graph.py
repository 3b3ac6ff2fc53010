"""Clips as a served model takes them against the package's own containers."""

import numpy as np
import pytest
import tensorflow as tf
from trained_like import with_random_weights

from anatomy_tf.export.clip_graph import exact_rate, filled, frames_at, lift_clips, resampled
from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.sequences import KeypointSequence, interpolate_frames, resampled_times
from anatomy_tf.skeletons import HUMAN36M_17

PADDING = 3


def clip(frames, fps, seed):
    """A clip in which joints are lost for some frames, at its ends, and throughout."""
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(0, 1000, (frames, 17, 2)).astype(np.float32)
    keypoints[rng.random((frames, 17)) < 0.2] = np.nan
    keypoints[: frames // 3, 3] = keypoints[frames // 2 :, 5] = keypoints[:, 7] = np.nan
    keypoints[frames // 2, 0] = 400, 300
    visibility = rng.uniform(0, 1, (frames, 17)).astype(np.float32)
    return KeypointSequence(keypoints, visibility, HUMAN36M_17, fps, 1280, 720)


def batch(clips):
    frames = [len(c) for c in clips]
    pixels = np.full((len(clips), max(frames) + PADDING, 17, 2), np.nan, np.float32)
    visibility = np.zeros(pixels.shape[:3], np.float32)
    for at, c in enumerate(clips):
        pixels[at, : len(c)], visibility[at, : len(c)] = c.keypoints, c.visibility
    return tf.constant(pixels), tf.constant(visibility), tf.constant(frames)


def test_gaps_are_closed_as_in_a_keypoint_sequence():
    clips = [clip(frames, 50, seed) for seed, frames in enumerate((21, 4, 1))]
    pixels, visibility = filled(*batch(clips))
    for at, c in enumerate(clips):
        np.testing.assert_allclose(pixels[at, : len(c)], c.filled().keypoints, rtol=2e-6)
        np.testing.assert_array_equal(visibility[at, : len(c)], c.visibility)


def test_rates_differ_within_a_batch():
    values = np.random.default_rng(0).normal(size=(3, 11, 2)).astype(np.float32)
    frames, rates = np.array([11, 7, 1], np.int32), np.array([25, 29.97, 120])
    counts = frames_at(frames, tf.constant(rates, tf.float64), 50.0)
    assert counts.numpy().tolist() == [21, 11, 1]
    found = resampled(
        values, frames, 21, tf.constant(rates, tf.float64), tf.constant(50, tf.float64)
    )
    for at, (count, fps) in enumerate(zip(frames, rates, strict=True)):
        times = resampled_times(count, fps, 50.0, 21)
        np.testing.assert_allclose(
            found[at], interpolate_frames(values[at, :count], times), atol=1e-6
        )


def test_a_rate_is_the_decimal_fraction_that_was_meant():
    meant = [29.97, 23.976, 50, 30000 / 1001]
    found = exact_rate(tf.constant(meant, tf.float32)).numpy()
    assert found[:3].tolist() == meant[:3]
    np.testing.assert_allclose(found[3], meant[3], rtol=1e-7)


@pytest.mark.parametrize("causal", [pytest.param(False, marks=pytest.mark.slow), True])
def test_lifted_like_the_lifter(causal):
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 3), channels=6, causal=causal))
    rates = (50.0, 25.0, 29.97, 120.0)
    clips = [clip(frames, fps, 5) for fps, frames in zip(rates, (23, 1, 17, 31), strict=True)]
    pixels, visibility, frames = batch(clips)
    sizes = tf.constant([[1280.0, 720]] * 4)
    found = lift_clips(
        LiftingGraph(model), pixels, visibility, sizes, tf.constant(rates, tf.float32), frames
    )
    lifter = Lifter(model)
    for at, c in enumerate(clips):
        poses = lifter.lift(c)
        np.testing.assert_allclose(found["positions"][at, : len(c)], poses.positions, atol=1e-5)
        np.testing.assert_allclose(found["bone_lengths"][at], poses.bone_lengths, atol=1e-5)
        assert not found["positions"][at, len(c) :].numpy().any()
        directions = np.linalg.norm(found["bone_directions"][at, : len(c)], axis=-1)
        np.testing.assert_allclose(directions, 1, atol=1e-5)
        weights = found["bone_length_attention"][at].numpy()
        np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-5)
