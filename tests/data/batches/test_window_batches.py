import dataclasses
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths, flip_points
from anatomy_tf.cameras import project
from anatomy_tf.data import Batches, FollowEpoch, SequenceStore
from anatomy_tf.data.batches.batch_options import INPUTS
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.losses import compile_arguments
from anatomy_tf.models import VideoPose
from anatomy_tf.skeletons import HUMAN36M_17, get_skeleton

pytestmark = pytest.mark.slow

LENS = np.array([2.3, 2.2, 0.1, -0.05, -0.2, 0.1, 0.02, 0.003, -0.002], np.float32)
ALL_OUTPUTS = (
    "positions",
    "bone_lengths",
    "augmented_bone_lengths",
    "sampled_positions",
    "augmented_positions",
    "bone_directions_1",
    "joint_shifts_1",
    "bone_directions_2",
    "joint_shifts_2",
)
LENGTHS = (7, 1, 20, 12)


@pytest.fixture(scope="module")
def store() -> SequenceStore:
    rng = np.random.default_rng(0)
    views = []
    for number, frames in enumerate(LENGTHS):
        positions = rng.normal([0, 0, 5], 0.4, (frames, 17, 3)).astype(np.float32)
        views.append(
            View(
                keypoints=project(positions, LENS + np.float32(number / 100)),
                visibility=rng.random((frames, 17)),
                positions=positions,
                intrinsics=LENS + np.float32(number / 100),
                skeleton=HUMAN36M_17,
                fps=50.0,
                subject=f"S{number}",
                action="walk",
                clip=f"walk {number}",
                camera="front",
            )
        )
    return SequenceStore.from_views(views)


def batches(store: SequenceStore, **options) -> Batches:
    values = {"receptive_field": 9, "sampled_frames": 5, "batch_size": 8, "outputs": ALL_OUTPUTS}
    return Batches(store, **(values | options))


def in_order(store: SequenceStore, **options) -> tuple[dict, dict]:
    """All windows of the store, in the store's order, as one batch."""
    options = {"flip": False, "shuffle": False, "batch_size": store.frame_count} | options
    return batches(store, **options)[0]


