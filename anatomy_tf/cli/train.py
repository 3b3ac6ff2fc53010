"""``anatomy-tf train``: train a model as an experiment file says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import tyro

from anatomy_tf.cli.options import arg
from anatomy_tf.errors import AnatomyError
from anatomy_tf.startup_notes import startup_notes_hidden
from anatomy_tf.training.config import Precision


def train(
    experiment: Annotated[Path, tyro.conf.Positional, arg(metavar="EXPERIMENT")],
    folder: Annotated[Path | None, arg(metavar="FOLDER")] = None,
    set: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], arg(metavar="KEY=VALUE")] = (),
    resume: bool = True,
    distribution: Literal["auto", "none", "mirrored", "multi_worker"] = "auto",
    precision: Annotated[Precision | None, arg()] = None,
    jit: Annotated[Literal["auto", "on", "off"] | None, arg()] = None,
    explosion_factor: float = 100.0,
    seeds: Annotated[tuple[int, ...], arg()] = (),
) -> None:
    """Train a model. The same command continues a run that was stopped or killed.

    Args:
        experiment: Python file with a top-level ``config = TrainingConfig(...)``.
        folder: folder of the run; by default runs/ and the experiment's name.
        set: change a field of the config, such as epochs=2 or data.seed=3; may be given again.
        resume: continue the run in the folder; --no-resume insists on a new one.
        distribution: devices to train on: all GPUs (mirrored), the machines that TF_CONFIG names
            (multi_worker), one device (none), or whatever is there (auto).
        precision: number type of the layers' computations in training; by default the experiment's.
        jit: whether XLA compiles the training step; by default the experiment's.
        explosion_factor: stop if a batch's loss is more than this many times the median of the 100
            batches before it; inf for never.
        seeds: train once with each of these seeds (--seeds 0 1 2), in FOLDER/seed_N, and show how
            much the results differ.
    """
    from anatomy_tf.training.experiment import check_experiment, load_experiment, override

    check_experiment(experiment)
    with startup_notes_hidden():
        from anatomy_tf.training.run import train as train_model
        from anatomy_tf.training.seeds import train_seeds

    options = {"precision": precision, "jit": jit}
    chosen = [f"{name}={value}" for name, value in options.items() if value is not None]
    config = override(load_experiment(experiment), [*set, *chosen])

    folder = folder or Path("runs") / experiment.stem
    if seeds:
        if not resume:
            raise AnatomyError("--no-resume: not with --seeds, whose finished runs are kept")
        train_seeds(
            config, folder, seeds, distribution=distribution, explosion_factor=explosion_factor
        )
        return
    train_model(
        config,
        folder,
        resume=resume,
        distribution=distribution,
        explosion_factor=explosion_factor,
    )
