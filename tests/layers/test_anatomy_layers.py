"""Visibility attention, bone length attention, directions, positions and joint shifts."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import ops
from layer_testing import call, run_layer_test

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.layers import (
    BoneLengthAttention,
    ImplicitVisibilityAttention,
    JointPositions,
    JointShift,
    UnitDirections,
)
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(11)
TOY = Skeleton("toy_5", ("hip", "left_knee", "right_knee", "chest", "head"), (-1, 0, 0, 0, 3))
"""Bones hip-left_knee, hip-right_knee, hip-chest, chest-head; pairs by hand below."""
TOY_PAIRS = ((0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4))
POSITIONS = RANDOM.normal(size=(2, 7, 5, 3)).astype("float32")
LENGTHS = RANDOM.uniform(0.2, 0.6, size=(2, 4)).astype("float32")
DIRECTIONS = RANDOM.normal(size=(2, 4, 3)).astype("float32")
DIRECTIONS /= np.linalg.norm(DIRECTIONS, axis=-1, keepdims=True)


class GradientOf(keras.layers.Layer):
    """Passes its input on, plus a trainable offset of zeros whose gradient is the input's."""

    def build(self, input_shape: Any) -> None:
        self.offset = self.add_weight(name="offset", shape=input_shape[1:], initializer="zeros")

    def call(self, inputs: Any) -> Any:
        return inputs + self.offset