def assert_same(first: tuple[dict, dict], second: tuple[dict, dict]) -> None:
    for one, other in zip(first, second, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def test_keras_loads_with_as_many_workers_as_asked_for(store):
    asked = {"workers": 3, "use_multiprocessing": True, "max_queue_size": 4}
    made = batches(store, **asked)
    assert {name: getattr(made, name) for name in asked} == asked


def test_shapes_and_types(store: SequenceStore) -> None:
    inputs, targets = batches(store)[0]
    assert {name: value.shape for name, value in inputs.items()} == {
        "keypoints": (8, 9, 17, 2),
        "visibility": (8, 9, 17),
        "sampled_keypoints": (8, 5, 17, 2),
        "augmented_keypoints": (8, 5, 17, 2),
    }
    lengths = {"bone_lengths", "augmented_bone_lengths"}
    assert {name: value.shape for name, value in targets.items()} == {
        name: (8, 16) if name in lengths else (8, 17, 3) for name in ALL_OUTPUTS
    }
    assert {value.dtype for part in (inputs, targets) for value in part.values()} == {
        np.dtype(np.float32)
    }


def test_only_what_is_asked_for(store: SequenceStore) -> None:
    inputs, targets = batches(store, inputs=["keypoints"], outputs=["positions"])[0]
    assert list(inputs) == ["keypoints"]
    assert list(targets) == ["positions"]


def test_windows_and_targets_belong_together(store: SequenceStore) -> None:
    inputs, targets = in_order(store)
    np.testing.assert_array_equal(inputs["keypoints"][:, 4], store.keypoints)
    np.testing.assert_array_equal(inputs["visibility"][:, 4], store.visibility)
    np.testing.assert_array_equal(inputs["keypoints"][0, :5], store.keypoints[[0] * 5])
    np.testing.assert_array_equal(inputs["keypoints"][6, 4:], store.keypoints[[6] * 5])
    for name in ("positions", "bone_directions_2", "joint_shifts_1"):
        np.testing.assert_array_equal(targets[name], store.positions)
    np.testing.assert_allclose(
        targets["bone_lengths"], bone_lengths(store.positions, HUMAN36M_17), rtol=1e-6
    )


def test_causal_windows_end_at_their_target(store: SequenceStore) -> None:
    inputs, targets = in_order(store, causal=True)
    np.testing.assert_array_equal(inputs["keypoints"][:, -1], store.keypoints)
    np.testing.assert_array_equal(targets["positions"], store.positions)


def test_the_delayed_target_is_the_centre_of_the_causal_window(store: SequenceStore) -> None:
    inputs, targets = in_order(store, causal=True, target="delayed")
    np.testing.assert_array_equal(inputs["keypoints"][:, -1], store.keypoints)
    # Sequence 2 has the frames 8 to 27.
    np.testing.assert_array_equal(targets["positions"][[8, 11, 12, 13, 27]],
                                  store.positions[[8, 8, 8, 9, 23]])  # fmt: skip
    _, centred = in_order(store, target="delayed")
    np.testing.assert_array_equal(centred["positions"], store.positions)


@pytest.mark.parametrize("causal", [False, True])
def test_length_target_of_the_window(store: SequenceStore, causal: bool) -> None:
    _, targets = in_order(store, causal=causal, length_target="window")
    lengths = bone_lengths(store.positions, HUMAN36M_17)
    first = 16 - 8 if causal else 16 - 4
    np.testing.assert_allclose(
        targets["bone_lengths"][16], lengths[first : first + 9].mean(axis=0), rtol=1e-5
    )
    at_start = (5 * lengths[8] + lengths[9:13].sum(axis=0)) / 9
    np.testing.assert_allclose(
        targets["bone_lengths"][8], lengths[8] if causal else at_start, rtol=1e-5
    )


def frames_of(keypoints: np.ndarray, store: SequenceStore) -> np.ndarray:
    """The frame of the store that each (..., J, 2) is, found by its numbers."""
    same = (keypoints[..., None, :, :] == store.keypoints).all(axis=(-2, -1))
    assert (same.sum(axis=-1) == 1).all()
    return same.argmax(axis=-1)


@pytest.mark.parametrize("sampling", ["random", "consecutive", "past"])
@pytest.mark.parametrize("causal", [False, True])
def test_sampled_frames_are_of_the_same_video(
    store: SequenceStore, sampling: str, causal: bool
) -> None:
    inputs, targets = in_order(store, sampling=sampling, causal=causal)
    frames = frames_of(inputs["sampled_keypoints"], store)
    sequence = np.repeat(np.arange(4), LENGTHS)
    np.testing.assert_array_equal(sequence[frames], np.repeat(sequence[:, None], 5, axis=1))
    np.testing.assert_array_equal(targets["sampled_positions"], store.positions[frames[:, 0]])
    target = np.arange(store.frame_count)[:, None]
    if sampling == "past" or (sampling == "consecutive" and causal):
        assert (frames <= target).all()
    else:
        assert (frames > target).any()
    if sampling != "past":
        assert len(np.unique(frames[20])) == 5
    if sampling == "consecutive":
        assert np.abs(frames - target)[LENGTHS[0] + 1 :].max() <= 4


def test_augmented_frames_are_the_sampled_ones_made_longer(store: SequenceStore) -> None:
    _, unchanged = in_order(store, length_augmentation_degree=0.0)
    np.testing.assert_allclose(
        unchanged["augmented_positions"], unchanged["sampled_positions"], atol=1e-6
    )
    inputs, targets = in_order(store)
    changed = targets["augmented_bone_lengths"] - unchanged["augmented_bone_lengths"]
    mean = bone_lengths(store.positions, HUMAN36M_17).mean()
    assert 0.1 * mean < np.abs(changed).max() < 0.6 * mean
    assert (inputs["augmented_keypoints"] != inputs["sampled_keypoints"]).all()


def test_flip_adds_the_mirror_image_of_every_window(store: SequenceStore) -> None:
    options = {"flip": True, "batch_size": 2 * store.frame_count}
    inputs, targets = in_order(store, **options)
    half = store.frame_count
    mirrored = flip_points(inputs["keypoints"][:half], HUMAN36M_17)
    np.testing.assert_array_equal(inputs["keypoints"][half:], mirrored)
    np.testing.assert_array_equal(
        inputs["visibility"][half:], inputs["visibility"][:half][..., HUMAN36M_17.flip_order]
    )
    np.testing.assert_array_equal(
        targets["positions"][half:], flip_points(targets["positions"][:half], HUMAN36M_17)
    )
    # The sampled frames of a mirrored window are mirrored too.
    frames_of(inputs["sampled_keypoints"][half:], store.mirrored())
    assert batches(store).window_count == 2 * batches(store, flip=False).window_count


def test_an_epoch_gives_every_window_once(store: SequenceStore) -> None:
    parts = batches(store, flip=False, drop_remainder=False, batch_size=7)
    assert len(parts) == 6
    assert [len(parts[i][0]["keypoints"]) for i in range(6)] == [7, 7, 7, 7, 7, 5]
    frames = np.concatenate([frames_of(parts[i][0]["keypoints"][:, 4], store) for i in range(6)])
    assert sorted(frames) == list(range(40))
    assert sorted(frames) != frames.tolist()
    assert len(batches(store, flip=False, batch_size=7)) == 5


def test_frame_step(store: SequenceStore) -> None:
    inputs, _ = in_order(store, frame_step=5, batch_size=10)
    expected = [0, 5, 7, 8, 13, 18, 23, 28, 33, 38]
    np.testing.assert_array_equal(inputs["keypoints"][:, 4], store.keypoints[expected])


def test_a_batch_depends_on_seed_epoch_and_index_alone(store: SequenceStore) -> None:
    first, second = batches(store, seed=3), batches(store, seed=3)
    for index in (4, 0, 2):
        second.batch(1, index)
        assert_same(first[index], second[index])
    second.set_epoch(5)
    assert_same(first.batch(5, 1), second[1])
    names = ("keypoints", "sampled_keypoints", "augmented_keypoints")
    others = (first[1], first.batch(1, 0), batches(store, seed=4)[0])
    for name in names:
        assert all((first[0][0][name] != other[0][name]).any() for other in others)


def test_inputs_do_not_depend_on_which_others_are_asked_for(store: SequenceStore) -> None:
    alone = batches(store, inputs=["sampled_keypoints"], outputs=["bone_lengths"])[1]
    together = batches(store)[1]
    np.testing.assert_array_equal(alone[0]["sampled_keypoints"], together[0]["sampled_keypoints"])
    np.testing.assert_array_equal(alone[1]["bone_lengths"], together[1]["bone_lengths"])


def test_resuming_in_the_middle_of_an_epoch(store: SequenceStore) -> None:
    whole = batches(store, epoch=2)
    rest = batches(store, epoch=2, start_batch=6)
    assert (len(whole), len(rest)) == (10, 4)
    for index in range(4):
        assert_same(whole[index + 6], rest[index])
    with pytest.raises(IndexError):
        rest[4]
    for index in (-1, 10):
        with pytest.raises(IndexError, match=f"batch {index} of an epoch of 10"):
            rest.batch(2, index)
    whole.on_epoch_end()
    rest.on_epoch_end()
    assert rest.epoch == 3
    assert len(rest) == 10
    assert_same(whole[0], rest[0])


def test_iteration_ends(store: SequenceStore) -> None:
    assert len(list(batches(store))) == 10


def test_a_clip_of_one_frame(store: SequenceStore) -> None:
    inputs, targets = batches(store.select(subjects=["S1"]), batch_size=2, shuffle=False)[0]
    frame = store.keypoints[7]
    np.testing.assert_array_equal(inputs["keypoints"][0], np.broadcast_to(frame, (9, 17, 2)))
    np.testing.assert_array_equal(
        inputs["sampled_keypoints"][0], np.broadcast_to(frame, (5, 17, 2))
    )
    assert all(np.isfinite(value).all() for value in (*inputs.values(), *targets.values()))


def test_for_model(store: SequenceStore) -> None:
    model = SimpleNamespace(
        receptive_field=27,
        causal=True,
        sampled_frames=6,
        input_names=["keypoints", "sampled_keypoints"],
        output_names=["positions", "bone_lengths"],
    )
    inputs, targets = Batches.for_model(model, store, batch_size=4, seed=1)[0]
    assert inputs["keypoints"].shape == (4, 27, 17, 2)
    assert inputs["sampled_keypoints"].shape == (4, 6, 17, 2)
    assert list(targets) == ["positions", "bone_lengths"]
    baseline = SimpleNamespace(
        receptive_field=27, causal=False, input_names=["keypoints"], output_names=["positions"]
    )
    assert list(Batches.for_model(baseline, store, batch_size=4)[0][0]) == ["keypoints"]
    inputs, _ = Batches.for_model(model, store, batch_size=4, sampled_frames=3)[0]
    assert inputs["sampled_keypoints"].shape == (4, 3, 17, 2)
    for stated, message in (
        (
            {"skeleton": get_skeleton("mpi_inf_3dhp_17")},
            "skeleton is 'mpi_inf_3dhp_17', the data's",
        ),
        ({"fps": 25.0}, "the model's fps is 25, the data's 50"),
    ):
        with pytest.raises(AnatomyError, match=message):
            Batches.for_model(SimpleNamespace(**vars(model), **stated), store, batch_size=4)


def test_the_canonical_view_needs_no_sampled_frames(store):
    up = np.broadcast_to(np.float32([0, -1, 0]), (store.frame_count, 3))
    known = dataclasses.replace(store, up=up, aspect_ratios=np.ones(len(store), np.float32))
    names = ("keypoints", "view", "visibility")
    whole = batches(known, inputs=(*names, "sampled_view"), outputs=("positions",))
    alone = batches(known, inputs=("keypoints", "view"), outputs=("positions",))
    for kind, name in ((0, "keypoints"), (0, "view"), (1, "positions")):
        np.testing.assert_array_equal(alone[3][kind][name], whole[3][kind][name])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": ["keypoint"]}, "unknown input 'keypoint'; known are keypoints, visibility"),
        ({"outputs": ["bone_directions"]}, "unknown output 'bone_directions'"),
        ({"outputs": ["positions_1"]}, "unknown output 'positions_1'"),
        ({"inputs": "keypoints"}, "inputs: expected a list, each item text, got 'keypoints'"),
        ({"inputs": ["sampled_view"]}, "sampled_view needs the input view, too"),
        ({"outputs": ["up"]}, "up needs the input view, too"),
        ({"inputs": ["view"], "outputs": ["augmented_positions"]}, "augmented frames are not made"),
        ({"sampling": "all"}, "sampling: expected 'random' or 'consecutive' or 'past', got 'all'"),
        ({"target": "late"}, "target: expected 'target_frame' or 'delayed', got 'late'"),
        ({"length_target": "video"}, "length_target: expected 'frame' or 'window', got 'video'"),
        ({"receptive_field": 8}, "receptive_field: expected .* odd, got 8"),
        ({"batch_size": 0}, "batch_size: expected .* at least 1, got 0"),
        ({"batch_size": 81}, "80 windows do not fill a batch of 81"),
        ({"start_batch": 10}, "start_batch 10 is past the 10"),
        ({"start_batch": -1}, "start_batch of at least 0, got -1"),
        ({"epoch": 0.5}, "epoch of at least 0, got 0.5"),
        ({"seed": -1}, "seed: expected .* at least 0, got -1"),
        ({"batch_size": 2.5}, "batch_size: expected a whole number .* got 2.5"),
        ({"sampled_frames": "4"}, "sampled_frames: expected a whole number .* got '4'"),
        ({"flip": "no"}, "flip: expected true or false, got 'no'"),
        ({"length_augmentation_degree": np.nan}, "at least 0 and below 2, got nan"),
        ({"length_augmentation_degree": -0.1}, "at least 0 and below 2, got -0.1"),
    ],
)
def test_refuses(store: SequenceStore, options: dict, message: str) -> None:
    with pytest.raises(AnatomyError, match=message):
        batches(store, **options)


