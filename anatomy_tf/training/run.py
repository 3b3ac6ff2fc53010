"""Trains a model as a config says, and goes on where a run was cut off."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from rich.console import Console

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.batches.window_batches import Batches
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.losses import compile_arguments
from anatomy_tf.models.precision import dtype_policy
from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.training.checkpoint import Checkpoint, NotFiniteError, Position, restore_state
from anatomy_tf.training.config import TrainingConfig, as_json
from anatomy_tf.training.distribution import (
    Distribution,
    DistributionName,
    distribution_for,
    run_files,
)
from anatomy_tf.training.divergence import EXPLOSION_FACTOR, LossWatch, diverged
from anatomy_tf.training.epoch_batches import EpochBatches
from anatomy_tf.training.network_measures import AttentionEntropies, gradient_norms, weight_norms
from anatomy_tf.training.progress import ProgressDisplay, duration, speed_texts
from anatomy_tf.training.run_folder import RunFolder
from anatomy_tf.training.schedules import (
    BatchShareSchedule,
    LearningRateSchedule,
    batch_share_at,
    learning_rate_at,
)
from anatomy_tf.training.stop_request import StopRequest, TrainingInterrupted
from anatomy_tf.training.tensorboard_log import TensorBoardLog, curves, flat
from anatomy_tf.training.validation import validate

BEST_BY = "val_mpjpe_mm"
JIT: dict[str, bool | str] = {"auto": "auto", "on": True, "off": False}


@dataclasses.dataclass(frozen=True)
class TrainingResult:
    """A finished run.

    Attributes:
        folder: its files.
        model: as it is after the last epoch.
        metrics: one dict an epoch (in a worker that is not the chief: since it joined): ``epoch``,
            ``step``, each loss, ``learning_rate``, ``batch_share``, ``weight_norm`` and
            ``gradient_norm`` of each part of the network; where it was validated ``val_mpjpe_mm``,
            ``val_p_mpjpe_mm``, ``val_mpjpe_mm_by_action`` and ``attention_entropy``; ``speed``, see
            ``ProgressDisplay``, and ``seconds``.
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
    distribution: DistributionName = "auto",
    explosion_factor: float = EXPLOSION_FACTOR,
) -> TrainingResult:
    """Trains, or goes on with the run in the folder, or returns the finished run.

    With ``config.deterministic`` a run that was killed and goes on ends with the same weights, to
    the bit, as one that was not, on the same machine and versions.

    Args:
        config: what to train.
        folder: of the run, see ``RunFolder``.
        resume: go on with a run that is there; otherwise the folder must be empty.
        console: where to write progress; the terminal when ``None``.
        distribution: the devices to train on, see ``distribution_for``. A run may go on on others
            than it began on.
        explosion_factor: stop at a batch whose loss is more than so many times the median of the
            100 before it; infinity for never.

    Raises:
        AnatomyError: when the folder holds a run of another config or something else, cannot be
            written, the data or the devices cannot be used, or another worker is lost.
        TrainingDivergedError: when a loss, weight or prediction is not finite or the loss explodes;
            the batch is saved, and no such state.
        TrainingInterrupted: after Ctrl-C or SIGTERM, when the state is saved.
    """
    devices = distribution_for(distribution, config)
    console = console or Console()
    if not devices.chief:
        console = Console(quiet=True)
    with run_files(devices, Path(folder)) as own_folder:
        result = _train(config, RunFolder(own_folder), resume, console, devices, explosion_factor)
    return dataclasses.replace(result, folder=Path(folder))


def _train(
    config: TrainingConfig,
    run: RunFolder,
    resume: bool,
    console: Console,
    devices: Distribution,
    explosion_factor: float,
) -> TrainingResult:
    if run.exists():
        if not resume:
            raise AnatomyError(
                f"run folder {run.path} already holds a run: go on with it (--resume) or choose "
                "another --folder"
            )
        run.check(config)
    else:
        run.check_new()
    if devices.from_chief([np.array(run.finished())])[0]:
        console.print(f"The run in {run.path} is finished.", highlight=False)
        model = keras.models.load_model(run.model) if devices.chief else config.model.build()
        model.set_weights(devices.from_chief(model.get_weights()))
        return TrainingResult(run.path, model, run.read_metrics())
    return _Run(config, run, console, devices, explosion_factor).train()


