"""Trains a model as a config says, and goes on where a run was cut off."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
from rich.console import Console

from anatomy_tf.data.store import SequenceStore
from anatomy_tf.data.window_batches import Batches
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.atomic import atomic_path
from anatomy_tf.losses import compile_arguments
from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.training.checkpoint import Checkpoint, Position, check_finite, restore_state
from anatomy_tf.training.config import TrainingConfig
from anatomy_tf.training.epoch_batches import EpochBatches
from anatomy_tf.training.progress import ProgressDisplay, duration
from anatomy_tf.training.run_folder import RunFolder
from anatomy_tf.training.schedules import (
    BatchShareSchedule,
    LearningRateSchedule,
    batch_share_at,
    learning_rate_at,
)
from anatomy_tf.training.stop_request import StopRequest, TrainingInterrupted
from anatomy_tf.training.tensorboard_log import TensorBoardLog
from anatomy_tf.training.validation import validate

BEST_BY = "val_mpjpe_mm"
NO_CURVES = ("epoch", "step", "seconds")


@dataclasses.dataclass(frozen=True)
class TrainingResult:
    """A finished run.

    Attributes:
        folder: its files.
        model: as it is after the last epoch.
        metrics: one dict an epoch: ``epoch``, ``step``, each loss, ``learning_rate``,
            ``batch_share``, ``val_mpjpe_mm`` and ``val_p_mpjpe_mm`` where they were measured, and
            ``seconds``.
    """

    folder: Path
    model: keras.Model
    metrics: list[dict[str, Any]]

    @property
    def best(self) -> dict[str, Any]:
        """The epoch of the least validation error."""
        return min((line for line in self.metrics if BEST_BY in line), key=lambda m: m[BEST_BY])


def train(
    config: TrainingConfig,
    folder: str | Path,
    resume: bool = True,
    console: Console | None = None,
) -> TrainingResult:
    """Trains, or goes on with the run in the folder, or returns the finished run.

    With ``config.deterministic`` a run that was killed and goes on ends with the same weights, to
    the bit, as one that was not, on the same machine and versions.

    Args:
        config: what to train.
        folder: of the run, see ``RunFolder``.
        resume: go on with a run that is there; otherwise the folder must be empty.
        console: where to write progress; the terminal when ``None``.

    Raises:
        AnatomyError: when the folder holds a run of another config or something else, cannot be
            written, or the data cannot be used.
        TrainingInterrupted: after Ctrl-C or SIGTERM, when the state is saved.
    """
    console = console or Console()
    run = RunFolder(folder)
    if run.exists():
        if not resume:
            raise AnatomyError(
                f"run folder {run.path} already holds a run: go on with it (--resume) or choose "
                "another --folder"
            )
        run.check(config)
    else:
        run.check_new()
    if run.finished():
        console.print(f"The run in {run.path} is finished.", highlight=False)
        return TrainingResult(run.path, keras.models.load_model(run.model), run.read_metrics())
    return _Run(config, run, console).train()


class _Run:
    """One process's part of a run."""

    def __init__(self, config: TrainingConfig, folder: RunFolder, console: Console) -> None:
        self.config, self.folder, self.console = config, folder, console
        keras.utils.set_random_seed(config.seed)
        if config.deterministic and keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.config.experimental.enable_op_determinism()
        self.model = config.model.build()
        self.model.compile(optimizer=AMSGrad(config.learning_rate), **compile_arguments(self.model))
        train_store, validation_store = config.data.load()
        for store in (train_store, validation_store):
            self._check(store)
        self.skeleton = train_store.skeleton
        self.batches = self._batches(train_store, config.flip, drop_remainder=True)
        self.validation = self._batches(validation_store, flip=False, drop_remainder=False)
        self.steps = len(self.batches)
        if config.steps_per_epoch is not None:
            self.steps = min(self.steps, config.steps_per_epoch)
        self._say(
            f"{self.model.count_params():,} parameters; {train_store.frame_count:,} frames of "
            f"{len(set(train_store.subjects))} people to train on, "
            f"{validation_store.frame_count:,} of {len(set(validation_store.subjects))} to "
            f"validate on; {self.steps:,} steps of {config.batch_size} windows an epoch"
        )
        # Only now, so that a config or data that cannot be used leaves nothing behind.
        if not folder.exists():
            folder.create(config)

    def train(self) -> TrainingResult:
        """From the newest state to the end."""
        config = self.config
        _make_variables(self.model, self.batches)
        start, restore_metrics = self._newest_state()
        metrics = self.folder.cut_metrics(start.epoch)
        tensorboard = TensorBoardLog(self.folder.tensorboard)
        display = ProgressDisplay(config.epochs, config.batch_size, self.console)
        with StopRequest() as stop, contextlib.closing(tensorboard), contextlib.closing(display):
            checkpoint = Checkpoint(
                self.folder,
                config.checkpoint_every_steps,
                start.step,
                restore_metrics,
                lambda: stop.requested,
            )
            callbacks = [
                LearningRateSchedule(config.learning_rate, config.learning_rate_decay),
                BatchShareSchedule(config.epochs, config.batch_share_start, config.batch_share_end),
                checkpoint,
                display,
            ]
            for epoch in range(start.epoch, config.epochs):
                began = time.monotonic()
                first = start.step if epoch == start.epoch else 0
                display.expect(self.steps, first, self.steps * (config.epochs - epoch) - first)
                history = self.model.fit(
                    EpochBatches(self.batches, epoch, first, self.steps),
                    initial_epoch=epoch,
                    epochs=epoch + 1,
                    shuffle=False,
                    verbose=0,
                    callbacks=callbacks,
                )
                if not checkpoint.finished_epoch(self.steps):
                    self._interrupted()
                losses = {name: values[-1] for name, values in history.history.items()}
                check_finite(losses, Position(epoch, self.steps))
                line = self._line(epoch, losses)
                if self._validates(epoch):
                    result = validate(self.model, self.validation, config.validation_frames)
                    line |= {
                        "val_mpjpe_mm": result.mpjpe_mm,
                        "val_p_mpjpe_mm": result.p_mpjpe_mm,
                    }
                    self._keep_if_best(line, metrics)
                    tensorboard.poses(epoch, result.predicted, result.target, self.skeleton)
                line["seconds"] = round(time.monotonic() - began, 3)
                self.folder.add_metrics(line)
                metrics.append(line)
                tensorboard.scalars(epoch, {k: v for k, v in line.items() if k not in NO_CURVES})
                checkpoint.save(Position(epoch + 1, 0))
                self._report(line, display.rate)
                if stop.requested and epoch + 1 < config.epochs:
                    self._interrupted()
        self._save_model(self.folder.model)
        self._say(f"Finished: {self.folder.model}")
        return TrainingResult(self.folder.path, self.model, metrics)

    def _batches(self, store: SequenceStore, flip: bool, drop_remainder: bool) -> Batches:
        config, model = self.config, self.model
        # The baseline has no recipe and no bone lengths.
        recipe = getattr(model, "recipe", None)
        return Batches.for_model(
            model,
            store,
            config.batch_size,
            flip=flip,
            sampling=config.sampling,
            length_augmentation_degree=config.length_augmentation_degree,
            target=config.causal_target,
            length_target=recipe.length_target if recipe else "frame",
            frame_step=config.frame_step,
            seed=config.seed,
            drop_remainder=drop_remainder,
        )

    def _check(self, store: SequenceStore) -> None:
        model = self.model
        if store.skeleton != model.skeleton:
            raise AnatomyError(
                f"the model's skeleton is {model.skeleton.name!r}, the data's "
                f"{store.skeleton.name!r}"
            )
        if store.fps != model.fps:
            raise AnatomyError(f"the model's fps is {model.fps:g}, the data's {store.fps:g}")

    def _newest_state(self) -> tuple[Position, Any]:
        states = self.folder.states()
        for path in states:
            try:
                position, restore_metrics = restore_state(path, self.model)
            except AnatomyError as error:
                if path == states[-1]:
                    raise
                self._say(f"{error}: going on from the one before")
                continue
            self._say(f"Going on at epoch {position.epoch + 1}, step {position.step}")
            return position, restore_metrics
        return Position(0, 0), None

    def _validates(self, epoch: int) -> bool:
        done = epoch + 1
        return done % self.config.validation_every_epochs == 0 or done == self.config.epochs

    def _line(self, epoch: int, losses: dict[str, float]) -> dict[str, Any]:
        config = self.config
        return {
            "epoch": epoch,
            "step": (epoch + 1) * self.steps,
            **losses,
            "learning_rate": learning_rate_at(
                epoch, config.learning_rate, config.learning_rate_decay
            ),
            "batch_share": batch_share_at(
                epoch, config.epochs, config.batch_share_start, config.batch_share_end
            ),
        }

    def _keep_if_best(self, line: dict[str, Any], before: list[dict[str, Any]]) -> None:
        if all(line[BEST_BY] < earlier.get(BEST_BY, np.inf) for earlier in before):
            self._save_model(self.folder.best_model)

    def _save_model(self, path: Path) -> None:
        # A model that was never compiled takes neither optimizer nor losses into the file.
        plain = self.config.model.build()
        plain.set_weights(self.model.get_weights())
        with atomic_path(path) as partial:
            plain.save(partial)

    def _report(self, line: dict[str, Any], rate: float | None) -> None:
        parts = [f"epoch {line['epoch'] + 1}/{self.config.epochs}", f"loss {line['loss']:.5g}"]
        if BEST_BY in line:
            parts.append(f"error {line[BEST_BY]:.1f} mm")
            parts.append(f"aligned {line['val_p_mpjpe_mm']:.1f} mm")
        if rate:
            parts.append(f"{rate:.1f} steps/s")
        parts.append(duration(line["seconds"]))
        self._say(", ".join(parts))

    def _interrupted(self) -> None:
        message = f"Stopped; the state is in {self.folder.path}: the same command goes on from it."
        self._say(message)
        raise TrainingInterrupted(message)

    def _say(self, text: str) -> None:
        self.console.print(text, highlight=False, soft_wrap=True)


def _make_variables(model: keras.Model, batches: Batches) -> None:
    """Makes the variables of optimizer and losses, which Keras else makes in the first step.

    A state can only be restored into variables that are there.
    """
    inputs, targets = (
        {name: array[:2] for name, array in arrays.items()} for arrays in batches.batch(0, 0)
    )
    model.optimizer.build(model.trainable_variables)
    model.compute_loss(x=inputs, y=targets, y_pred=model(inputs, training=False))
    model.reset_metrics()