def test_fit_follows_the_epochs_and_resumes_exactly(store: SequenceStore) -> None:
    options = {"inputs": ["keypoints"], "outputs": ["positions"], "receptive_field": 1}

    def train(model: keras.Model, data: Batches, first: int, last: int) -> keras.Model:
        model.fit(
            data, initial_epoch=first, epochs=last, shuffle=False, verbose=0,
            callbacks=[FollowEpoch(data)],
        )  # fmt: skip
        return model

    def fresh() -> keras.Model:
        keras.utils.set_random_seed(0)
        inputs = keras.Input((1, 17, 2), name="keypoints")
        outputs = keras.layers.Reshape((17, 3))(
            keras.layers.Dense(51)(keras.layers.Flatten()(inputs))
        )
        model = keras.Model({"keypoints": inputs}, {"positions": outputs})
        # Plain gradient steps: the weights are all there is to resume.
        model.compile(optimizer=keras.optimizers.SGD(0.05), loss={"positions": "mse"})
        return model

    whole = train(fresh(), batches(store, **options), 0, 3)

    by_hand = fresh()
    data = batches(store, **options)
    for epoch in range(1):
        for index in range(10):
            by_hand.train_on_batch(*data.batch(epoch, index))
    for index in range(4):
        by_hand.train_on_batch(*data.batch(1, index))
    resumed = fresh()
    resumed.set_weights(by_hand.get_weights())
    train(resumed, batches(store, **options, epoch=1, start_batch=4), 1, 2)
    train(resumed, batches(store, **options, epoch=2), 2, 3)
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    moved = np.abs(whole.get_weights()[0] - fresh().get_weights()[0]).max()
    assert moved > 1e-3


