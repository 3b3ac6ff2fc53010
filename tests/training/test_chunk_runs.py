"""Training on chunks: of neighbouring target frames, by a model that is saved as one of windows."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from anatomy_tf.data import Batches
from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import load_experiment, override, train, validate
from anatomy_tf.training.callbacks.checkpoint import Checkpoint
from anatomy_tf.training.divergence import TrainingDivergedError

pytestmark = pytest.mark.slow

TINY = load_experiment(Path(__file__).with_name("tiny_experiment.py"))
FRAMES = 12

# One block: chunks of deeper networks are those of tests/models/test_chunk_form.py.
config = dataclasses.replace(
    TINY,
    model=dataclasses.replace(TINY.model, filter_widths=(3,)),
    chunk_frames=FRAMES,
    batch_size=2,
    epochs=2,
)
canonical = dataclasses.replace(
    config,
    model=dataclasses.replace(config.model, recipe="canonical", length_augmentation=False),
)


def run(config, folder):
    return train(config, folder, console=Console(quiet=True))


@pytest.fixture(scope="module")
def canonical_run(tmp_path_factory):
    return run(canonical, tmp_path_factory.mktemp("canonical") / "run")


@pytest.fixture(params=["official", "canonical"])
def finished(request, tmp_path):
    """A config and its run."""
    if request.param == "canonical":
        return canonical, request.getfixturevalue("canonical_run")
    return config, run(config, tmp_path / "run")


def test_a_run_on_chunks(finished):
    config, result = finished
    # Two people and their mirror images, 40 frames each: four chunks, in batches of two.
    assert [line["step"] for line in result.metrics] == [8, 16]
    assert result.metrics[1]["loss"] < result.metrics[0]["loss"]
    best = keras.models.load_model(result.folder / "best.keras")
    assert best.receptive_field == result.model.receptive_field == 3
    _, store = config.data.load()
    batches = Batches.for_model(best, store, 24, flip=False, seed=config.seed, drop_remainder=False)
    measured = validate(best, batches, config.validation_frames, store.actions)
    assert measured.predicted.shape == (20, 17, 3) and len(measured.sequences) == 20
    assert measured.mpjpe_mm == pytest.approx(result.best["val_mpjpe_mm"], rel=1e-5)


def test_an_interrupted_run_on_chunks_ends_as_if_it_had_not_been(
    canonical_run, tmp_path, monkeypatch
):
    steps = []

    def interrupted(self, batch, logs=None):
        steps.append(batch)
        after_batch(self, batch, logs)
        if len(steps) == 5:
            raise OSError("pulled the plug")

    after_batch = Checkpoint.on_train_batch_end
    monkeypatch.setattr(Checkpoint, "on_train_batch_end", interrupted)
    with pytest.raises(OSError, match="plug"):
        run(canonical, tmp_path / "parts")
    parts = run(canonical, tmp_path / "parts")
    assert len(steps) > 5
    for ours, theirs in zip(parts.model.weights, canonical_run.model.weights, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=ours.path)


def test_frames_past_the_end_train_nothing(tmp_path):
    """A sequence's last chunk is a third full: frames that it repeats have no part in the loss."""
    _, store = config.data.load()
    batches = Batches.for_model(
        config.model.build(), store, 4, chunk_frames=FRAMES, flip=False, drop_remainder=False
    )
    _, targets, weights = batches.batch(0, 0)
    counted = weights["positions"] > 0
    assert counted.sum() == len(store.positions) == 40 and counted.size == 48
    assert sorted(map(tuple, targets["positions"][counted][:, 1].tolist())) == sorted(
        map(tuple, store.positions[:, 1].tolist())
    )


def test_a_batch_of_chunks_on_which_a_run_failed_has_its_weights(tmp_path, eagerly):
    diverging = override(config, ["learning_rate=1e6"])
    with pytest.raises(TrainingDivergedError) as caught:
        run(diverging, tmp_path / "run")
    with np.load(caught.value.batch, allow_pickle=False) as batch:
        assert batch["targets/positions"].shape == (2, FRAMES, 17, 3)
        assert batch["sample_weights/positions"].shape == (2, FRAMES)
        assert len(batch["subject"]) == 2


def test_a_model_that_takes_windows_only_is_refused(tmp_path):
    baseline = dataclasses.replace(config, model=VideoPoseConfig(filter_widths=(3, 3), channels=8))
    with pytest.raises(AnatomyError, match="chunk_frames: VideoPose is trained on windows only"):
        run(baseline, tmp_path / "run")
    assert not (tmp_path / "run").exists()
