"""One test that every layer must pass, in the manner of Keras's own ``run_layer_test``."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from anatomy_tf.layers import BatchNormalization

Arrays = np.ndarray | list[np.ndarray]


def call(layer: Any, inputs: Arrays, training: bool | None = None) -> np.ndarray:
    """The layer's output as float32, whatever it computes in."""
    arguments = {} if training is None else {"training": training}
    return ops.convert_to_numpy(ops.cast(layer(inputs, **arguments), "float32"))


def run_layer_test(
    layer_class: type[keras.layers.Layer],
    arguments: dict[str, Any],
    inputs: Arrays,
    output_shape: tuple[int, ...],
    folder: Path,
    *,
    differs_in_training: bool = False,
    bfloat16_error: float = 0.05,
) -> keras.layers.Layer:
    """Builds, runs, serialises, saves and runs in mixed precision; returns the built layer.

    Args:
        layer_class, arguments: the layer.
        inputs: one array or a list of them, float32.
        output_shape: of the whole output.
        folder: an empty folder.
        differs_in_training: whether the output differs with ``training=True``; a layer that has no
            such argument does not.
        bfloat16_error: largest error of mixed precision, as a share of the largest output.
    """
    shapes = [i.shape for i in inputs] if isinstance(inputs, list) else inputs.shape
    # With other weights all of a few outputs may be below zero, which rectifiers make zero.
    keras.utils.set_random_seed(0)
    layer = layer_class(**arguments, name="under_test")
    assert tuple(layer.compute_output_shape(shapes)) == output_shape
    output = call(layer, inputs)
    assert output.shape == output_shape
    assert np.isfinite(output).all()
    assert np.abs(output).max() > 0, "a zero output would pass every comparison below"

    if differs_in_training:
        weights = layer.get_weights()
        trained = call(layer, inputs, training=True)
        assert trained.shape == output_shape
        assert np.abs(trained - output).max() > 1e-3
        layer.set_weights(weights)
        np.testing.assert_array_equal(call(layer, inputs, training=False), output)

    config = layer.get_config()
    twin = layer_class.from_config(config)
    assert twin.get_config() == config
    assert set(arguments) <= set(config)
    call(twin, inputs)
    assert [tuple(w.shape) for w in twin.weights] == [tuple(w.shape) for w in layer.weights]
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(call(twin, inputs), output)

    _frozen_by_its_config(layer_class, config, shapes)
    _saved_model_gives_the_same(layer, inputs, output, folder)
    _mixed_precision_is_close(layer_class, arguments, layer, inputs, output, bfloat16_error)
    return layer


def _frozen_by_its_config(layer_class: Any, config: dict[str, Any], shapes: Any) -> None:
    """A file of Keras's says of a frozen layer only this; its parts must not train either."""
    frozen = layer_class.from_config({**config, "trainable": False})
    frozen.build(shapes)
    assert not any(weight.trainable for weight in frozen.weights if weight.name != "seed")
    normalizes = [p for p in frozen._flatten_layers() if isinstance(p, BatchNormalization)]
    assert not any(part.trainable for part in normalizes)


def _saved_model_gives_the_same(
    layer: Any, inputs: Arrays, output: np.ndarray, folder: Path
) -> None:
    arrays = inputs if isinstance(inputs, list) else [inputs]
    symbols = [keras.Input(array.shape[1:]) for array in arrays]
    model = keras.Model(symbols, layer(symbols if isinstance(inputs, list) else symbols[0]))
    assert tuple(model.output.shape[1:]) == output.shape[1:]
    path = folder / "layer.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    given = ops.convert_to_numpy(loaded(arrays, training=False))
    np.testing.assert_allclose(given, output, rtol=1e-6, atol=1e-6)


def _mixed_precision_is_close(
    layer_class: Any, arguments: Any, layer: Any, inputs: Arrays, output: np.ndarray, error: float
) -> None:
    mixed = layer_class(**arguments, dtype="mixed_bfloat16")
    given = mixed(inputs)
    assert keras.backend.standardize_dtype(given.dtype) == "bfloat16"
    assert {keras.backend.standardize_dtype(w.dtype) for w in mixed.trainable_weights} <= {
        "float32"
    }
    assert {part.dtype_policy.name for part in mixed._flatten_layers()} == {"mixed_bfloat16"}
    mixed.set_weights(layer.get_weights())
    assert np.abs(call(mixed, inputs) - output).max() <= error * np.abs(output).max()
    restored = layer_class.from_config(mixed.get_config())
    assert restored.dtype_policy.name == "mixed_bfloat16"