class _Run:
    """One process's part of a run."""

    def __init__(
        self,
        config: TrainingConfig,
        folder: RunFolder,
        console: Console,
        devices: Distribution,
        explosion_factor: float,
    ) -> None:
        self.config, self.folder, self.console, self.devices = config, folder, console, devices
        self.explosion_factor = explosion_factor
        keras.utils.set_random_seed(config.seed)
        if config.deterministic and keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # Keras would go on without, and say so among its warnings.
            if config.jit == "on":
                raise AnatomyError(
                    "jit on: expected deterministic=False with TensorFlow, whose deterministic "
                    "operations XLA does not all have (--set deterministic=false)"
                )
            tf.config.experimental.enable_op_determinism()
        with devices.scope(), dtype_policy(config.precision):
            self.model = config.model.build()
            self.model.compile(
                optimizer=AMSGrad(config.learning_rate),
                jit_compile=JIT[config.jit],
                **compile_arguments(self.model),
            )
        self._plain: keras.Model | None = None
        train_store, validation_store = config.data.load()
        for store in (train_store, validation_store):
            self._check(store)
        self.train_store, self.validation_store = train_store, validation_store
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
        self._check_workers_agree()
        # Only now, so that a config or data that cannot be used leaves nothing behind.
        if not folder.exists():
            folder.create(config)

    def train(self) -> TrainingResult:
        """From the newest state to the end."""
        config = self.config
        with self.devices.scope():
            _make_variables(self.model, self.batches)
        start, restore_metrics = self.devices.begin(self.model, *self._newest_state())
        metrics = self.folder.cut_metrics(start.epoch)
        tensorboard = TensorBoardLog(self.folder.tensorboard, start.epoch)
        if start.epoch == 0:
            tensorboard.hyper_parameters(flat(as_json(config)), str(self.folder.path))
        display = ProgressDisplay(config.epochs, config.batch_size, self.console)
        watch = LossWatch(self.explosion_factor, start.step)
        with StopRequest() as stop, contextlib.closing(tensorboard), contextlib.closing(display):
            checkpoint = Checkpoint(
                self.folder,
                config.checkpoint_every_steps,
                start.step,
                restore_metrics,
                lambda: self.devices.any_process(stop.requested),
            )
            callbacks = [
                LearningRateSchedule(config.learning_rate, config.learning_rate_decay),
                BatchShareSchedule(config.epochs, config.batch_share_start, config.batch_share_end),
                watch,
                checkpoint,
                display,
            ]
            try:
                for epoch in range(start.epoch, config.epochs):
                    began = time.monotonic()
                    first = start.step if epoch == start.epoch else 0
                    with EpochBatches(self.batches, epoch, first, self.steps) as epoch_batches:
                        display.expect(
                            self.steps,
                            first,
                            self.steps * (config.epochs - epoch) - first,
                            epoch_batches,
                        )
                        losses = self.devices.fit(self.model, epoch_batches, epoch, callbacks)
                    if not checkpoint.finished_epoch(self.steps):
                        self._interrupted()
                    line = self._line(epoch, losses)
                    if self._validates(epoch):
                        line |= self._validated(epoch, tensorboard)
                        self._keep_if_best(line, metrics)
                    line["speed"] = display.speed
                    line["seconds"] = round(time.monotonic() - began, 3)
                    self.folder.add_metrics(line)
                    metrics.append(line)
                    tensorboard.scalars(epoch, curves(line))
                    checkpoint.save(Position(epoch + 1, 0))
                    self._report(line)
                    if self.devices.any_process(stop.requested) and epoch + 1 < config.epochs:
                        self._interrupted()
            except NotFiniteError as error:
                raise diverged(
                    error, watch.position, self.batches, self.train_store, self.folder
                ) from None
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

    def _check_workers_agree(self) -> None:
        facts = json.dumps([as_json(self.config), self.batches.window_count])
        ours = np.frombuffer(hashlib.sha256(facts.encode()).digest(), np.uint16)
        if not np.array_equal(self.devices.from_chief([ours])[0], ours):
            raise AnatomyError("this worker's config or data are not those of the chief")

    def _newest_state(self) -> tuple[Position, Callable[[], None]]:
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
        return Position(0, 0), self.model.reset_metrics

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
            "weight_norm": weight_norms(self.model),
            "gradient_norm": gradient_norms(self.model),
        }

    def _validated(self, epoch: int, tensorboard: TensorBoardLog) -> dict[str, Any]:
        """What an epoch's validation adds to its line; draws its pictures."""
        model, store = self._measured_model(), self.validation_store
        result = validate(model, self.validation, self.config.validation_frames, store.actions)
        people = [
            f"{store.subjects[sequence]} {store.actions[sequence]}" for sequence in result.sequences
        ]
        tensorboard.poses(
            epoch, result.predicted, result.target, result.errors_mm, people, store.skeleton
        )
        return {
            "val_mpjpe_mm": result.mpjpe_mm,
            "val_p_mpjpe_mm": result.p_mpjpe_mm,
            "val_mpjpe_mm_by_action": result.mpjpe_mm_by_action,
            "attention_entropy": AttentionEntropies(model).of(self.validation.batch(0, 0)[0]),
        }

    def _keep_if_best(self, line: dict[str, Any], before: list[dict[str, Any]]) -> None:
        if all(line[BEST_BY] < earlier.get(BEST_BY, np.inf) for earlier in before):
            self._save_model(self.folder.best_model)

    def _save_model(self, path: Path) -> None:
        # A model that was never compiled takes neither optimizer nor losses into the file.
        with atomic_path(path) as partial:
            self._plain_model().save(partial)

    def _measured_model(self) -> keras.Model:
        # Replicas would each predict the whole of a batch, and what is saved computes in float32.
        own = self.devices.replicas == 1 and self.config.precision == "float32"
        return self.model if own else self._plain_model()

    def _plain_model(self) -> keras.Model:
        """A model of the same weights that was neither compiled nor copied to replicas."""
        self._plain = self._plain or self.config.model.build()
        self._plain.set_weights(self.model.get_weights())
        return self._plain

    def _report(self, line: dict[str, Any]) -> None:
        parts = [f"epoch {line['epoch'] + 1}/{self.config.epochs}", f"loss {line['loss']:.5g}"]
        if BEST_BY in line:
            parts.append(f"error {line[BEST_BY]:.1f} mm")
            parts.append(f"aligned {line['val_p_mpjpe_mm']:.1f} mm")
        parts += speed_texts(line["speed"])
        parts.append(duration(line["seconds"]))
        self._say(", ".join(parts))

    def _interrupted(self) -> None:
        message = f"Stopped; the state is in {self.folder.path}: the same command goes on from it."
        self._say(message)
        raise TrainingInterrupted(message)

    def _say(self, text: str) -> None:
        self.console.print(text, highlight=False, soft_wrap=True, markup=False)


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
