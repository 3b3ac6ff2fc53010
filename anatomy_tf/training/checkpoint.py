"""The whole state of a run in one file, from which the run resumes exactly."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.files.guard import reading
from anatomy_tf.files.npz_archive import read_npz

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
    for name, variable in _variables(model).items():
        array = keras.ops.convert_to_numpy(variable)
        # npz knows no bfloat16, and float32 holds each of its numbers exactly.
        array = array.astype("f4") if array.dtype.kind == "V" else array
        if not np.isfinite(array).all():
            raise NotFiniteError(f"{variable.path} is not finite")
        arrays[name] = array
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
    arrays = read_npz(path)
    position, saved = _header(arrays.pop("header", None), path)
    kinds = _kinds(model)
    if saved != kinds:
        raise AnatomyError(
            f"checkpoint {path} belongs to another model: it has {len(saved)} "
            f"variables, the model {len(kinds)}, and they differ in "
            f"{_first_difference(saved, kinds)}"
        )
    # All of them before the first is assigned, so that a refused file changes nothing.
    for name, variable in _variables(model).items():
        _check_array(arrays.get(name), variable, f"checkpoint {path} is damaged: {name}")

    def assign(group: str) -> None:
        for index, variable in enumerate(_GROUPS[group](model)):
            variable.assign(arrays[f"{group}/{index}"])

    assign("model")
    assign("optimizer")
    return position, lambda: assign("metrics")


def _header(header: Any, path: Path) -> tuple[Position, list[str]]:
    """Return the position and the variables that a file's header states."""
    with reading(path, "checkpoint"):
        content = json.loads(str(header))
    epoch, step = map(content.get, ("epoch", "step")) if isinstance(content, dict) else (-1, -1)
    if not (type(epoch) is int and type(step) is int and epoch >= 0 and step >= 0):
        raise AnatomyError(f"checkpoint {path} is damaged: expected its epoch and step")
    if not isinstance(content.get("variables"), list):
        raise AnatomyError(f"checkpoint {path} is damaged: expected its list of variables")
    return Position(epoch, step), content["variables"]


def _check_array(array: Any, variable: Any, where: str) -> None:
    expected = np.dtype("float32" if variable.dtype == "bfloat16" else variable.dtype)
    shape = tuple(variable.shape)
    if array is None:
        raise AnatomyError(f"{where} is missing")
    if (array.dtype, array.shape) != (expected, shape):
        raise AnatomyError(
            f"{where}: expected {expected} of shape {shape}, got {array.dtype} of {array.shape}"
        )
    if not np.isfinite(array).all():
        raise AnatomyError(f"{where}: a number is NaN or infinite")


def _variables(model: keras.Model) -> dict[str, Any]:
    """Return the variables by their names in a file."""
    return {
        f"{group}/{index}": variable
        for group, variables_of in _GROUPS.items()
        for index, variable in enumerate(variables_of(model))
    }


def _synchronize(model: keras.Model) -> None:
    # During fit on JAX the newest values live outside the variables.
    if hasattr(model, "jax_state_sync"):
        model.jax_state_sync()


def _kinds(model: keras.Model) -> list[str]:
    # Not their names: those count all layers that the process has made before.
    return [
        f"{name} {tuple(variable.shape)} {variable.dtype}"
        for name, variable in _variables(model).items()
    ]


def _first_difference(saved: list[Any], present: list[str]) -> str:
    for before, now in zip(saved, present, strict=False):
        if before != now:
            return f"{before} and {now}"
    return max(saved, present, key=len)[min(len(saved), len(present))]
