"""Training runs, which resume where they were interrupted."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from rich.console import Console
from rich.text import Text

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import is_number
from anatomy_tf.training.callbacks.best_model import BEST_BY, BestModel
from anatomy_tf.training.callbacks.checkpoint import Checkpoint
from anatomy_tf.training.callbacks.epoch_log import EpochLog
from anatomy_tf.training.callbacks.epoch_report import EpochReport
from anatomy_tf.training.callbacks.epoch_validation import EpochValidation
from anatomy_tf.training.callbacks.loss_watch import EXPLOSION_FACTOR, LossWatch
from anatomy_tf.training.callbacks.network_norms import NetworkNorms
from anatomy_tf.training.callbacks.progress import ProgressDisplay
from anatomy_tf.training.callbacks.schedules import BatchShareSchedule, LearningRateSchedule
from anatomy_tf.training.checkpoint import NotFiniteError, Position, restore_state
from anatomy_tf.training.compiled_model import compiled_model, make_variables
from anatomy_tf.training.config import TrainingConfig, as_json
from anatomy_tf.training.distribution.choice import DistributionName, distribution_for
from anatomy_tf.training.distribution.distribution import Distribution
from anatomy_tf.training.distribution.run_files import run_files
from anatomy_tf.training.divergence import diverged
from anatomy_tf.training.plain_copy import PlainCopy
from anatomy_tf.training.run_batches import RunBatches
from anatomy_tf.training.run_data import RunData
from anatomy_tf.training.run_folder import RunFolder
from anatomy_tf.training.stop_request import StopRequest, TrainingInterrupted
from anatomy_tf.training.tensorboard_log import TensorBoardLog, flat


@dataclasses.dataclass(frozen=True)
class TrainingResult:
    """A finished run.

    Attributes:
        folder: the run's folder.
        model: the model after the last epoch.
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
    """Train a model: start a run, resume the run in the folder, or return the finished one.

    With ``config.deterministic`` a run that was killed and resumed ends with the same weights, to
    the bit, as one that was not, on the same machine and versions.

    Args:
        config: what to train.
        folder: the run's folder, see ``RunFolder``.
        resume: resume a run that is there; otherwise the folder must be empty.
        console: where to write progress; the terminal when ``None``.
        distribution: the devices to train on, see ``distribution_for``. A run may be
            resumed on other devices than it began with.
        explosion_factor: stop at a batch whose loss is more than this many times the median of the
            100 before it, above 1; infinity for never.

    Raises:
        AnatomyError: for an explosion factor that is not above 1, or when the folder holds a run of
            another config or something else, another training is under way there, it cannot be
            written, its finished model is damaged, the data or the devices cannot be used, or
            another worker is lost.
        TrainingDivergedError: when a loss, weight or prediction is not finite or the loss explodes;
            the batch is saved, and no such state.
        TrainingInterrupted: after Ctrl-C or SIGTERM, when the state is saved.
    """
    if not is_number(explosion_factor) or not explosion_factor > 1:
        raise AnatomyError(f"explosion_factor: expected a number above 1, got {explosion_factor!r}")
    devices = distribution_for(distribution, config)
    console = console or Console()
    if not devices.chief:
        console = Console(quiet=True)
    with run_files(devices, Path(folder)) as own_folder:
        run = RunFolder(own_folder)
        run.check_use(config, resume)
        with run.alone():
            if devices.from_chief([np.array(run.finished())])[0]:
                _say(console, f"The run in {run.path} is finished.")
                result = _finished(config, run, devices)
            else:
                try:
                    result = _trained(config, run, devices, console, explosion_factor)
                except TrainingInterrupted as stopped:
                    _say(console, str(stopped))
                    raise
    return dataclasses.replace(result, folder=Path(folder))


def _finished(config: TrainingConfig, folder: RunFolder, devices: Distribution) -> TrainingResult:
    if devices.chief:
        with reading(folder.model, "model of a finished run"):
            model = keras.models.load_model(folder.model)
    else:
        model = config.model.build()
    model.set_weights(devices.from_chief(model.get_weights()))
    return TrainingResult(folder.path, model, folder.read_metrics())


def _trained(
    config: TrainingConfig,
    folder: RunFolder,
    devices: Distribution,
    console: Console,
    explosion_factor: float,
) -> TrainingResult:
    model = compiled_model(config, devices)
    data = RunData(config, model)
    _say(console, f"{model.count_params():,} parameters; {data}")
    devices.check_agreement(json.dumps([as_json(config), data.batches.window_count]))
    # Only now, so that a config or data that cannot be used leaves nothing behind.
    if not folder.exists():
        folder.create(config)

    make_variables(model, data.batches, devices)
    start, restore_metrics = devices.begin(model, *_restore_newest(folder, model, console))
    metrics = folder.cut_metrics(start.epoch)
    copy = PlainCopy(config.model, model)
    batches = RunBatches(data.batches, start, config.epochs, data.steps)
    tensorboard = TensorBoardLog(folder.tensorboard, start.epoch)
    if start.epoch == 0:
        tensorboard.hyper_parameters(flat(as_json(config)), str(folder.path))
    watch = LossWatch(explosion_factor, start.step)
    # A chunk is as many windows as it has target frames.
    windows = config.batch_size * (config.chunk_frames or 1)
    display = ProgressDisplay(batches, windows, console)
    with StopRequest() as stop, contextlib.closing(tensorboard), contextlib.closing(display):
        # Each adds its numbers to those of the epoch before they are written; the state is last.
        callbacks = [
            LearningRateSchedule(config.learning_rate, config.learning_rate_decay),
            BatchShareSchedule(config.epochs, config.batch_share_start, config.batch_share_end),
            watch,
            display,
            NetworkNorms(),
            EpochValidation(config, data, copy, devices, tensorboard),
            BestModel(folder.best_model, copy, metrics),
            EpochLog(folder, batches, tensorboard, metrics),
            EpochReport(config.epochs, console),
            Checkpoint(
                folder,
                config.checkpoint_every_steps,
                config.epochs,
                start.step,
                restore_metrics,
                lambda: devices.any_process(stop.requested),
            ),
        ]
        try:
            for epoch in batches.epochs_left:
                with batches.of(epoch) as epoch_batches:
                    devices.fit(model, epoch_batches, callbacks)
        except NotFiniteError as error:
            raise diverged(error, watch.position, data.batches, data.store, folder) from None
    copy.save(folder.model)
    _say(console, f"Finished: {folder.model}")
    return TrainingResult(folder.path, model, metrics)


def _restore_newest(
    folder: RunFolder, model: keras.Model, console: Console
) -> tuple[Position, Callable[[], None]]:
    """Restore the newest undamaged state into the model, see ``restore_state``."""
    states = folder.states()
    for path in states:
        try:
            position, restore_metrics = restore_state(path, model)
        except AnatomyError as error:
            if path == states[-1]:
                raise
            _say(console, f"{error}: going on from the one before")
            continue
        _say(console, f"Going on at epoch {position.epoch + 1}, step {position.step}")
        return position, restore_metrics
    return Position(0, 0), model.reset_metrics


def _say(console: Console, text: str) -> None:
    console.print(Text(text), soft_wrap=True)
