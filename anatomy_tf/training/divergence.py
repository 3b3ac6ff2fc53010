"""Stops a training whose loss is no longer finite or leaps up, and keeps what it failed on."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.batches.window_batches import Batches
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.training.checkpoint import NotFiniteError, Position
from anatomy_tf.training.run_folder import RunFolder

EXPLOSION_FACTOR = 100.0
"""Least ratio of a batch's loss to the median of those before it that stops a run."""

_REMEMBERED = 100


class TrainingDivergedError(AnatomyError):
    """A run stopped because its numbers left all bounds; its message says where to look.

    Attributes:
        batch: file of the batch on which it happened.
        state: file of the newest state before, ``None`` where there is none.
    """

    def __init__(self, message: str, batch: Path, state: Path | None) -> None:
        super().__init__(message)
        self.batch, self.state = batch, state


class LossWatch(keras.callbacks.Callback):
    """Stops at a batch whose loss is not finite, or explodes.

    A loss explodes when it is more than ``explosion_factor`` times the median of the 100 batches
    before it (fewer at the beginning, and after a run has gone on). Keras gives the mean over the
    epoch so far, from which a batch's own loss is taken.

    Args:
        explosion_factor: such as 100; infinity for none.
        start_step: batches of the first epoch that are done already.
    """

    def __init__(self, explosion_factor: float = EXPLOSION_FACTOR, start_step: int = 0) -> None:
        super().__init__()
        self.explosion_factor = explosion_factor
        self.position = Position(0, start_step)
        self._start_step = start_step
        self._sum: float | None = None
        self._losses: deque[float] = deque(maxlen=_REMEMBERED)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begins a new mean, or goes on with the one of a run that was cut off."""
        self.position = Position(epoch, self._start_step)
        self._sum = 0.0 if self._start_step == 0 else None
        self._start_step = 0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Looks at the batch's losses.

        Raises:
            NotFiniteError: naming the loss and saying what is wrong with it.
        """
        self.position = Position(self.position.epoch, self.position.step + 1)
        means = {name: float(value) for name, value in (logs or {}).items()}
        bad = [name for name, mean in means.items() if not np.isfinite(mean)]
        if bad:
            raise NotFiniteError(f"{', '.join(bad)} is not finite")
        before, self._sum = self._sum, means["loss"] * self.position.step
        if before is None:
            return
        loss = self._sum - before
        if self._losses:
            usual = statistics.median(self._losses)
            if loss > self.explosion_factor * usual > 0:
                raise NotFiniteError(
                    f"the loss {loss:.3g} is {loss / usual:.3g} times the median of the "
                    f"{len(self._losses)} batches before (limit: {self.explosion_factor:g})"
                )
        self._losses.append(loss)


def diverged(
    error: NotFiniteError,
    position: Position,
    batches: Batches,
    store: SequenceStore,
    folder: RunFolder,
) -> TrainingDivergedError:
    """Saves the batch on which a run failed, and says where it and the last good state are.

    The file holds ``inputs/NAME`` and ``targets/NAME`` as the model was given them, and of each
    window the ``subject``, ``action``, ``clip`` and ``camera`` and whether it is ``mirrored``.

    Args:
        error: what happened.
        position: after that batch.
        batches: of the run; the batch is made again.
        store: what ``batches`` were made of, without mirror images.
        folder: of the run.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    index = position.step - 1
    inputs, targets = batches.batch(position.epoch, index)
    sequences = batches.sequences(position.epoch, index)
    arrays: dict[str, Any] = {
        **{f"inputs/{name}": array for name, array in inputs.items()},
        **{f"targets/{name}": array for name, array in targets.items()},
        "mirrored": sequences >= len(store),
        "epoch": position.epoch,
        "step": index,
    }
    for name in ("subject", "action", "clip", "camera"):
        arrays[name] = np.asarray(getattr(store, f"{name}s"))[sequences % len(store)]
    path = folder.diverged_batch_path(position.epoch, index)
    with atomic_file(path) as file:
        np.savez_compressed(file, **arrays)
    states = folder.states()
    state = states[0] if states else None
    return TrainingDivergedError(
        f"diverged at epoch {position.epoch + 1}, step {position.step}: {error}; the batch is in "
        f"{path}, the last good state "
        + (f"is {state}" if state else "was before the first checkpoint")
        + "; try a smaller learning_rate in another --folder",
        path,
        state,
    )
