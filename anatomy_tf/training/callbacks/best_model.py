"""The callback that keeps the model of the least validation error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from anatomy_tf.training.plain_copy import PlainCopy

BEST_BY = "val_mpjpe_mm"


class BestModel(keras.callbacks.Callback):
    """A callback that saves the model after each epoch with the least validation error so far.

    Args:
        path: file of the model.
        copy: the copy of the model that is saved.
        metrics: lines of the epochs that are already trained.
    """

    def __init__(
        self, path: Path, copy: PlainCopy, metrics: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__()
        self._path, self._copy = path, copy
        self._least = min((line.get(BEST_BY, math.inf) for line in metrics), default=math.inf)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Save the model if it is the best so far."""
        if logs.get(BEST_BY, math.inf) < self._least:
            self._copy.save(self._path)
            self._least = logs[BEST_BY]
