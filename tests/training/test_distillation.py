import dataclasses

import keras
import numpy as np
import pytest
from trained_like import with_random_weights

from anatomy_tf.anatomy import bone_directions, bone_lengths
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.models.precision import dtype_policy
from anatomy_tf.training import (
    DistilledData,
    NamedData,
    ProceduralData,
    TrainedModel,
    TrainingConfig,
    train,
)
from anatomy_tf.training.run_evaluation import check_test_people

pytestmark = pytest.mark.slow

DATA = ProceduralData(people=1, validation_people=1, seconds=1)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    keras.utils.set_random_seed(2)
    path = tmp_path_factory.mktemp("teacher") / "teacher.keras"
    AnatomyLifter(filter_widths=(3,), channels=16, sampled_frames=2).save(path)
    return str(path)


def test_targets_lie_between_the_truth_and_the_teacher(teacher):
    true, validation = DATA.load()
    bent, same = DistilledData(DATA, teacher, 0.5).load()
    np.testing.assert_array_equal(same.positions, validation.positions)
    np.testing.assert_array_equal(bent.keypoints, true.keypoints)
    skeleton = true.skeleton
    np.testing.assert_allclose(
        bone_lengths(bent.positions, skeleton), bone_lengths(true.positions, skeleton), atol=1e-5
    )
    first = slice(0, true.offsets[1])
    said = Lifter.load(teacher).estimate(true.keypoints[first], true.visibility[first]).positions
    ours, truth, teachers = (
        bone_directions(p, skeleton) for p in (bent.positions[first], true.positions[first], said)
    )
    to_truth, to_teacher = (ours * truth).sum(axis=-1), (ours * teachers).sum(axis=-1)
    np.testing.assert_allclose(to_truth, to_teacher, atol=1e-4)
    assert to_truth.min() < 0.99


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_ends_are_the_truth_and_the_teacher(teacher, share):
    true, _ = DATA.load()
    bent, _ = DistilledData(DATA, teacher, share).load()
    first = slice(0, true.offsets[1])
    expected = true.positions[first]
    if share:
        lifter = Lifter.load(teacher)
        expected = lifter.estimate(true.keypoints[first], true.visibility[first]).positions
    np.testing.assert_allclose(
        bone_directions(bent.positions[first], true.skeleton),
        bone_directions(expected, true.skeleton),
        atol=1e-4,
    )


def test_a_share_beyond_1_is_refused(teacher):
    with pytest.raises(AnatomyError, match=r"teacher_share: expected .* got 1\.5"):
        DistilledData(DATA, teacher, 1.5)
    with pytest.raises(AnatomyError, match="ProceduralData has no test people"):
        DistilledData(DATA, teacher).load_test()
    config = TrainingConfig(model=TrainedModel(teacher), data=DistilledData(DATA, teacher))
    with pytest.raises(AnatomyError, match="ProceduralData has no test people"):
        check_test_people(config, "row")


def test_the_data_sets_name_chooses_the_protocol(teacher):
    assert DistilledData(NamedData(name="human36m/cpn"), teacher).name == "human36m/cpn"
    assert DistilledData(DATA, teacher).name == ""


def test_training_goes_on_from_a_trained_model(teacher, tmp_path, eagerly):
    config = TrainingConfig(
        model=TrainedModel(teacher),
        data=DistilledData(DATA, teacher),
        epochs=1,
        steps_per_epoch=1,
        batch_size=8,
        learning_rate=1e-9,
        validation_frames=8,
    )
    result = train(config, tmp_path / "run")
    before = TrainedModel(teacher).build()
    for old, new in zip(before.trainable_variables, result.model.trainable_variables, strict=True):
        np.testing.assert_allclose(np.asarray(new), np.asarray(old), atol=1e-7)
    other = dataclasses.replace(config, model=TrainedModel("nobody"))
    with pytest.raises(AnatomyError, match="no model 'nobody'"):
        train(other, tmp_path / "other")


def test_dropout_changes_only_how_a_trained_model_is_trained_on(teacher):
    kept, changed = TrainedModel(teacher).build(), TrainedModel(teacher, dropout=0.5).build()
    assert kept.config == dataclasses.replace(changed.config, dropout=0.25)
    for old, new in zip(kept.get_weights(), changed.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)
    rng = np.random.default_rng(0)
    inputs = {
        tensor.name: rng.random([n or 4 for n in tensor.shape], np.float32)
        for tensor in kept.inputs
    }
    np.testing.assert_array_equal(*(m(inputs)["positions"] for m in (kept, changed)))
    trained = [np.asarray(m(inputs, training=True)["positions"]) for m in (kept, changed)]
    assert not np.allclose(*trained)


def _said(model, frames: slice):
    """Positions, directions and lengths that a model gives for the same video."""
    rng = np.random.default_rng(1)
    inputs = {
        "keypoints": rng.normal(0, 0.3, (4, 9, 17, 2)).astype(np.float32)[:, frames],
        "visibility": rng.random((4, 9, 17), np.float32)[:, frames],
        "sampled_keypoints": rng.normal(0, 0.3, (4, 5, 17, 2)).astype(np.float32),
    }
    found = model.inference_model()(inputs)
    return {name: np.asarray(values) for name, values in found.items()}


