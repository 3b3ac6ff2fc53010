"""Training on chunks, with a network that gives a pose for each of their frames."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from anatomy_tf.data import Batches
from anatomy_tf.errors import AnatomyError
from anatomy_tf.losses import JointPositionLoss
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.training import compiled_model, load_experiment, override, train, validate
from anatomy_tf.training.divergence import TrainingDivergedError

TINY = load_experiment(Path(__file__).with_name("tiny_experiment.py"))
FRAMES, RECEPTIVE_FIELD = 12, 5


@dataclasses.dataclass(frozen=True)
class ConvolutionConfig:
    """One convolution over the frames of a chunk."""

    def build(self):
        inputs = keras.Input((FRAMES + RECEPTIVE_FIELD - 1, 17, 2), name="keypoints")
        frames = keras.layers.Reshape((-1, 34))(inputs)
        features = keras.layers.Conv1D(51, RECEPTIVE_FIELD, name="convolution")(frames)
        positions = keras.layers.Reshape((FRAMES, 17, 3))(features)
        model = keras.Model({"keypoints": inputs}, {"positions": positions})
        model.skeleton, model.fps = HUMAN36M_17, 50.0
        model.receptive_field, model.causal = RECEPTIVE_FIELD, False
        model.input_names, model.output_names = ["keypoints"], ["positions"]
        return model


@pytest.fixture
def config(monkeypatch):
    losses = {"loss": {"positions": JointPositionLoss(HUMAN36M_17)}}
    monkeypatch.setattr(compiled_model, "compile_arguments", lambda model: losses)
    return dataclasses.replace(
        TINY, model=ConvolutionConfig(), chunk_frames=FRAMES, batch_size=2, epochs=2
    )


def test_a_run_on_chunks(config, tmp_path):
    result = train(config, tmp_path / "run", console=Console(quiet=True))
    # Two people and their mirror images, 40 frames each: four chunks, in batches of two.
    assert [line["step"] for line in result.metrics] == [8, 16]
    assert result.metrics[1]["loss"] < result.metrics[0]["loss"]
    best = keras.models.load_model(tmp_path / "run" / "best.keras")
    _, store = config.data.load()
    batches = Batches.for_model(
        result.model, store, 2, chunk_frames=FRAMES, flip=False, seed=5, drop_remainder=False
    )
    measured = validate(best, batches, config.validation_frames, store.actions)
    assert measured.predicted.shape == (20, 17, 3) and len(measured.sequences) == 20
    assert measured.mpjpe_mm == pytest.approx(result.best["val_mpjpe_mm"], rel=1e-5)
    # All 40 frames, and no frame that repeats the last one.
    whole = validate(best, batches, None, store.actions)
    assert sorted(map(tuple, whole.target[:, 1].tolist())) == sorted(
        map(tuple, store.positions[:, 1].tolist())
    )


def test_frames_past_the_end_train_nothing(config, tmp_path):
    """A sequence's last chunk is a third full: its loss is that of the frames which count."""
    config = override(config, ["epochs=1", "learning_rate=1e-12", "batch_size=16"])
    result = train(config, tmp_path / "run", console=Console(quiet=True))
    store, _ = config.data.load()
    store = store.joined(store.mirrored())
    batches = Batches.for_model(
        result.model, store, 16, chunk_frames=FRAMES, flip=False, drop_remainder=False
    )
    errors = validate(result.model, batches, None, store.actions).errors_mm
    assert len(errors) == 160
    expected = errors.sum() / 1000 / (16 * FRAMES)
    assert result.metrics[0]["loss"] == pytest.approx(expected, rel=1e-4)


def test_a_batch_of_chunks_on_which_a_run_failed_has_its_weights(config, tmp_path):
    config = override(config, ["learning_rate=1e6"])
    with pytest.raises(TrainingDivergedError) as caught:
        train(config, tmp_path / "run", console=Console(quiet=True))
    with np.load(caught.value.batch, allow_pickle=False) as batch:
        assert batch["targets/positions"].shape == (2, FRAMES, 17, 3)
        assert batch["sample_weights/positions"].shape == (2, FRAMES)
        assert len(batch["subject"]) == 2


def test_a_model_that_takes_windows_is_refused(tmp_path):
    config = dataclasses.replace(TINY, chunk_frames=FRAMES)
    message = "chunk_frames 12: expected a model that takes 20 frames, this one takes 9"
    with pytest.raises(AnatomyError, match=message):
        train(config, tmp_path / "run", console=Console(quiet=True))
    assert not (tmp_path / "run").exists()
