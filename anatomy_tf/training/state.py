"""The whole state of a run in one file, from which it goes on as if it had never stopped."""

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

_GROUPS: dict[str, Callable[[keras.Model], list[Any]]] = {
    # Weights, BatchNorm statistics and the states of the seed generators.
    "model": lambda model: model.variables,
    "optimizer": lambda model: model.optimizer.variables,
    # Running means of the losses of an epoch that is not over.
    "metrics": lambda model: model.metrics_variables,
}


@dataclasses.dataclass(frozen=True)
class Position:
    """A run's position: ``step`` batches of ``epoch`` are done, both counted from 0."""

    epoch: int
    step: int


class NotFiniteError(AnatomyError):
    """Raised when a loss, weight or prediction is NaN or infinite, or the loss explodes."""


def save_state(path: Path, model: keras.Model, position: Position) -> None:
    """Write all variables of a compiled and built model to a file.

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
    """Restore the weights and the optimizer state of a compiled and built model from a file.

    Returns:
        The position, and a function that restores the running means of the losses. Call it when the
        epoch has begun, because ``fit`` resets the means then.

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
