"""The config of a training run, which alone defines it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, runtime_checkable

from anatomy_tf.data.batches.batch_options import AugmentationDegree
from anatomy_tf.data.batches.sampled_frames import Sampling
from anatomy_tf.files.checked_fields import (
    CheckedFields,
    Count,
    Described,
    Positive,
    PositiveShare,
    at_least,
    below,
)

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
_Model = Annotated[
    ModelConfig, Described("a model's arguments with build(), such as AnatomyLifterConfig(...)")
]
_Data = Annotated[DataSource, Described("a data source with load(), such as ProceduralData(...)")]
_Seed = Annotated[int, at_least(0), below(2**32)]


@dataclasses.dataclass(frozen=True)
class TrainingConfig(CheckedFields):
    """All settings that a run's weights depend on.

    An experiment is a Python file with one of these at its top level, named ``config``. The
    defaults are the paper's (section 4.2) and, for what it does not state, such as the schedules,
    the published implementation's.

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

    model: _Model
    data: _Data
    epochs: Count = 60
    batch_size: Count = 1024
    chunk_frames: Count | None = None
    steps_per_epoch: Count | None = None
    frame_step: Count = 1
    flip: bool = True
    sampling: Sampling = "random"
    length_augmentation_degree: AugmentationDegree = 0.6
    causal_target: Literal["target_frame", "delayed"] = "target_frame"
    learning_rate: Positive = 1e-3
    learning_rate_decay: Positive = 0.95
    batch_share_start: PositiveShare = 0.1
    batch_share_end: PositiveShare = 0.001
    precision: Precision = "float32"
    jit: Literal["auto", "on", "off"] = "auto"
    seed: _Seed = 0
    deterministic: bool = True
    checkpoint_every_steps: Count = 500
    validation_every_epochs: Count = 1
    validation_frames: Count | None = 4096


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
