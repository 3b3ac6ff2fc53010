"""The error of a diverged run, and the batch that is saved with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.batches.window_batches import Batches
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.training.checkpoint import NotFiniteError, Position
from anatomy_tf.training.run_folder import RunFolder


class TrainingDivergedError(AnatomyError):
    """Raised when a run's numbers are not finite or its loss explodes; it names the saved files.

    Attributes:
        batch: file of the batch on which the run diverged.
        state: file of the newest state before it, ``None`` where there is none.
    """

    def __init__(self, message: str, batch: Path, state: Path | None) -> None:
        super().__init__(message)
        self.batch, self.state = batch, state


def diverged(
    error: NotFiniteError,
    position: Position,
    batches: Batches,
    store: SequenceStore,
    folder: RunFolder,
) -> TrainingDivergedError:
    """Save the batch on which a run failed, and return the error that names the saved files.

    The file holds the model's ``inputs/NAME`` and ``targets/NAME`` (with chunks also
    ``sample_weights/NAME``), and each window's ``subject``, ``action``, ``clip`` and ``camera`` and
    whether it is ``mirrored``.

    Args:
        error: the fault that stopped the run.
        position: the position after that batch.
        batches: the run's batches; the failed one is made again.
        store: the sequences of ``batches``, without mirror images.
        folder: the run's folder.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    index = position.step - 1
    sequences = batches.sequences(position.epoch, index)
    arrays: dict[str, Any] = {
        "mirrored": sequences >= len(store),
        "epoch": position.epoch,
        "step": index,
    }
    parts = batches.batch(position.epoch, index)
    for part, named in zip(("inputs", "targets", "sample_weights"), parts, strict=False):
        arrays |= {f"{part}/{name}": array for name, array in named.items()}
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
