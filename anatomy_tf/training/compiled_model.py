"""The compiled model of a run."""

from __future__ import annotations

import keras

from anatomy_tf.data.batches.window_batches import Batches
from anatomy_tf.errors import AnatomyError
from anatomy_tf.losses import compile_arguments
from anatomy_tf.models.precision import computing_in
from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.training.config import TrainingConfig
from anatomy_tf.training.distribution.distribution import Distribution

JIT: dict[str, bool | str] = {"auto": "auto", "on": True, "off": False}


def compiled_model(config: TrainingConfig, devices: Distribution) -> keras.Model:
    """Build and compile the model of a run, with the run's seed, precision and determinism.

    Raises:
        AnatomyError: for ``jit="on"`` with ``deterministic=True`` on TensorFlow.
    """
    keras.utils.set_random_seed(config.seed)
    if config.deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # Keras would go on without XLA, and say so among its warnings.
        if config.jit == "on":
            raise AnatomyError(
                "jit on: expected deterministic=False with TensorFlow, whose deterministic "
                "operations XLA does not all have (--set deterministic=false)"
            )
        tf.config.experimental.enable_op_determinism()
    with devices.scope(), computing_in(config.precision):
        model = config.model.build()
        if config.chunk_frames is not None:
            model = _over_chunks(model, config.chunk_frames)
        model.compile(
            optimizer=AMSGrad(config.learning_rate),
            jit_compile=JIT[config.jit],
            # The run measures whole clips after each epoch.
            **compile_arguments(model, metrics=False),
        )
    return model


def _over_chunks(model: keras.Model, frames: int) -> keras.Model:
    """Return a model that trains the given one's weights on chunks.

    Raises:
        AnatomyError: when the model has no such form.
    """
    if not hasattr(model, "over_chunks"):
        raise AnatomyError(f"chunk_frames: {type(model).__name__} is trained on windows only")
    return model.over_chunks(frames)


def make_variables(model: keras.Model, batches: Batches, devices: Distribution) -> None:
    """Make the variables of optimizer and losses, which Keras would make in the first step.

    A state can only be restored into variables that exist.
    """
    inputs, targets, *_ = (
        {name: array[:2] for name, array in arrays.items()} for arrays in batches.batch(0, 0)
    )
    with devices.scope():
        model.optimizer.build(model.trainable_variables)
        model.compute_loss(x=inputs, y=targets, y_pred=model(inputs, training=False))
        model.reset_metrics()
