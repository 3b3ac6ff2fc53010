"""The whole state of a run in one file, so that it goes on as if it had never stopped."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.training.run_folder import RunFolder

_GROUPS: dict[str, Callable[[keras.Model], list[Any]]] = {
    # Weights, BatchNorm statistics and the states of the seed generators.
    "model": lambda model: model.variables,
    "optimizer": lambda model: model.optimizer.variables,
    # Running means of the losses of an epoch that is not over.
    "metrics": lambda model: model.metrics_variables,
}


@dataclasses.dataclass(frozen=True)
class Position:
    """Where a run stands: ``step`` batches of ``epoch`` are done, both counted from 0."""

    epoch: int
    step: int


class NotFiniteError(AnatomyError):
    """Numbers of a training are NaN, infinite or leave all bounds."""


def save_state(path: Path, model: keras.Model, position: Position) -> None:
    """Writes all variables of a compiled and built model.

    Raises:
        NotFiniteError: when one is NaN or infinite; nothing is written then.
        AnatomyError: when the file cannot be written.
    """
    _synchronize(model)
    arrays = {}
    for group, variables_of in _GROUPS.items():
        for index, variable in enumerate(variables_of(model)):
            array = keras.ops.convert_to_numpy(variable)
            # npz knows no bfloat16, and float32 holds each of its numbers exactly.
            array = array.astype("f4") if array.dtype.kind == "V" else array
            if not np.isfinite(array).all():
                raise NotFiniteError(f"{variable.path} is not finite")
            arrays[f"{group}/{index}"] = array
    header = json.dumps({**dataclasses.asdict(position), "variables": _kinds(model)})
    with atomic_path(path) as partial, partial.open("wb") as file:
        np.savez(file, header=np.array(header), **arrays)


def restore_state(path: Path, model: keras.Model) -> tuple[Position, Callable[[], None]]:
    """Gives a compiled and built model the weights and the optimizer state of a file.

    Returns:
        The position, and a function that restores the running means of the losses: to be called
        when the epoch has begun, because ``fit`` resets them then.

    Raises:
        AnatomyError: when the file is damaged or belongs to another model.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header")))
        position = Position(header["epoch"], header["step"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise AnatomyError(f"checkpoint {path} is damaged: {error}") from error
    kinds = _kinds(model)
    if header["variables"] != kinds:
        raise AnatomyError(
            f"checkpoint {path} belongs to another model: it has {len(header['variables'])} "
            f"variables, the model {len(kinds)}, and they differ in "
            f"{_first_difference(header['variables'], kinds)}"
        )

    def assign(group: str) -> None:
        for index, variable in enumerate(_GROUPS[group](model)):
            variable.assign(arrays[f"{group}/{index}"])

    assign("model")
    assign("optimizer")
    return position, lambda: assign("metrics")


class Checkpoint(keras.callbacks.Callback):
    """Saves the state of a run every so many steps, and when it is asked to stop.

    Args:
        folder: of the run.
        every_steps: batches between two states.
        start_step: batches of the first epoch that are done already.
        restore_metrics: called once when the first epoch has begun.
        stop_requested: asked after every batch; when it says yes the state is saved and ``fit``
            ends.
    """

    def __init__(
        self,
        folder: RunFolder,
        every_steps: int,
        start_step: int = 0,
        restore_metrics: Callable[[], None] | None = None,
        stop_requested: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self.folder = folder
        self.every_steps = every_steps
        self.stop_requested = stop_requested
        self._start_step = start_step
        self._restore_metrics = restore_metrics
        self._position = Position(0, 0)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begins to count, from the batches that were done before the run was cut off."""
        self._position = Position(epoch, self._start_step)
        self._start_step = 0
        # A state between two epochs holds the means of the one that is over.
        if self._restore_metrics is not None and self._position.step > 0:
            self._restore_metrics()
        self._restore_metrics = None

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves when the interval is over or the run is to stop.

        Not after the epoch's last batch: the epoch's numbers come before its state.

        Raises:
            NotFiniteError: rather than saving a state that is not finite.
        """
        self._position = Position(self._position.epoch, self._position.step + 1)
        if batch + 1 == self.params["steps"]:
            return
        stop = self.stop_requested()
        if stop or self._position.step % self.every_steps == 0:
            self.save(self._position)
        if stop:
            self.model.stop_training = True

    def finished_epoch(self, steps: int) -> bool:
        """Whether the epoch, of so many batches, came to its end."""
        return self._position.step == steps

    def save(self, position: Position) -> None:
        """Saves the state now and forgets the oldest one."""
        save_state(self.folder.state_path(position.epoch, position.step), self.model, position)
        self.folder.forget_old_states()


def _synchronize(model: keras.Model) -> None:
    # During fit on JAX the newest values live outside the variables.
    if hasattr(model, "jax_state_sync"):
        model.jax_state_sync()


def _kinds(model: keras.Model) -> list[str]:
    # Not their names: those count all layers that the process has made before.
    return [
        f"{group}/{index} {tuple(variable.shape)} {variable.dtype}"
        for group, variables_of in _GROUPS.items()
        for index, variable in enumerate(variables_of(model))
    ]


def _first_difference(saved: list[str], present: list[str]) -> str:
    for before, now in zip(saved, present, strict=False):
        if before != now:
            return f"{before} and {now}"
    return max(saved, present, key=len)[min(len(saved), len(present))]
