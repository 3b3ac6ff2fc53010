"""Every experiment file loads, and what it describes trains."""

import dataclasses
import re
from pathlib import Path

import keras
import numpy as np
import pytest

from anatomy_tf.data import Batches, SequenceStore, render_views
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.losses import compile_arguments
from anatomy_tf.training import (
    AMSGrad,
    ModelConfig,
    TrainedModel,
    TrainingConfig,
    TransferredModel,
    load_experiment,
    override,
    train,
)

pytestmark = pytest.mark.slow

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
CHANNELS = 8
FILES = sorted(
    path for path in EXPERIMENTS.rglob("*.py") if path.parent != EXPERIMENTS / "notebooks"
)


def name(path: Path) -> str:
    return str(path.relative_to(EXPERIMENTS))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where models that others go on from are kept."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def store() -> SequenceStore:
    clips = procedural_motion(people=1, seconds=0.5)
    return SequenceStore.from_views(render_views(clips, cameras_per_clip=1))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_loads_and_says_how_to_run_it(path: Path) -> None:
    assert isinstance(load_experiment(path), TrainingConfig)
    assert f"anatomy-tf train experiments/{name(path)}" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_table_lists_it(path: Path) -> None:
    pages = [EXPERIMENTS / "README.md", EXPERIMENTS / "findings.md"]
    assert any(f"`{name(path)}`" in page.read_text(encoding="utf-8") for page in pages)


def run_folders() -> dict[str, Path]:
    """Where a command of an experiment's docstring keeps the run: folder to file."""
    folders = {}
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        command = re.search(
            rf"anatomy-tf train experiments/{name(path)}(?:\s--folder ([^\s`]+))?`", text
        )
        assert command is not None
        folder = command[1] or f"runs/{path.stem}"
        # Rows of tables have the same names in several tables; nobody goes on from them.
        folders.setdefault(folder, path)
    return folders


def small(model: ModelConfig) -> ModelConfig:
    """The arguments with few channels and sampled frames and two blocks less, of which one stays.

    What goes on from another model still begins with its blocks and is as wide or wider.
    """
    if isinstance(model, TransferredModel):
        return dataclasses.replace(model, model=small(model.model))
    changes = {}
    if model.filter_widths is not None:
        changes["filter_widths"] = model.filter_widths[2:] or model.filter_widths[:1]
    if isinstance(model, TrainedModel):
        if model.channels is not None:
            changes["channels"] = 2 * CHANNELS
    else:
        changes["channels"] = CHANNELS
        if hasattr(model, "sampled_frames"):
            changes["sampled_frames"] = 4
    return dataclasses.replace(model, **changes)


def small_model(config: TrainingConfig, folder: Path) -> keras.Model:
    """The config's model at small size, and those that it goes on from likewise."""

    def saved(name: str) -> str:
        before, file = name.rsplit("/", 1)
        assert file == "best.keras"
        first = load_experiment(run_folders()[before])
        path = folder / before / file
        if not path.exists():
            path.parent.mkdir(parents=True)
            small_model(first, folder).save(path)
        return str(path)

    model = small(config.model)
    if isinstance(model, TrainedModel):
        return dataclasses.replace(model, name=saved(model.name)).build()
    if isinstance(model, TransferredModel):
        sources = [dataclasses.replace(source, name=saved(source.name)) for source in model.sources]
        return TransferredModel(model.model, tuple(sources)).build()
    return model.build()


def recipe(path: Path) -> str:
    """What a step at small size depends on, of all that an experiment states."""
    config = load_experiment(path)
    data = (config.flip, config.sampling, config.length_augmentation_degree, config.causal_target)
    return repr((small(config.model), data))


# Rows of the paper's tables take a step in test_paper_rows.py, and of files of one recipe one does.
STEPS = {
    recipe(path): path for path in FILES if not path.parent.name.startswith(("table", "section44"))
}


@pytest.mark.parametrize("path", STEPS.values(), ids=name)
def test_its_model_takes_a_step(path: Path, store: SequenceStore, runs: Path) -> None:
    config = load_experiment(path)
    model = small_model(config, runs)
    if isinstance(config.model, TrainedModel) and config.model.dropout is not None:
        assert model.config.dropout == config.model.dropout
    before = [np.array(weight) for weight in model.trainable_weights]
    batches = Batches.for_model(
        model,
        store,
        4,
        flip=config.flip,
        sampling=config.sampling,
        length_augmentation_degree=config.length_augmentation_degree,
        target=config.causal_target,
    )
    # Building a graph takes longer than the step.
    model.compile(
        optimizer=AMSGrad(config.learning_rate),
        **compile_arguments(model),
        run_eagerly=True,
    )
    history = model.fit(batches, steps_per_epoch=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    changed = [
        np.abs(new - old).max() > 0
        for new, old in zip(map(np.array, model.trainable_weights), before, strict=True)
    ]
    # A bias before a normalisation has no effect; a network that is not connected changes nothing.
    assert np.mean(changed) > 0.8


def test_the_smoke_experiment_trains_and_its_error_falls(tmp_path: Path) -> None:
    path = EXPERIMENTS / "smoke" / "procedural.py"
    shorter = ["epochs=2", "steps_per_epoch=20", "model.filter_widths=3"]
    config = override(load_experiment(path), shorter)
    result = train(config, tmp_path / "run")
    errors = [line["val_mpjpe_mm"] for line in result.metrics]
    assert len(errors) == config.epochs
    assert errors[-1] < errors[0]
    assert result.best["val_mpjpe_mm"] == min(errors)
