"""The callback that prints a line after an epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from rich.console import Console
from rich.text import Text

from anatomy_tf.training.callbacks.best_model import BEST_BY
from anatomy_tf.training.callbacks.progress import duration, speed_texts


class EpochReport(keras.callbacks.Callback):
    """A callback that prints loss, errors, speed and time of an epoch.

    Args:
        epochs: length of the whole training.
        console: where to write.
    """

    def __init__(self, epochs: int, console: Console) -> None:
        super().__init__()
        self._epochs, self._console = epochs, console

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Print the line."""
        parts = [f"epoch {epoch + 1}/{self._epochs}", f"loss {logs['loss']:.5g}"]
        if BEST_BY in logs:
            parts.append(f"error {logs[BEST_BY]:.1f} mm")
            parts.append(f"aligned {logs['val_p_mpjpe_mm']:.1f} mm")
        parts += speed_texts(logs["speed"])
        parts.append(duration(logs["seconds"]))
        self._console.print(Text(", ".join(parts)), soft_wrap=True)
