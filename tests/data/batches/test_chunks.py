"""Batches of chunks: neighbouring target frames whose windows are given once."""

import dataclasses

import keras
import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.data import Batches, SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.losses import JointPositionLoss
from anatomy_tf.skeletons import HUMAN36M_17

pytestmark = pytest.mark.slow

LENGTHS = (10, 1, 7, 25)
FRAMES = 4
RECEPTIVE_FIELD = 5
OUTPUTS = ("positions", "joint_shifts_2", "bone_lengths", "sampled_positions")


def numbered(valid=None) -> SequenceStore:
    """Sequences whose first keypoint and whose first joint but the root say the frame's number."""
    rng = np.random.default_rng(0)
    count = sum(LENGTHS)
    keypoints = rng.random((count, 17, 2), np.float32)
    positions = rng.random((count, 17, 3), np.float32)
    positions[:, HUMAN36M_17.root] = 0
    keypoints[:, 0, 0] = positions[:, 1, 0] = np.arange(count)
    return SequenceStore(
        skeleton=HUMAN36M_17,
        fps=50.0,
        keypoints=keypoints,
        visibility=rng.random((count, 17), np.float32),
        positions=positions,
        root=np.zeros((count, 3), np.float32),
        offsets=np.concatenate([[0], np.cumsum(LENGTHS)]),
        intrinsics=np.tile(np.float32([2, 2, 0, 0, 0, 0, 0, 0, 0]), (len(LENGTHS), 1)),
        **dict.fromkeys(("subjects", "actions", "clips", "cameras"), tuple("abcd")),
        valid=valid,
    )


def chunks(store: SequenceStore, **options) -> Batches:
    values = {
        "receptive_field": RECEPTIVE_FIELD,
        "chunk_frames": FRAMES,
        "sampled_frames": 3,
        "batch_size": 3,
        "outputs": OUTPUTS,
        "flip": False,
        "drop_remainder": False,
    }
    return Batches(store, **(values | options))


def whole_epoch(batches: Batches, epoch: int = 0) -> tuple[dict, dict, dict]:
    """All batches of an epoch as one."""
    parts = [batches.batch(epoch, index) for index in range(len(batches))]
    return tuple(
        {name: np.concatenate([part[place][name] for part in parts]) for name in parts[0][place]}
        for place in range(3)
    )


def test_shapes():
    inputs, targets, weights = chunks(numbered(), batch_size=6)[0]
    assert {name: array.shape for name, array in inputs.items()} == {
        "keypoints": (6, 8, 17, 2),
        "visibility": (6, 8, 17),
        "sampled_keypoints": (6, 3, 17, 2),
        "augmented_keypoints": (6, 3, 17, 2),
    }
    assert {name: array.shape for name, array in targets.items()} == {
        "positions": (6, 4, 17, 3),
        "joint_shifts_2": (6, 4, 17, 3),
        "bone_lengths": (6, 16),
        "sampled_positions": (6, 17, 3),
    }
    assert {name: array.shape for name, array in weights.items()} == {
        "positions": (6, 4),
        "joint_shifts_2": (6, 4),
        "bone_lengths": (6,),
        "sampled_positions": (6,),
    }
    arrays = (*inputs.values(), *targets.values(), *weights.values())
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_an_overrun_repeats_the_last_frame_and_does_not_count():
    inputs, targets, weights = chunks(numbered(), batch_size=13, shuffle=False)[0]
    # The third chunk of the first sequence, and the only one of the second.
    assert inputs["keypoints"][2, :, 0, 0].tolist() == [6, 7, 8, 9, 9, 9, 9, 9]
    assert targets["positions"][2, :, 1, 0].tolist() == [8, 9, 9, 9]
    assert weights["positions"][2].tolist() == [1, 1, 0, 0]
    assert inputs["keypoints"][3, :, 0, 0].tolist() == [10] * 8
    assert weights["joint_shifts_2"][3].tolist() == [1, 0, 0, 0]
    assert weights["bone_lengths"].tolist() == [1] * 13


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"causal": True},
        {"causal": True, "target": "delayed"},
        {"flip": True},
        {"causal": True, "length_target": "window"},
    ],
)
@pytest.mark.parametrize("partly_valid", [False, True])
def test_chunks_are_the_windows_of_their_frames(options, partly_valid):
    valid = np.random.default_rng(3).random(sum(LENGTHS)) < 0.7
    valid[np.cumsum(LENGTHS) - 1] = True
    store = numbered(valid if partly_valid else None)
    inputs, targets, weights = whole_epoch(chunks(store, **options))
    counted = weights["positions"] > 0
    starts = np.arange(FRAMES)[:, None] + np.arange(RECEPTIVE_FIELD)
    windows = inputs["keypoints"][:, starts][counted]
    seen = inputs["visibility"][:, starts][counted]

    alone = chunks(store, **options, chunk_frames=None, batch_size=1)
    parts = [alone.batch(0, index) for index in range(len(alone))]
    expected = [
        np.concatenate([part[place][name] for part in parts])
        for place, name in ((0, "keypoints"), (0, "visibility"), (1, "positions"))
    ]
    assert len(windows) == len(parts) == alone.window_count
    ours = np.lexsort(windows[:, :, 0].reshape(len(windows), -1).T)
    theirs = np.lexsort(expected[0][:, :, 0].reshape(len(windows), -1).T)
    for array, other in zip((windows, seen, targets["positions"][counted]), expected, strict=True):
        np.testing.assert_array_equal(array[ours], other[theirs])

    # One length target a chunk: the mean of its frames'.
    lengths = np.concatenate([part[1]["bone_lengths"] for part in parts])
    by_window = np.empty_like(lengths)
    by_window[ours] = lengths[theirs]
    parted = np.split(by_window, np.cumsum(counted.sum(axis=1))[:-1])
    means = [part.mean(axis=0) for part in parted]
    np.testing.assert_allclose(targets["bone_lengths"], means, rtol=1e-5)


