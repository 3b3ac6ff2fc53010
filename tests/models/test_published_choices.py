"""What the published network does in training beyond its layers' numbers (III.3, III.4, III.11)."""

import keras
import numpy as np
import pytest

from anatomy_tf.layers import ImplicitVisibilityAttention, TemporalBlock, TemporalConvolution
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.training.callbacks.schedules import scheduled_layers
from anatomy_tf.weights import anatomy3d, video_pose3d

pytestmark = pytest.mark.slow

WIDTHS = (3, 3, 3)


def names_of(layers, variables):
    """The published names of batch normalisations."""
    by_gamma = {id(variable): key for key, (variable, _) in variables.items()}
    return {by_gamma[id(layer.gamma)].removesuffix(".weight") for layer in layers}


def test_stem_and_blocks_of_the_first_sub_network_alone_follow_the_momentum_schedule():
    model = AnatomyLifter(filter_widths=WIDTHS, channels=4)
    follow = names_of(scheduled_layers(model), anatomy3d.variables(model))
    # Not expand_bnscore, layers_bn1.*, layers_bnbone.*.
    assert follow == {"expand_bn", *(f"layers_bn.{i}" for i in range(4))}


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (VideoPose(filter_widths=WIDTHS, channels=4), 5),
        # Two stems, the visibility's, two blocks each of two sub-networks, and the length network.
        (AnatomyLifter(filter_widths=WIDTHS, channels=4, recipe="paper"), 2 + 1 + 2 * 4 + 5),
    ],
    ids=["baseline", "paper recipe"],
)
def test_all_normalisations_of_the_baseline_and_the_paper_recipe_follow_it(model, count):
    shares = [v for v in model.variables if v.path.endswith("batch_share")]
    assert len(list(scheduled_layers(model))) == len(shares) == count
    np.testing.assert_allclose([float(share) for share in shares], 0.1)


@pytest.mark.parametrize(
    ("model_class", "variables"),
    [(AnatomyLifter, anatomy3d.variables), (VideoPose, video_pose3d.variables)],
)
def test_weights_and_biases_start_uniform_within_one_over_the_root_of_the_fan_in(
    model_class, variables
):
    keras.utils.set_random_seed(3)
    table = variables(model_class(filter_widths=WIDTHS, channels=24))
    fan_in = {
        key.removesuffix(".weight"): int(np.prod(variable.shape[:-1]))
        for key, (variable, _) in table.items()
        if key.endswith(".weight") and len(variable.shape) > 1
    }
    assert fan_in["expand_conv"] == 34 * 3
    for key, (variable, _) in table.items():
        layer, _, kind = key.rpartition(".")
        values = np.asarray(variable)
        if layer not in fan_in:
            start = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}[kind]
            np.testing.assert_array_equal(values, start, err_msg=key)
            continue
        bound = fan_in[layer] ** -0.5
        assert np.abs(values).max() <= bound, key
        if values.size > 500:
            assert np.abs(values).max() > 0.98 * bound, key
            assert values.std() == pytest.approx(bound / 3**0.5, rel=0.1), key


def test_every_unit_drops_a_quarter_and_no_head_does():
    model = AnatomyLifter(filter_widths=WIDTHS, channels=4)
    layers = list(model._flatten_layers())
    drops = [layer for layer in layers if isinstance(layer, keras.layers.Dropout)]
    units = [layer for layer in layers if isinstance(layer, TemporalConvolution)]
    # Two stems, two sub-networks of two blocks of two, and the length network's five.
    assert len(units) == 2 + 8 + 5
    assert {id(drop) for drop in drops} == {id(unit.drop) for unit in units}
    assert {drop.rate for drop in drops} == {0.25}


def positive(layer):
    """Lifts what a unit normalises above zero, so that only dropping makes zeros."""
    layer.normalization.beta.assign(np.full(layer.filters, 10, "float32"))
    return layer


def test_a_unit_drops_after_the_activation():
    layer = TemporalConvolution(50, 1, dropout=0.25)
    inputs = np.random.default_rng(0).normal(size=(40, 10, 50)).astype("float32")
    layer.build(inputs.shape)
    values = np.asarray(positive(layer)(inputs, training=True))
    assert (values == 0).mean() == pytest.approx(0.25, abs=0.02)
    # The rest is scaled so that the mean stays: 10 / 0.75.
    assert values[values != 0].mean() == pytest.approx(10 / 0.75, rel=0.02)


def test_a_block_does_not_drop_its_residual():
    block = TemporalBlock(50, 1, dropout=0.25)
    inputs = np.random.default_rng(0).normal(size=(40, 10, 50)).astype("float32")
    block.build(inputs.shape)
    positive(block.pointwise)
    added = np.asarray(block(inputs, training=True)) - inputs
    assert (np.abs(added) < 1e-5).mean() == pytest.approx(0.25, abs=0.02)


def test_visibility_features_are_dropped_and_the_product_is_not_again():
    layer = ImplicitVisibilityAttention(50, 1, dropout=0.25)
    features = np.ones((40, 10, 50), "float32")
    visibility = np.random.default_rng(0).uniform(size=(40, 10, 17)).astype("float32")
    layer.build([features.shape, visibility.shape])
    positive(layer.visibility)
    joined = np.asarray(layer([features, visibility], training=True))
    np.testing.assert_array_equal(joined[..., :50], features)
    assert (joined[..., 50:] == 0).mean() == pytest.approx(0.25, abs=0.02)
