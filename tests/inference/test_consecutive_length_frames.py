"""AF(conse) of section 4.4: bone lengths from the frames around each frame."""

import keras
import numpy as np
import pytest

from anatomy_tf.inference import Lifter
from anatomy_tf.inference import lifter as lifter_module
from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.network import estimate
from anatomy_tf.network.arrays import FRAMES_AT_ONCE

pytestmark = pytest.mark.slow

FRAMES, SAMPLED = 11, 3


def lifter(**arguments):
    """Of the same weights each time."""
    keras.utils.set_random_seed(0)
    config = AnatomyLifterConfig(
        filter_widths=(3, 3), channels=8, sampled_frames=SAMPLED, **arguments
    )
    return Lifter(config.build())


def lengths_of(keypoints, of):
    visibility = np.ones(keypoints.shape[:2], np.float32)
    return of.estimate(keypoints, visibility, flip=False).bone_lengths


@pytest.mark.parametrize(
    ("causal", "blocks"),
    [
        # Three frames with the target in the middle; at the ends the block moves inwards.
        (False, {0: range(3), 1: range(3), 5: range(4, 7), 10: range(8, 11)}),
        (True, {0: range(1), 1: range(2), 5: range(3, 6), 10: range(8, 11)}),
    ],
)
def test_each_frame_has_the_lengths_of_its_block(causal, blocks):
    keypoints = np.random.default_rng(1).normal(size=(FRAMES, 17, 2)).astype(np.float32)
    consecutive = lifter(causal=causal, length_frames="consecutive", length_pooling="mean")
    found = lengths_of(keypoints, consecutive)
    plain = lifter(length_pooling="mean")
    single = np.concatenate([lengths_of(keypoints[t : t + 1], plain) for t in range(FRAMES)])
    for frame, block in blocks.items():
        counts = np.arange(SAMPLED) % len(block)
        expected = single[list(block)][counts].mean(axis=0)
        np.testing.assert_allclose(found[frame], expected, atol=1e-6)


def test_far_frames_do_not_count():
    keypoints = np.random.default_rng(1).normal(size=(FRAMES, 17, 2)).astype(np.float32)
    changed = keypoints.copy()
    changed[8:] += 1
    consecutive = lifter(length_frames="consecutive")
    before, after = (lengths_of(k, consecutive) for k in (keypoints, changed))
    np.testing.assert_allclose(after[:7], before[:7], atol=1e-6)
    assert np.abs(after[7:] - before[7:]).max() > 1e-3


@pytest.mark.parametrize(
    "arguments", [{"length_frames": "consecutive"}, {"recipe": "paper", "causal": True}]
)
def test_a_long_clip_is_pooled_in_parts(arguments, monkeypatch):
    frames, most = 2500, []
    of = lifter(**arguments)
    keypoints = np.random.default_rng(1).normal(size=(frames, 17, 2)).astype(np.float32)
    expected = lengths_of(keypoints, of)
    for module in (estimate, lifter_module):
        pooled = module.pooled_over

        def noted(lengths, logits, chosen, xp, pooled=pooled):
            most.append(chosen.shape[1])
            return pooled(lengths, logits, chosen, xp)

        monkeypatch.setattr(module, "pooled_over", noted)
    np.testing.assert_array_equal(lengths_of(keypoints, of), expected)
    assert sum(most) == frames and max(most) <= FRAMES_AT_ONCE
