"""Clips as a served model takes them against the lifter."""

import numpy as np
import pytest
import tensorflow as tf
from pixel_clips import batch, clip
from trained_like import with_random_weights

from anatomy_tf.export.lifting_graph import LiftingGraph
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("recipe", ["official", "canonical"])
@pytest.mark.parametrize("causal", [False, True])
def test_lifted_like_the_lifter(causal, recipe):
    model = with_random_weights(
        AnatomyLifter(
            filter_widths=(3, 3),
            channels=6,
            causal=causal,
            recipe=recipe,
            length_augmentation=recipe != "canonical",
        )
    )
    rates = (50.0, 25.0, 29.97, 120.0)
    clips = [clip(frames, fps, 5) for fps, frames in zip(rates, (23, 1, 17, 31), strict=True)]
    pixels, visibility, frames = map(tf.constant, batch(clips))
    sizes = tf.constant([[1280.0, 720]] * 4)
    lift = tf.function(LiftingGraph(model).lift, autograph=False)
    found = lift(pixels, visibility, sizes, tf.constant(rates, tf.float32), frames)
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
