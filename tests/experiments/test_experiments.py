"""Every experiment file loads, and what it describes trains."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.data import Batches, SequenceStore, render_views
from anatomy_tf.data.procedural_motion import procedural_motion
from anatomy_tf.inference import TrainedModel
from anatomy_tf.losses import compile_arguments
from anatomy_tf.training import AMSGrad, TrainingConfig, load_experiment, override, train

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
FILES = sorted(
    path for path in EXPERIMENTS.rglob("*.py") if path.parent != EXPERIMENTS / "notebooks"
)


def name(path: Path) -> str:
    return str(path.relative_to(EXPERIMENTS))


@pytest.fixture(scope="module")
def store() -> SequenceStore:
    clips = procedural_motion(people=1, seconds=0.5)
    return SequenceStore.from_views(render_views(clips, cameras_per_clip=1))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_loads_and_says_how_to_run_it(path: Path) -> None:
    assert isinstance(load_experiment(path), TrainingConfig)
    assert f"anatomy-tf train experiments/{name(path)}" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_readme_lists_it(path: Path) -> None:
    assert f"`{name(path)}`" in (EXPERIMENTS / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=name)
def test_its_model_takes_a_step(path: Path, store: SequenceStore, tmp_path: Path) -> None:
    config = load_experiment(path)
    if isinstance(config.model, TrainedModel):
        first = path.parents[1] / path.name
        assert config.model.name == f"runs/{first.stem}/best.keras"
        narrow = dataclasses.replace(load_experiment(first).model, channels=8)
        narrow.build().save(tmp_path / "best.keras")
        trained = dataclasses.replace(config.model, name=str(tmp_path / "best.keras"))
        model = trained.build()
        assert model.config.dropout == trained.dropout
    else:
        model = dataclasses.replace(config.model, channels=8).build()
    before = [weights.copy() for weights in model.get_weights()]
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
        for new, old in zip(model.get_weights(), before, strict=True)
        if new.size
    ]
    # A moving variance may round to what it was; a network that is not connected changes nothing.
    assert np.mean(changed) > 0.8


@pytest.mark.slow
def test_the_smoke_experiment_trains_and_its_error_falls(tmp_path: Path) -> None:
    path = EXPERIMENTS / "smoke" / "procedural.py"
    config = override(load_experiment(path), ["steps_per_epoch=20"])
    result = train(config, tmp_path / "run")
    errors = [line["val_mpjpe_mm"] for line in result.metrics]
    assert len(errors) == config.epochs
    assert errors[-1] < errors[0]
    assert result.best["val_mpjpe_mm"] == min(errors)