def test_a_data_set_of_tensorflow_gives_the_epochs_in_turn(store: SequenceStore) -> None:
    data = batches(store, epoch=2, start_batch=6)
    dataset = data.to_tf_dataset()
    for epoch, first in ((2, 6), (3, 0)):
        given = list(dataset.as_numpy_iterator())
        assert len(given) == 10 - first
        for index, batch in enumerate(given, first):
            assert_same(batch, data.batch(epoch, index))
    assert data.epoch == 2
    assert batches(store).to_tf_dataset().cardinality().numpy() == 10
    uneven = batches(store, batch_size=48, drop_remainder=False)
    for index, batch in enumerate(uneven.to_tf_dataset().as_numpy_iterator()):
        assert_same(batch, uneven.batch(0, index))
    assert (index, len(batch[0]["keypoints"])) == (1, 32)
    chunks = batches(store, chunk_frames=4, batch_size=2, outputs=("positions", "bone_lengths"))
    assert_same(next(chunks.to_tf_dataset().as_numpy_iterator()), chunks.batch(0, 0))


def test_fit_takes_a_data_set_of_tensorflow(store: SequenceStore) -> None:
    model = VideoPose(filter_widths=(3,), channels=4)
    dataset = Batches.for_model(model, store, batch_size=8).to_tf_dataset()
    model.compile(optimizer="sgd", **compile_arguments(model))
    logs = model.fit(dataset, validation_data=dataset, epochs=2, verbose=0).history
    assert np.isfinite(logs["val_mpjpe_mm"]).all()
    assert len(logs["val_mpjpe_mm"]) == 2