@pytest.mark.parametrize(("causal", "frames"), [(False, slice(3, 6)), (True, slice(6, 9))])
def test_a_grown_model_begins_near_what_the_trained_one_says(tmp_path, causal, frames):
    keras.utils.set_random_seed(3)
    path = str(tmp_path / "short.keras")
    short = AnatomyLifter(filter_widths=(3,), channels=16, causal=causal, dropout=0.0)
    short.save(path)
    before = _said(short, frames)
    grown = TrainedModel(path, filter_widths=(3, 3), train_bone_lengths=False).build()
    assert grown.receptive_field == 9 and grown.causal == causal
    after = _said(grown, slice(0, 9))
    np.testing.assert_array_equal(after["bone_lengths"], before["bone_lengths"])
    off = np.abs(after["bone_directions"] - before["bone_directions"]).max()
    assert 0 < off < 0.2
    fresh = _said(AnatomyLifter(filter_widths=(3, 3), channels=16, causal=causal), slice(0, 9))
    assert np.abs(fresh["bone_directions"] - before["bone_directions"]).max() > 0.5
    # With all weights to learn, no new block is behind a ReLU that never opens.
    new = TrainedModel(path, filter_widths=(3, 3)).build()
    scales = [w for w in new.trainable_weights if w.path.endswith("pointwise/normalization/gamma")]
    assert len(scales) == 3 and all((np.asarray(scale) > 0).all() for scale in scales)


@pytest.mark.parametrize("channels", [24, 32])
@pytest.mark.parametrize("recipe", ["official", "canonical"])
def test_a_wider_model_begins_as_the_same_function_and_its_copies_differ(
    tmp_path, channels, recipe
):
    path = str(tmp_path / "narrow.keras")
    narrow = with_random_weights(
        AnatomyLifter(filter_widths=(3, 3), channels=16, recipe=recipe, length_augmentation=False)
    )
    narrow.save(path)
    wide = TrainedModel(path, channels=channels).build()
    assert wide.config.channels == channels
    rng = np.random.default_rng(2)
    inputs = {
        each.name: rng.random((3, each.shape[1] or 5, *each.shape[2:])).astype(np.float32)
        for each in narrow.inputs
    }
    before, after = narrow(inputs), wide(inputs)
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, atol=2e-5, err_msg=name)
    kernel = np.asarray(
        wide.get_layer("bone_direction_network").get_layer("bone_directions_2").vectors.kernel
    )
    assert np.abs(kernel[0] - kernel[16]).min() > 0


def test_a_model_left_alone_in_its_bone_lengths_trains_the_rest(teacher, tmp_path, eagerly):
    config = TrainingConfig(
        model=TrainedModel(teacher, train_bone_lengths=False),
        data=DATA,
        epochs=1,
        steps_per_epoch=2,
        batch_size=8,
        validation_frames=8,
    )
    model = train(config, tmp_path / "run").model
    old = {weight.path: np.asarray(weight) for weight in TrainedModel(teacher).build().weights}
    for weight in model.weights:
        # The share of a batch in running statistics follows its schedule everywhere.
        if not weight.shape or weight.path.endswith("batch_share"):
            continue
        part = weight.path.partition("/")[0]
        bone_lengths_part = part.startswith(("length_", "frame_", "bone_length_"))
        same = np.array_equal(np.asarray(weight), old[weight.path])
        assert same == bone_lengths_part, weight.path


def test_widths_that_are_not_the_models_and_a_baseline_without_lengths_are_refused(
    teacher, tmp_path
):
    with pytest.raises(AnatomyError, match=r"widths that begin with \(3,\), got \(5, 3\)"):
        TrainedModel(teacher, filter_widths=(5, 3)).build()
    for channels in (8, 33):
        with pytest.raises(AnatomyError, match=f"expected 16 to 32 channels, got {channels}"):
            TrainedModel(teacher, channels=channels).build()
    with pytest.raises(AnatomyError, match="new channels or new filter_widths, got both"):
        TrainedModel(teacher, channels=20, filter_widths=(3, 3)).build()
    baseline = str(tmp_path / "baseline.keras")
    VideoPose(filter_widths=(3,), channels=8).save(baseline)
    with pytest.raises(AnatomyError, match="needs a model with a bone length network"):
        TrainedModel(baseline, train_bone_lengths=False).build()
    assert TrainedModel(baseline, filter_widths=(3, 3)).build().receptive_field == 9


def test_it_computes_in_what_training_asks_for(teacher):
    with dtype_policy("mixed_bfloat16"):
        model = TrainedModel(teacher).build()
    stem = model.get_layer("bone_direction_network").get_layer("sub_network_1_stem")
    assert stem.compute_dtype == "bfloat16" and stem.kernel.dtype == "float32"
