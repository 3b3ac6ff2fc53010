"""The copy of a run's model that is measured and saved."""

from __future__ import annotations

from pathlib import Path

import keras

from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.training.config import ModelConfig


class PlainCopy:
    """A model with the same weights that computes in float32 on one device, not compiled.

    Each replica would predict the whole batch, and a compiled model is saved with its optimizer and
    losses.

    Args:
        config: the model's config.
        trained: the model whose weights to copy.

    Attributes:
        model: the copy, with the weights that it was last given.
    """

    def __init__(self, config: ModelConfig, trained: keras.Model) -> None:
        self._trained = trained
        self.model = config.build()

    def updated(self) -> keras.Model:
        """Return the copy with the weights that the trained model has now."""
        self.model.set_weights(self._trained.get_weights())
        return self.model

    def save(self, path: Path) -> None:
        """Save the copy with the weights that the trained model has now.

        Raises:
            AnatomyError: when the file cannot be written.
        """
        with atomic_path(path) as partial:
            self.updated().save(partial)