def test_frames_without_a_true_pose_do_not_count_nor_their_lengths():
    valid = np.ones(sum(LENGTHS), bool)
    valid[[1, 2, 11, 12, 13, 14]] = False
    store = numbered(valid)
    batches = chunks(store, shuffle=False, batch_size=12)
    # Nothing is left of the chunk of frames 11 to 14.
    assert batches.window_count == 12
    inputs, targets, weights = batches[0]
    assert weights["positions"][0].tolist() == [1, 0, 0, 1]
    np.testing.assert_allclose(
        targets["bone_lengths"][0],
        bone_lengths(store.positions[[0, 3]], HUMAN36M_17).mean(axis=0),
        rtol=1e-6,
    )
    assert 2 in inputs["keypoints"][0, :, 0, 0]


@pytest.mark.parametrize("sampling", ["random", "consecutive", "past"])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("partly_valid", [False, True])
def test_frames_are_sampled_once_a_chunk_from_its_video(sampling, causal, partly_valid):
    valid = np.random.default_rng(3).random(sum(LENGTHS)) < 0.4
    valid[np.cumsum(LENGTHS) - 1] = True
    store = numbered(valid if partly_valid else None)
    batches = chunks(store, sampling=sampling, causal=causal, shuffle=False, batch_size=1)
    middle_of_the_chunk = {0: 2, 1: 6, 2: 9, 3: 10}
    for index in range(len(batches)):
        inputs, targets, _ = batches.batch(0, index)
        frames = inputs["sampled_keypoints"][0, :, 0, 0].astype(int)
        start, stop = store.offsets[batches.sequences(0, index)[0] :][:2]
        assert ((start <= frames) & (frames < stop)).all()
        assert targets["sampled_positions"][0, 1, 0] == frames[0]
        if partly_valid:
            assert valid[frames].all()
        elif index in middle_of_the_chunk and (
            sampling == "past" or (sampling == "consecutive" and causal)
        ):
            assert frames.max() <= middle_of_the_chunk[index]


def test_an_epoch_has_each_target_frame_once_in_an_order_of_its_own():
    store = numbered()
    batches = chunks(store, seed=4)
    orders = []
    for epoch in (0, 1):
        _, targets, weights = whole_epoch(batches, epoch)
        counted = weights["positions"] > 0
        order = targets["positions"][counted][:, 1, 0].tolist()
        assert sorted(order) == list(range(store.frame_count)) != order
        orders.append(order)
    assert orders[0] != orders[1]
    again = chunks(store, seed=4)
    again.batch(1, 2)
    for ours, theirs in zip(again.batch(0, 1), batches.batch(0, 1), strict=True):
        for name, array in theirs.items():
            np.testing.assert_array_equal(ours[name], array)
    _, other, _ = chunks(store, seed=5).batch(0, 0)
    assert (other["positions"] != batches.batch(0, 0)[1]["positions"]).any()


def test_frame_step_takes_every_nth_chunk():
    _, targets, _ = chunks(numbered(), frame_step=2, shuffle=False, batch_size=7)[0]
    assert targets["positions"][:, 0, 1, 0].tolist() == [0, 8, 10, 11, 18, 26, 34]


def test_a_chunk_needs_a_frame():
    with pytest.raises(AnatomyError, match=r"chunk_frames: expected .* at least 1 .*got 0"):
        chunks(numbered(), chunk_frames=0)


def test_fit_weighs_the_frames():
    store = dataclasses.replace(numbered(), keypoints=np.zeros((sum(LENGTHS), 17, 2), np.float32))
    batches = chunks(store, inputs=["keypoints"], outputs=["positions"], batch_size=13)
    inputs = keras.Input((FRAMES + RECEPTIVE_FIELD - 1, 17, 2), name="keypoints")
    zero = keras.layers.Dense(51, kernel_initializer="zeros")
    frames = keras.layers.Reshape((-1, 34))(inputs)[:, : 1 - RECEPTIVE_FIELD]
    positions = keras.layers.Reshape((FRAMES, 17, 3))(zero(frames))
    model = keras.Model({"keypoints": inputs}, {"positions": positions})
    model.compile(keras.optimizers.SGD(0.0), loss={"positions": JointPositionLoss(squared=True)})
    loss = model.fit(batches, shuffle=False, verbose=0).history["loss"][0]
    # Of 13 chunks of 4 frames each, and the network says 0.
    expected = np.square(store.positions).sum() / 17 / (13 * FRAMES)
    assert loss == pytest.approx(expected, rel=1e-5)
