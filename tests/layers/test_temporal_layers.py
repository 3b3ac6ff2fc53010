"""Temporal convolution, residual block and batch normalisation."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_testing import call, run_layer_test

from anatomy_tf.layers import BatchNormalization, TemporalBlock, TemporalConvolution

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(7)
CLIP = RANDOM.normal(size=(2, 9, 5)).astype("float32")


@pytest.mark.parametrize(
    "arguments",
    [
        {"filters": 4, "width": 3},
        {"filters": 4, "width": 9, "use_bias": True, "scheduled": True},
        {"filters": 4, "dropout": 0.5},
    ],
)
def test_temporal_convolution_as_a_layer(arguments, tmp_path):
    shape = (2, 9 // arguments.get("width", 1), 4)
    run_layer_test(TemporalConvolution, arguments, CLIP, shape, tmp_path, differs_in_training=True)


@pytest.mark.parametrize(("width", "use_bias"), [(1, True), (3, False), (3, True), (9, False)])
def test_temporal_convolution_is_a_strided_conv1d(width, use_bias):
    layer = TemporalConvolution(4, width, use_bias=use_bias)
    output = call(layer, CLIP)
    convolution = keras.layers.Conv1D(4, width, strides=width, use_bias=use_bias)
    convolution.build(CLIP.shape)
    convolution.set_weights([layer.kernel, layer.bias] if use_bias else [layer.kernel])
    # New statistics are mean 0 and variance 1.
    expected = np.maximum(call(convolution, CLIP) / np.sqrt(1 + 1e-5), 0)
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6)


def test_tap_0_is_the_earliest_frame():
    layer = TemporalConvolution(1, 3)
    layer.build((1, 3, 1))
    layer.kernel.assign(np.array([100.0, 10.0, 1.0]).reshape(3, 1, 1))
    output = call(layer, np.array([[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]], "float32"))
    np.testing.assert_allclose(output[0, :, 0], [123, 456], rtol=1e-5)


def test_width_1_takes_any_number_of_frames():
    layer = TemporalConvolution(4)
    assert layer.compute_output_shape((None, None, 5)) == (None, None, 4)


def test_frames_that_are_no_multiple_of_the_width_are_named():
    with pytest.raises(ValueError, match="multiple of 3 frames, got 10"):
        TemporalConvolution(4, 3).build((2, 10, 5))
    with pytest.raises(ValueError, match="width 3 needs a fixed number of frames"):
        TemporalConvolution(4, 3).build((2, None, 5))


def test_a_built_convolution_names_frames_and_channels_that_it_cannot_use():
    layer = TemporalConvolution(4, 3)
    assert layer(np.ones((2, 9, 5))).shape == (2, 3, 4)
    assert layer(np.ones((2, 12, 5))).shape == (2, 4, 4)
    # 9 sequences of 10 frames have as many numbers as 10 of 9.
    with pytest.raises(ValueError, match="multiple of 3 frames, got 10"):
        layer(np.ones((9, 10, 5)))
    with pytest.raises(ValueError, match=r"value 5, but .* shape \(2, 9, 10\)"):
        layer(np.ones((2, 9, 10)))
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
        layer(np.ones((9, 5)))
    with pytest.raises(ValueError, match="width of at least 1, got 0"):
        TemporalConvolution(4, 0)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("use_bias", [False, True])
def test_temporal_block_as_a_layer(causal, use_bias, tmp_path):
    arguments = {"filters": 4, "width": 3, "causal": causal, "use_bias": use_bias}
    run_layer_test(TemporalBlock, arguments, CLIP, (2, 3, 4), tmp_path, differs_in_training=True)


@pytest.mark.parametrize(
    ("width", "causal", "frames"),
    [(3, False, [1, 4, 7]), (3, True, [2, 5, 8]), (9, False, [4]), (9, True, [8])],
)
def test_residual_is_the_centre_or_the_newest_frames_first_channels(width, causal, frames):
    block = TemporalBlock(4, width, causal=causal)
    block.build(CLIP.shape)
    # A pointwise kernel of zeros leaves the residual alone: 0 normalised is 0.
    block.pointwise.kernel.assign(np.zeros((1, 4, 4)))
    np.testing.assert_array_equal(call(block, CLIP), CLIP[:, frames, :4])


def test_temporal_block_adds_its_two_convolutions_to_the_residual():
    block = TemporalBlock(4, 3)
    output = call(block, CLIP)
    expected = CLIP[:, 1::3, :4] + call(block.pointwise, call(block.temporal, CLIP))
    np.testing.assert_allclose(output, expected, rtol=1e-6, atol=1e-6)


def test_temporal_block_names_what_it_cannot_use():
    with pytest.raises(ValueError, match="odd width, got 4"):
        TemporalBlock(4, 4)
    with pytest.raises(ValueError, match="at least 6 input channels, got 5"):
        TemporalBlock(6, 3).build(CLIP.shape)


@pytest.mark.parametrize("layer", [TemporalConvolution(64, 3), TemporalConvolution(64, 1)])
def test_kernels_start_uniform_within_one_over_the_root_of_taps_times_channels(layer):
    layer.build((2, 9, 40))
    limit = 1 / np.sqrt(layer.width * 40)
    kernel = ops.convert_to_numpy(layer.kernel)
    assert np.abs(kernel).max() <= limit
    assert np.abs(kernel).max() > 0.99 * limit
    # A uniform distribution's standard deviation is its half width over the root of three.
    np.testing.assert_allclose(kernel.std(), limit / np.sqrt(3), rtol=0.05)


def test_biases_start_in_the_same_range():
    layer = TemporalConvolution(400, 1, use_bias=True)
    layer.build((2, 9, 25))
    bias = ops.convert_to_numpy(layer.bias)
    assert 0.19 < np.abs(bias).max() <= 0.2


def test_batch_normalization_as_a_layer(tmp_path):
    layer = run_layer_test(
        BatchNormalization,
        {"scheduled": True, "batch_share": 0.3, "epsilon": 1e-3, "synchronized": False},
        CLIP,
        CLIP.shape,
        tmp_path,
        differs_in_training=True,
    )
    assert [w.name for w in layer.trainable_weights] == ["gamma", "beta"]


def test_running_statistics_take_the_unbiased_variance_by_hand():
    layer = BatchNormalization()
    # Mean 3, squared distances 4 + 0 + 4: biased variance 8/3, unbiased 4.
    output = call(layer, np.array([[1.0], [3.0], [5.0]], "float32"), training=True)
    expected = np.array([-2, 0, 2]) / np.sqrt(8 / 3 + 1e-5)
    np.testing.assert_allclose(output[:, 0], expected, rtol=1e-6)
    np.testing.assert_allclose(layer.moving_mean, [0.3], rtol=1e-6)
    np.testing.assert_allclose(layer.moving_variance, [0.9 * 1 + 0.1 * 4], rtol=1e-6)


def test_one_value_a_channel_gives_no_division_by_zero():
    layer = BatchNormalization()
    call(layer, np.array([[5.0]], "float32"), training=True)
    np.testing.assert_allclose(layer.moving_variance, [0.9], rtol=1e-6)


def test_the_fused_operation_of_tensorflow_computes_what_single_operations_do(monkeypatch):
    if keras.config.backend() != "tensorflow":
        pytest.skip("TensorFlow's operation")
    import tensorflow as tf

    from anatomy_tf.layers import batch_normalization

    rng = np.random.default_rng(5)
    clip = tf.constant(rng.normal(3, 2, (4, 9, 6)).astype("float32"))
    weighted = tf.constant(rng.normal(size=(4, 9, 6)).astype("float32"))

    def results(fused):
        if not fused:
            monkeypatch.setattr(BatchNormalization, "_fusible", lambda self, inputs: False)
        calls = []
        one = batch_normalization._fused
        monkeypatch.setattr(
            batch_normalization, "_fused", lambda *given: calls.append(1) or one(*given)
        )
        layer = BatchNormalization()
        layer.build(clip.shape)
        layer.gamma.assign(np.linspace(0.5, 2, 6))
        with tf.GradientTape() as tape:
            tape.watch(clip)
            output = layer(clip, training=True)
            loss = tf.reduce_sum(weighted * output**2)
        gradients = tape.gradient(loss, [clip, layer.gamma.value, layer.beta.value])
        assert bool(calls) == fused
        return [output, *gradients, layer.moving_mean.value, layer.moving_variance.value]

    for ours, plain in zip(results(fused=True), results(fused=False), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=2e-5, atol=2e-5)


def test_inference_uses_running_statistics_scale_and_shift():
    layer = BatchNormalization()
    layer.build((None, 1))
    for weight, value in (
        (layer.gamma, 2.0),
        (layer.beta, 1.0),
        (layer.moving_mean, 10.0),
        (layer.moving_variance, 4.0 - 1e-5),
    ):
        weight.assign([value])
    # (16 - 10) / 2 * 2 + 1
    np.testing.assert_allclose(call(layer, np.array([[16.0]], "float32")), [[7.0]], rtol=1e-6)


def test_one_that_is_not_trainable_normalises_by_running_statistics_and_keeps_them():
    layer = BatchNormalization()
    inputs = np.random.default_rng(4).normal(3, 2, (8, 5, 4)).astype(np.float32)
    layer(inputs, training=True)
    layer.trainable = False
    before = [np.asarray(weight) for weight in layer.weights]
    trained = np.asarray(layer(inputs, training=True))
    np.testing.assert_array_equal(trained, np.asarray(layer(inputs, training=False)))
    for old, new in zip(before, layer.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(new), old)


def test_epsilon_is_1e_5():
    layer = BatchNormalization()
    layer.build((None, 1))
    layer.moving_variance.assign([0.0])
    output = call(layer, np.array([[1.0]], "float32"))
    np.testing.assert_allclose(output, [[316.22777]], rtol=1e-5)


def test_a_new_batch_share_takes_effect_inside_a_compiled_fit():
    inputs = keras.Input((1,))
    layer = BatchNormalization()
    model = keras.Model(inputs, layer(inputs))
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    x = np.array([[1.0], [3.0]], "float32")
    model.fit(x, x, batch_size=2, verbose=0)
    np.testing.assert_allclose(layer.moving_mean, [0.2], rtol=1e-6)
    layer.batch_share.assign(0.5)
    model.fit(x, x, batch_size=2, verbose=0)
    np.testing.assert_allclose(layer.moving_mean, [0.5 * 0.2 + 0.5 * 2], rtol=1e-6)
    layer.batch_share.assign(0.0)
    model.fit(x, x, batch_size=2, verbose=0)
    np.testing.assert_allclose(layer.moving_mean, [1.1], rtol=1e-6)


def test_statistics_stay_float32_under_mixed_precision():
    layer = BatchNormalization(dtype="mixed_bfloat16")
    # bfloat16 would lose the 0.25 of 1000.25.
    call(layer, np.full((4, 1), 1000.25, "float32"), training=True)
    assert {keras.backend.standardize_dtype(w.dtype) for w in layer.weights} == {"float32"}
