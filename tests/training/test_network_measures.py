"""Norms of a network's parts and the entropies of its attentions."""

import numpy as np
import pytest

from anatomy_tf.models import AnatomyLifterConfig, VideoPoseConfig
from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.training.network_measures import (
    AttentionEntropies,
    gradient_norms,
    normalized_entropy,
    weight_norms,
)

pytestmark = pytest.mark.slow

PARTS = [
    "bone_length_attention",
    "direction_sub_network_1",
    "direction_sub_network_2",
    "joint_positions",
    "length_network",
    "visibility_attention",
]


@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_each_weight_belongs_to_one_part(recipe):
    config = AnatomyLifterConfig(filter_widths=(3, 3), channels=8, sampled_frames=4, recipe=recipe)
    model = config.build()
    norms = weight_norms(model)
    assert list(norms) == PARTS
    everything = np.concatenate([np.ravel(v) for v in model.trainable_variables])
    assert sum(norm**2 for norm in norms.values()) == pytest.approx(np.sum(everything**2), rel=1e-5)


def test_the_gradients_norm_is_the_root_of_its_mean_square():
    model = VideoPoseConfig(filter_widths=(3,), channels=4).build()
    model.compile(optimizer=AMSGrad(0.0), loss="mse")
    model.optimizer.build(model.trainable_variables)
    assert gradient_norms(model) == {"network": 0.0}
    count = sum(np.size(v) for v in model.trainable_variables)
    for factor in (1.0, 3.0):
        model.optimizer.apply([factor * np.ones(v.shape, "f4") for v in model.trainable_variables])
    # Squares 1 and 9, the later one weighing 1 / 0.999 as much as the earlier: very nearly 5.
    mean_square = (0.999 * 1 + 9) / 1.999
    expected = {"network": pytest.approx(np.sqrt(count * mean_square), rel=1e-4)}
    assert gradient_norms(model) == expected


def test_entropy_is_one_for_even_weights_and_zero_for_a_single_one():
    assert normalized_entropy(np.full((2, 5, 3), 0.2)) == pytest.approx(1)
    assert normalized_entropy(np.eye(4)[None]) == pytest.approx(0)
    # Half on each of two out of four; sets of zeros do not count.
    halves = np.array([[[3.0, 0], [3, 0], [0, 0], [0, 0]]])
    assert normalized_entropy(halves) == pytest.approx(0.5)


def test_a_lifter_has_both_attentions_and_the_baseline_none():
    model = AnatomyLifterConfig(filter_widths=(3, 3), channels=8, sampled_frames=4).build()
    rng = np.random.default_rng(0)
    inputs = {
        "keypoints": rng.normal(size=(5, 9, 17, 2)).astype("f4"),
        "sampled_keypoints": np.repeat(rng.normal(size=(5, 1, 17, 2)).astype("f4"), 4, axis=1),
    }
    entropies = AttentionEntropies(model).of(inputs)
    # Four times the same frame.
    assert entropies["bone_lengths"] == pytest.approx(1)
    assert 0 < entropies["visibility"] < 1
    plain = VideoPoseConfig(filter_widths=(3,), channels=4).build()
    assert AttentionEntropies(plain).of(inputs) == {}
