"""The sequences of a run and their batches."""

from __future__ import annotations

import keras

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.batches.window_batches import Batches
from anatomy_tf.training.config import TrainingConfig


class RunData:
    """The sequences of a config, and the batches that its model takes.

    Args:
        config: of the run.
        model: of the run.

    Attributes:
        store: the sequences to train on.
        validation_store: the sequences to validate on.
        batches: to train on.
        validation: to validate on, without mirror images.
        steps: batches of an epoch.

    Raises:
        AnatomyError: when the data cannot be loaded or do not fit the model.
    """

    def __init__(self, config: TrainingConfig, model: keras.Model) -> None:
        self._config, self._model = config, model
        self.store, self.validation_store = config.data.load()
        chunk_frames = config.chunk_frames
        self.batches = self._batches(
            self.store, config.batch_size, chunk_frames, flip=config.flip, drop_remainder=True
        )
        # The model that is measured and saved takes windows.
        windows = config.batch_size * (chunk_frames or 1)
        self.validation = self._batches(
            self.validation_store, windows, None, flip=False, drop_remainder=False
        )
        self.steps = min(len(self.batches), config.steps_per_epoch or len(self.batches))

    def __str__(self) -> str:
        """Return the sizes of the training and validation data as text."""
        size = f"{self._config.batch_size} windows"
        if self._config.chunk_frames is not None:
            size = f"{self._config.batch_size} chunks of {self._config.chunk_frames} frames"
        return (
            f"{_size(self.store)} to train on, {_size(self.validation_store)} to validate on; "
            f"{self.steps:,} steps of {size} an epoch"
        )

    def _batches(
        self,
        store: SequenceStore,
        batch_size: int,
        chunk_frames: int | None,
        *,
        flip: bool,
        drop_remainder: bool,
    ) -> Batches:
        config, model = self._config, self._model
        # The baseline has no recipe and no bone lengths.
        recipe = getattr(model, "recipe", None)
        return Batches.for_model(
            model,
            store,
            batch_size,
            chunk_frames=chunk_frames,
            flip=flip,
            sampling=config.sampling,
            length_augmentation_degree=config.length_augmentation_degree,
            target=config.causal_target,
            length_target=recipe.length_target if recipe else "frame",
            frame_step=config.frame_step,
            seed=config.seed,
            drop_remainder=drop_remainder,
        )


def _size(store: SequenceStore) -> str:
    people = len(set(store.subjects))
    return f"{store.frame_count:,} frames of {people} {'person' if people == 1 else 'people'}"