def test_default_inputs_are_all(store: SequenceStore) -> None:
    assert tuple(batches(store)[0][0]) == INPUTS


@pytest.fixture(scope="module")
def partly_valid(store) -> SequenceStore:
    """Every position of a frame that is not valid is far off, so that its use would show."""
    valid = np.random.default_rng(5).random(store.frame_count) < 0.5
    valid[store.offsets[:-1]] = [False, True, False, True]
    positions = np.where(valid[:, None, None], store.positions, 1000 * store.positions)
    return dataclasses.replace(store, valid=valid, positions=positions)


@pytest.mark.parametrize("sampling", ["random", "consecutive", "past"])
@pytest.mark.parametrize(
    "options",
    [{}, {"causal": True, "target": "delayed"}, {"length_target": "window"}, {"frame_step": 2}],
)
def test_only_valid_frames_are_targets_and_sampled(partly_valid, sampling, options) -> None:
    data = batches(partly_valid, batch_size=1, sampling=sampling, flip=False, **options)
    step = options.get("frame_step", 1)
    if not options.get("causal"):
        local = np.concatenate([np.arange(n) for n in LENGTHS])
        assert data.window_count == (partly_valid.valid & (local % step == 0)).sum()
    assert 0 < data.window_count < sum(LENGTHS)
    lengths = bone_lengths(partly_valid.positions[partly_valid.valid], HUMAN36M_17)
    for index in range(len(data)):
        _, targets = data.batch(0, index)
        for name in ("positions", "sampled_positions", "augmented_positions"):
            assert np.abs(targets[name]).max() < 100
        assert targets["bone_lengths"].max() <= lengths.max() + 1e-5
        assert targets["augmented_bone_lengths"].max() < 100


