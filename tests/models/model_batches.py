"""Random inputs and targets of a model, and one plain training step."""

from typing import Any

import keras
import numpy as np
from keras import ops

from anatomy_tf.losses import compile_arguments


def batch(
    model: Any, examples: int = 2, sampled_frames: int = 4, seed: int = 0
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """(inputs, targets) of the model's shapes; targets are poses or lengths."""
    random = np.random.default_rng(seed)

    def values(*shape: int) -> np.ndarray:
        return random.normal(scale=0.5, size=(examples, *shape)).astype("float32")

    inputs = {
        symbol.name: values(*(sampled_frames if n is None else n for n in symbol.shape[1:]))
        for symbol in model.inputs
    }
    skeleton = model.skeleton
    targets = {
        name: np.abs(values(skeleton.bone_count))
        if name.endswith("bone_lengths")
        else values(skeleton.joint_count, 3)
        for name in model.output_names
    }
    return inputs, targets


def outputs(model: Any, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Outputs in inference mode."""
    return {k: ops.convert_to_numpy(v) for k, v in model(inputs, training=False).items()}


def compile_for_descent(model: Any, weights: dict[str, float] | None = None) -> None:
    """Compiles for gradient descent at rate 1, eager where that is quicker than tracing."""
    arguments = compile_arguments(model, metrics=False)
    if weights is not None:
        arguments["loss_weights"] = weights
    model.compile(
        optimizer=keras.optimizers.SGD(1.0),
        run_eagerly=keras.config.backend() == "tensorflow",
        **arguments,
    )
