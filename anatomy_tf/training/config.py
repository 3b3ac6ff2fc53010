"""The config of a training run, which alone defines it."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from anatomy_tf.errors import AnatomyError

if TYPE_CHECKING:
    from anatomy_tf.data import SequenceStore


@runtime_checkable
class ModelConfig(Protocol):
    """The arguments of a model: a frozen dataclass whose ``build`` makes it."""

    def build(self) -> Any:
        """Return a new ``keras.Model`` with freshly drawn weights."""


@runtime_checkable
class DataSource(Protocol):
    """The arguments of a data set: a frozen dataclass whose ``load`` reads or makes it."""

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        """Return the sequences to train on and those to validate on; no person is in both."""


def load_validation(data: DataSource) -> SequenceStore:
    """Return the sequences to validate on; load no others where the source can do that."""
    alone = getattr(data, "load_validation", None)
    return data.load()[1] if alone is None else alone()


Precision = Literal["float32", "bfloat16_products", "mixed_bfloat16", "mixed_float16"]


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """All settings that a run's weights depend on.

    An experiment is a Python file with one of these at its top level, named ``config``; the
    defaults are the paper's (section 4.2).

    Args:
        model: dataclass with ``build() -> keras.Model``.
        data: dataclass with ``load() -> (training store, validation store)``.
        epochs: passes over the data, or over ``steps_per_epoch`` batches.
        batch_size: windows in a batch, or chunks.
        chunk_frames: train on chunks of so many neighbouring target frames instead of windows, see
            ``anatomy_tf.data.Batches``; the model must take them.
        steps_per_epoch: batches in an epoch; ``None`` takes every window once.
        frame_step: take every n-th frame as a window's target, or every n-th chunk.
        flip: train on mirror images too.
        sampling: which frames the length network sees, see ``anatomy_tf.data.BatchOptions``.
        length_augmentation_degree: width of the change of bone lengths; 0.6 is ±30 %.
        causal_target: the target frame of a causal model, see ``anatomy_tf.data.BatchOptions``.
        learning_rate: in epoch 0.
        learning_rate_decay: factor after each epoch.
        batch_share_start: the new batch's share in BatchNorm's moving statistics in epoch 0.
        batch_share_end: the share that the last epoch approaches.
        precision: Keras's dtype policy while training, in which layers compute, or
            ``"bfloat16_products"``: float32, but the factors of products with kernels are rounded
            to bfloat16. Weights, losses and saved models are float32; float16 trains with a scaled
            loss.
        jit: whether XLA compiles the training step; ``"auto"`` leaves it to Keras.
        seed: seed of weights, dropout and batches.
        deterministic: use only operations whose result does not depend on the order in which
            threads finish, so that the same seed gives the same weights.
        checkpoint_every_steps: save the whole state this often, and after every epoch.
        validation_every_epochs: measure the error this often, and after the last epoch.
        validation_frames: windows of the validation store to measure on, drawn once by ``seed``;
            ``None`` takes all.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    model: ModelConfig
    data: DataSource
    epochs: int = 60
    batch_size: int = 1024
    chunk_frames: int | None = None
    steps_per_epoch: int | None = None
    frame_step: int = 1
    flip: bool = True
    sampling: Literal["random", "consecutive", "past"] = "random"
    length_augmentation_degree: float = 0.6
    causal_target: Literal["target_frame", "delayed"] = "target_frame"
    learning_rate: float = 1e-3
    learning_rate_decay: float = 0.95
    batch_share_start: float = 0.1
    batch_share_end: float = 0.001
    precision: Precision = "float32"
    jit: Literal["auto", "on", "off"] = "auto"
    seed: int = 0
    deterministic: bool = True
    checkpoint_every_steps: int = 500
    validation_every_epochs: int = 1
    validation_frames: int | None = 4096

    def __post_init__(self) -> None:
        for name, hint in typing.get_type_hints(type(self)).items():
            value = getattr(self, name)
            if not _is_instance(value, hint):
                expected = _EXPECTED.get(name) or type_name(hint)
                raise AnatomyError(f"TrainingConfig.{name}: expected {expected}, got {value!r}")
        for name in _AT_LEAST_ONE:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise AnatomyError(f"TrainingConfig.{name}: expected at least 1, got {value}")
        if not 0 <= self.seed < 2**32:
            raise AnatomyError(f"TrainingConfig.seed: expected 0 to 2**32 - 1, got {self.seed}")
        for name in _POSITIVE:
            if not 0 < getattr(self, name) < math.inf:
                raise AnatomyError(
                    f"TrainingConfig.{name}: expected a positive number, got {getattr(self, name)}"
                )
        for name in _SHARES:
            if getattr(self, name) > 1:
                raise AnatomyError(
                    f"TrainingConfig.{name}: expected at most 1, got {getattr(self, name)}"
                )


_EXPECTED = {
    "model": "a model's arguments with build(), such as AnatomyLifterConfig(...)",
    "data": "a data source with load(), such as ProceduralData(...)",
}
_AT_LEAST_ONE = (
    "epochs",
    "batch_size",
    "chunk_frames",
    "steps_per_epoch",
    "frame_step",
    "checkpoint_every_steps",
    "validation_every_epochs",
    "validation_frames",
)
_SHARES = ("batch_share_start", "batch_share_end")
_POSITIVE = ("learning_rate", "learning_rate_decay", *_SHARES)


def type_name(hint: Any) -> str:
    """Return a type hint as text for a person, such as ``int or None``."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return " or ".join(type_name(arm) for arm in typing.get_args(hint))
    if typing.get_origin(hint) is Literal:
        return " or ".join(repr(choice) for choice in typing.get_args(hint))
    if hint is types.NoneType:
        return "None"
    return hint.__name__ if isinstance(hint, type) else str(hint)


def _is_instance(value: Any, hint: Any) -> bool:
    if typing.get_origin(hint) is Literal:
        return value in typing.get_args(hint)
    arms = typing.get_args(hint) or (hint,)
    if isinstance(value, bool):
        return bool in arms
    if float in arms and isinstance(value, int):
        return True
    return isinstance(value, arms)


def as_json(value: Any) -> Any:
    """Return a config as plain data for JSON, each dataclass with its name under ``class``."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
        return {"class": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return repr(value)