def test_a_window_shows_the_frames_that_are_not_valid_too(partly_valid, store) -> None:
    wanted = np.flatnonzero(partly_valid.valid)
    data = batches(partly_valid, batch_size=len(wanted), flip=False, shuffle=False)
    inputs, targets = data.batch(0, 0)
    whole, _ = batches(store, batch_size=sum(LENGTHS), flip=False, shuffle=False).batch(0, 0)
    np.testing.assert_array_equal(inputs["keypoints"], whole["keypoints"][wanted])
    np.testing.assert_array_equal(targets["positions"], store.positions[wanted])


def test_sampled_frames_are_all_valid_frames_of_the_own_video(partly_valid) -> None:
    data = batches(partly_valid, batch_size=1, flip=False, shuffle=False, sampled_frames=20)
    sequence = np.repeat(np.arange(len(LENGTHS)), LENGTHS)[partly_valid.valid]
    for index in range(len(data)):
        inputs, _ = data.batch(0, index)
        start, stop = partly_valid.offsets[sequence[index] :][:2]
        own = partly_valid.keypoints[start:stop][partly_valid.valid[start:stop]]
        sampled = inputs["sampled_keypoints"][0]
        matches = (sampled[:, None] == own[None]).all(axis=(2, 3))
        assert matches.any(axis=1).all() and matches.any(axis=0).all()


def test_when_every_frame_is_valid_nothing_changes(store) -> None:
    marked = dataclasses.replace(store, valid=np.ones(store.frame_count, bool))
    for options in ({}, {"sampling": "past", "length_target": "window"}):
        ours, theirs = (batches(data, **options).batch(3, 1) for data in (marked, store))
        for left, right in zip(ours, theirs, strict=True):
            for name, value in right.items():
                np.testing.assert_allclose(left[name], value, rtol=1e-6)
