"""The callback that measures the error after an epoch."""

from __future__ import annotations

from typing import Any

import keras

from anatomy_tf.training.config import TrainingConfig
from anatomy_tf.training.distribution.distribution import Distribution
from anatomy_tf.training.network_measures import AttentionEntropies
from anatomy_tf.training.plain_copy import PlainCopy
from anatomy_tf.training.run_data import RunData
from anatomy_tf.training.tensorboard_log import TensorBoardLog
from anatomy_tf.training.validation import validate


class EpochValidation(keras.callbacks.Callback):
    """A callback that measures the error at intervals and after the last epoch, and draws poses.

    It adds ``val_mpjpe_mm``, ``val_p_mpjpe_mm``, ``val_mpjpe_mm_by_action`` and
    ``attention_entropy`` to the epoch's numbers.

    Args:
        config: the run's config.
        data: the run's data.
        copy: the copy of the model that is measured.
        devices: the run's devices.
        tensorboard: the log that pictures are written to.

    Raises:
        NotFiniteError: when a prediction is not finite.
    """

    def __init__(
        self,
        config: TrainingConfig,
        data: RunData,
        copy: PlainCopy,
        devices: Distribution,
        tensorboard: TensorBoardLog,
    ) -> None:
        super().__init__()
        self._config, self._data, self._copy = config, data, copy
        self._devices, self._tensorboard = devices, tensorboard
        self._entropies = AttentionEntropies(copy.model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        """Measure the error and draw poses if this epoch is to be validated."""
        done, config = epoch + 1, self._config
        if done % config.validation_every_epochs == 0 or done == config.epochs:
            with self._devices.one_device():
                logs |= self._measured(epoch)

    def _measured(self, epoch: int) -> dict[str, Any]:
        batches, store = self._data.validation, self._data.validation_store
        model = self._copy.updated()
        result = validate(model, batches, self._config.validation_frames, store.actions)
        people = [
            f"{store.subjects[sequence]} {store.actions[sequence]}" for sequence in result.sequences
        ]
        self._tensorboard.poses(
            epoch, result.predicted, result.target, result.errors_mm, people, store.skeleton
        )
        return {
            "val_mpjpe_mm": result.mpjpe_mm,
            "val_p_mpjpe_mm": result.p_mpjpe_mm,
            "val_mpjpe_mm_by_action": result.mpjpe_mm_by_action,
            "attention_entropy": self._entropies.of(batches.batch(0, 0)[0]),
        }