def input_gradients(layer: Any, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Gradient of the mean square of the layer's output to each input, on any backend.

    A step of plain gradient descent at rate 1 moves each offset from 0 by minus its gradient.
    """
    symbols = [keras.Input(array.shape[1:]) for array in arrays]
    offsets = [GradientOf() for _ in arrays]
    moved = [offset(symbol) for offset, symbol in zip(offsets, symbols, strict=True)]
    model = keras.Model(symbols, layer(moved if len(moved) > 1 else moved[0]))
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
    target = np.zeros((len(arrays[0]), *model.output.shape[1:]), "float32")
    model.train_on_batch(arrays, target)
    return [ops.convert_to_numpy(offset.offset) for offset in offsets]


def test_implicit_visibility_attention_as_a_layer(tmp_path):
    features = RANDOM.normal(size=(2, 3, 4)).astype("float32")
    visibility = RANDOM.uniform(size=(2, 9, 5)).astype("float32")
    run_layer_test(
        ImplicitVisibilityAttention,
        {"filters": 4, "width": 3, "dropout": 0.1},
        [features, visibility],
        (2, 3, 8),
        tmp_path,
        differs_in_training=True,
    )


def test_plain_features_come_first_and_their_product_with_visibility_second():
    layer = ImplicitVisibilityAttention(filters=2, width=3)
    features = np.array([[[2.0, -3.0]]], "float32")
    visibility = np.array([[[0.5], [1.0], [0.25]]], "float32")
    layer.build([features.shape, visibility.shape])
    # 0.5 + 2 * 1 + 4 * 0.25 = 3.5 and -3.5, which ReLU makes 0; the second channel's shift is 7.
    layer.visibility.kernel.assign(np.array([[[1, -1]], [[2, -2]], [[4, -4]]]))
    layer.visibility.normalization.beta.assign([0.0, 7.0])
    output = call(layer, [features, visibility])
    np.testing.assert_allclose(output, [[[2, -3, 2 * 3.5, -3 * 3.5]]], rtol=1e-4)


def test_implicit_visibility_attention_names_other_channels():
    with pytest.raises(ValueError, match=r"axis -1 .* value 8, but .* shape \(2, 3, 4\)"):
        ImplicitVisibilityAttention(8, 3)([np.ones((2, 3, 4)), np.ones((2, 9, 5))])


def test_implicit_visibility_attention_names_visibility_of_other_frames():
    message = "expected visibility of 9 frames for 3 groups of keypoint features, got 3"
    features, visibility = np.ones((2, 3, 4)), np.ones((2, 9, 5))
    with pytest.raises(ValueError, match=message):
        ImplicitVisibilityAttention(4, 3).build([(2, 3, 4), (2, 3, 5)])
    layer = ImplicitVisibilityAttention(4, 3)
    layer([features, visibility])
    # One group would silently stand for all three.
    with pytest.raises(ValueError, match=message):
        layer([features, visibility[:, :3]])


@pytest.mark.parametrize("extra", [{}, {"absolute": True, "use_bias": True}])
def test_bone_length_attention_as_a_layer(extra, tmp_path):
    arguments = {"skeleton": TOY, "temperature": 2.0, **extra}
    layer = run_layer_test(BoneLengthAttention, arguments, POSITIONS, (2, 4), tmp_path)
    assert tuple(layer.kernel.shape) == (30 if extra else 15, 4)
    limit = 1 / np.sqrt(layer.kernel.shape[0])
    assert 0.8 * limit < np.abs(ops.convert_to_numpy(layer.kernel)).max() <= limit


def test_symmetric_attention_gives_both_sides_the_same_lengths_and_weights():
    positions = np.random.default_rng(0).normal(size=(2, 7, 17, 3)).astype(np.float32)
    layer = BoneLengthAttention(HUMAN36M_17, symmetric=True)
    call(layer, positions)
    lengths, weights = (ops.convert_to_numpy(v) for v in layer.weigh(positions))
    twins = list(HUMAN36M_17.bone_flip_order)
    np.testing.assert_allclose(lengths, lengths[:, twins], rtol=1e-6)
    np.testing.assert_allclose(weights, weights[..., twins], rtol=1e-5)
    each = bone_lengths(positions, HUMAN36M_17)
    expected = (weights * (each + each[..., twins]) / 2).sum(axis=1)
    np.testing.assert_allclose(lengths, expected, rtol=1e-5)


def test_attention_weights_sum_to_one_over_frames_for_each_bone():
    layer = BoneLengthAttention(TOY)
    call(layer, POSITIONS)
    lengths, weights = (ops.convert_to_numpy(v) for v in layer.weigh(POSITIONS))
    assert weights.shape == (2, 7, 4)
    assert weights.min() > 0
    np.testing.assert_allclose(weights.sum(axis=1), np.ones((2, 4)), rtol=1e-5)
    assert np.abs(weights[..., 0] - weights[..., 1]).max() > 1e-3
    children, parents = [1, 2, 3, 4], [0, 0, 0, 3]
    each = np.linalg.norm(POSITIONS[:, :, children] - POSITIONS[:, :, parents], axis=-1)
    np.testing.assert_allclose(lengths, (weights * each).sum(axis=1), rtol=1e-5)


def test_attention_of_two_frames_by_hand():
    bone = Skeleton("bone", ("hip", "chest"), (-1, 0))
    layer = BoneLengthAttention(bone, temperature=10.0)
    # The chest 1 m and 3 m above the hip; W reads its height times 0.05 only.
    frames = np.zeros((1, 2, 2, 3), "float32")
    frames[0, :, 1, 2] = 1, 3
    layer.build(frames.shape)
    layer.kernel.assign(np.eye(6, 1, -5) * 0.05)
    # Logits 10 * 0.05 * (1, 3) = 0.5 and 1.5; weights 1 : e.
    expected = (1 * 1 + np.e * 3) / (1 + np.e)
    np.testing.assert_allclose(call(layer, frames), [[expected]], rtol=1e-6)


def test_attention_reads_absolute_coordinates_after_the_plain_ones():
    bone = Skeleton("bone", ("hip", "chest"), (-1, 0))
    layer = BoneLengthAttention(bone, temperature=1.0, absolute=True, use_bias=True)
    frames = np.zeros((1, 2, 2, 3), "float32")
    frames[0, :, 1, 2] = -1, 3
    layer.build(frames.shape)
    layer.kernel.assign(np.eye(12, 1, -11))
    # Row 11 reads |z| of the chest: logits 1 and 3; the bias cancels.
    layer.bias.assign([5.0])
    expected = (1 * 1 + np.exp(2) * 3) / (1 + np.exp(2))
    np.testing.assert_allclose(call(layer, frames), [[expected]], rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_bone_length_attention_passes_no_gradient_to_the_positions():
    layer = BoneLengthAttention(TOY)
    call(layer, POSITIONS)
    before = ops.convert_to_numpy(layer.kernel).copy()
    (gradient,) = input_gradients(layer, [POSITIONS])
    assert np.abs(gradient).max() == 0
    assert np.abs(ops.convert_to_numpy(layer.kernel) - before).max() > 1e-4


def test_bone_length_attention_names_another_shape():
    layer = BoneLengthAttention(HUMAN36M_17)
    with pytest.raises(ValueError, match=r"value 17, but .* shape \(2, 7, 5, 3\)"):
        layer(POSITIONS)
    layer(np.ones((1, 7, 17, 3)))
    # As many numbers as two videos have.
    with pytest.raises(ValueError, match=r"value 17, but .* shape \(1, 7, 34, 3\)"):
        layer(np.ones((1, 7, 34, 3)))


def test_unit_directions_as_a_layer(tmp_path):
    features = RANDOM.normal(size=(2, 6)).astype("float32")
    layer = run_layer_test(UnitDirections, {"bones": 4}, features, (2, 4, 3), tmp_path)
    norms = np.linalg.norm(call(layer, features), axis=-1)
    np.testing.assert_allclose(norms, np.ones((2, 4)), rtol=1e-5)


def test_unit_directions_by_hand():
    layer = UnitDirections(2)
    layer.build((None, 1))
    layer.vectors.kernel.assign([[3.0, 0, -4, 0, 0, 2]])
    layer.vectors.bias.assign(np.zeros(6))
    output = call(layer, np.array([[10.0]], "float32"))
    np.testing.assert_allclose(output, [[[0.6, 0, -0.8], [0, 0, 1]]], rtol=1e-6)


def test_a_zero_vector_is_no_direction_and_has_a_finite_gradient():
    layer = UnitDirections(2)
    layer.build((None, 3))
    kernel = np.zeros((3, 6))
    kernel[0, 3] = 1
    layer.vectors.kernel.assign(kernel)
    layer.vectors.bias.assign(np.zeros(6))
    features = np.array([[2.0, 1.0, 1.0]], "float32")
    np.testing.assert_array_equal(call(layer, features), [[[0, 0, 0], [1, 0, 0]]])
    (gradient,) = input_gradients(layer, [features])
    assert np.isfinite(gradient).all()
    assert all(np.isfinite(ops.convert_to_numpy(w)).all() for w in layer.weights)


@pytest.mark.parametrize("regression", ["concatenation", "product", "derived"])
@pytest.mark.parametrize(
    ("layer_class", "vectors"), [(JointPositions, 5), (JointShift, len(TOY_PAIRS))]
)
def test_regressors_as_layers(layer_class, vectors, regression, tmp_path):
    arguments = {"skeleton": TOY, "regression": regression, "filters": 8}
    layer = run_layer_test(layer_class, arguments, [LENGTHS, DIRECTIONS], (2, vectors, 3), tmp_path)
    count = {
        "derived": 0,
        "concatenation": (16 + 1) * 3 * vectors,
        "product": (4 + 1) * 8 + (12 + 1) * 8 + (8 + 1) * 3 * vectors,
    }[regression]
    assert layer.count_params() == count


def test_joint_shift_with_self_pairs_as_a_layer(tmp_path):
    arguments = {"skeleton": TOY, "regression": "product", "filters": 8, "self_pairs": True}
    run_layer_test(JointShift, arguments, [LENGTHS, DIRECTIONS], (2, 6 + 5, 3), tmp_path)


def by_hand() -> np.ndarray:
    """Eq. 1 along each joint's path: bones 0..3 lead to joints 1..4, joint 4 hangs on joint 3."""
    bones = LENGTHS[..., None] * DIRECTIONS
    return np.stack(
        [bones[:, 0] * 0, bones[:, 0], bones[:, 1], bones[:, 2], bones[:, 2] + bones[:, 3]],
        axis=1,
    )


def test_derived_positions_are_eq_1():
    output = call(JointPositions(TOY, "derived"), [LENGTHS, DIRECTIONS])
    np.testing.assert_allclose(output, by_hand(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("self_pairs", [False, True])
def test_derived_shifts_are_eq_2(self_pairs):
    layer = JointShift(TOY, "derived", self_pairs=self_pairs)
    pairs = TOY_PAIRS
    if self_pairs:
        pairs = sorted((*TOY_PAIRS, *((joint, joint) for joint in range(5))))
    expected = np.stack([by_hand()[:, j] - by_hand()[:, i] for i, j in pairs], axis=1)
    output = call(layer, [LENGTHS, DIRECTIONS])
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6)


def test_concatenation_reads_lengths_before_directions():
    layer = JointPositions(TOY, "concatenation")
    layer.build([(None, 4), (None, 4, 3)])
    kernel = np.zeros((16, 15))
    kernel[1, 0], kernel[4 + 3 * 2 + 1, 4] = 1, 1
    layer.regress.kernel.assign(kernel)
    layer.regress.bias.assign(np.zeros(15))
    output = call(layer, [LENGTHS, DIRECTIONS])
    # The root's x is the length of bone 1, joint 1's y the y direction of bone 2.
    np.testing.assert_allclose(output[:, 0, 0], LENGTHS[:, 1], rtol=1e-6)
    np.testing.assert_allclose(output[:, 1, 1], DIRECTIONS[:, 2, 1], rtol=1e-6)


def test_product_multiplies_the_two_features():
    layer = JointPositions(TOY, "product", filters=8)
    output = call(layer, [LENGTHS, DIRECTIONS])
    lengths = call(layer.from_lengths, LENGTHS)
    directions = call(layer.from_directions, DIRECTIONS.reshape(2, 12))
    expected = call(layer.regress, lengths * directions).reshape(2, 5, 3)
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize("regression", ["concatenation", "product", "derived"])
def test_joint_shift_trains_directions_and_not_lengths(regression):
    layer = JointShift(TOY, regression, filters=8)
    call(layer, [LENGTHS, DIRECTIONS])
    lengths, directions = input_gradients(layer, [LENGTHS, DIRECTIONS])
    assert np.abs(lengths).max() == 0
    assert np.abs(directions).max() > 1e-5


def test_joint_positions_pass_gradients_to_both():
    lengths, directions = input_gradients(JointPositions(TOY, "derived"), [LENGTHS, DIRECTIONS])
    assert np.abs(lengths).max() > 1e-5
    assert np.abs(directions).max() > 1e-5


@pytest.mark.parametrize("layer_class", [JointPositions, JointShift])
def test_regressors_name_what_they_cannot_use(layer_class):
    with pytest.raises(ValueError, match="got 'sum'"):
        layer_class(TOY, "sum")
    with pytest.raises(ValueError, match=r"'lengths' .* shape=\(None, 4\), found shape=\(2, 5\)"):
        layer_class(TOY)([np.ones((2, 5)), np.ones((2, 4, 3))])
    with pytest.raises(ValueError, match=r"'directions' .* found ndim=2"):
        layer_class(TOY)([np.ones((2, 4)), np.ones((2, 12))])


def test_a_layers_skeleton_travels_as_plain_data():
    config = JointShift(TOY).get_config()
    assert config["skeleton"] == TOY.to_dict()
    assert JointShift.from_config(config).skeleton == TOY
    assert JointShift("human36m_17").skeleton is HUMAN36M_17


def test_dense_heads_start_within_one_over_the_root_of_their_inputs():
    layer = UnitDirections(50)
    layer.build((None, 25))
    for weight in layer.vectors.weights:
        assert 0.15 < np.abs(ops.convert_to_numpy(weight)).max() <= 0.2
