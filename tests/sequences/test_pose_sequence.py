"""3D pose clips."""

import dataclasses

import numpy as np
import pytest

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import POSE_ARRAYS, PoseSequence
from anatomy_tf.sequences.labelled_arrays import frame_times
from anatomy_tf.skeletons import Skeleton

# The root is not the first joint.
ARM = Skeleton("arm", ("elbow", "shoulder", "wrist"), (1, -1, 0))


def _poses(frames=4, **more):
    positions = np.random.default_rng(0).normal(size=(frames, 3, 3))
    return PoseSequence(positions, ARM, 50, **({"source": "poses.npz"} | more))


def test_length_and_type():
    assert len(_poses(4)) == 4
    assert _poses().positions.dtype == np.float32
    assert _poses(bone_lengths=[0.3, 0.25]).bone_lengths.dtype == np.float32


def test_relative_to_root():
    poses = _poses(root_relative=False, camera=Camera.pinhole(1000, 640, 480))
    relative = poses.relative_to_root()
    assert relative.root_relative and relative.camera is None
    np.testing.assert_array_equal(relative.positions[:, 1], 0)
    np.testing.assert_allclose(
        relative.positions[:, 2] - relative.positions[:, 0],
        poses.positions[:, 2] - poses.positions[:, 0],
        atol=1e-6,
    )


def test_poses_whose_root_is_elsewhere_are_not_root_relative():
    positions = np.random.default_rng(0).normal(size=(4, 3, 3))
    positions -= positions[:, 1:2]
    positions[2] += (0, 0.3, 0.4)
    poses = PoseSequence(positions, ARM, 50, warnings=("doubt",))
    assert not poses.root_relative
    assert poses.warnings == (
        "doubt",
        f"stated to be relative to the root, but {ARM.joint_names[1]} is up to 0.5 m from the "
        "origin; the positions are taken as places in space",
    )
    np.testing.assert_array_equal(poses.root[:, 1], np.float32([0, 0, 0.3, 0]))
    # What follows of them says it once.
    assert poses.between(1, 3).warnings == poses.warnings


def test_the_roots_of_root_relative_poses_may_be_off_by_what_files_round():
    positions = np.random.default_rng(0).normal(size=(4, 3, 3))
    positions += 0.0005 - positions[:, 1:2]
    poses = PoseSequence(positions, ARM, 50)
    assert poses.root_relative and poses.warnings == ()


@pytest.mark.parametrize("number", [1e30, -1e6])
def test_a_position_beyond_any_room_is_refused(number):
    positions = np.zeros((4, 3, 3))
    positions[2, 1, 0] = number
    with pytest.raises(AnatomyError, match="a position of -100,000 to 100,000 metres"):
        PoseSequence(positions, ARM, 50)


def test_resampling_a_straight_motion_there_and_back_is_exact():
    start, step = np.random.default_rng(1).normal(size=(2, 1, 3, 3))
    positions = start + step * np.arange(61)[:, None, None] / 60
    poses = PoseSequence(positions, ARM, 60, bone_lengths=[1, 2])
    slower = poses.resampled(50)
    assert (len(slower), slower.fps) == (51, 50)
    np.testing.assert_array_equal(slower.bone_lengths, [1, 2])
    np.testing.assert_allclose(slower.resampled(60).positions, positions, atol=1e-6)


def test_resampling_to_a_number_of_frames_holds_the_last():
    poses = _poses(4)
    longer = poses.resampled(100, frames=9)
    assert len(longer) == 9
    np.testing.assert_array_equal(longer.positions[::2][:4], poses.positions)
    np.testing.assert_array_equal(longer.positions[7:], np.repeat(poses.positions[3:], 2, axis=0))


def test_a_clip_of_one_frame():
    poses = _poses(1)
    np.testing.assert_array_equal(poses.resampled(25).positions, poses.positions)
    assert len(poses.resampled(25, frames=3)) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positions": np.zeros((4, 3, 2))}, r"\(frames, 3, 3\) for arm, got \(4, 3, 2\)"),
        ({"positions": np.zeros((4, 5, 3))}, r"got \(4, 5, 3\)"),
        ({"positions": np.zeros((3, 3))}, r"got \(3, 3\)"),
        ({"positions": np.zeros((0, 3, 3))}, "at least one frame"),
        ({"positions": np.array([np.zeros((3, 3)), np.full((3, 3), np.nan)])}, "frame 1 is NaN"),
        ({"positions": np.full((2, 3, 3), np.inf)}, "frame 0 is NaN or infinite"),
        ({"fps": -1}, "a frame rate of 1 to 1,000 frames a second, got -1"),
        ({"fps": np.inf}, "a frame rate of 1 to 1,000 frames a second, got inf"),
        ({"spread": np.full((4, 3), -0.1)}, "a spread is negative"),
        ({"spread": np.full((4, 2), 0.1)}, r"spread of shape \(4, 3\), got \(4, 2\)"),
        ({"up": (0, 0, 0)}, "up as a direction"),
        ({"camera": "front", "root_relative": False}, "expected a Camera, got 'front'"),
        ({"warnings": "a line"}, "expected warnings as a list of texts, got 'a line'"),
        ({"warnings": [1]}, r"expected warnings as a list of texts, got \[1\]"),
        ({"axes": "screen"}, "axes 'camera' or 'world', got 'screen'"),
        ({"bone_lengths": [1, 2, 3]}, r"2 bone lengths, got shape \(3,\)"),
        ({"bone_lengths": [1, np.nan]}, "bone length is NaN"),
        ({"seen": np.array([True, False])}, r"4 truth values, got bool of shape \(2,\)"),
        ({"seen": np.ones(4)}, "4 truth values, got float64"),
        (
            {"positions": np.full((4, 3, 3), np.nan), "seen": np.zeros(4, bool)},
            "frame 0 is NaN or infinite",
        ),
    ],
)
def test_refused_in_one_line(changes, message):
    with pytest.raises(AnatomyError, match=message) as caught:
        dataclasses.replace(_poses(), **changes)
    assert str(caught.value).startswith("poses.npz: ")
    assert "\n" not in str(caught.value)


def test_resampling_to_nothing_is_refused():
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000"):
        _poses().resampled(0)
    with pytest.raises(AnatomyError, match="at least one frame"):
        _poses().resampled(25, frames=0)


def test_every_frame_is_seen_unless_somebody_says_otherwise():
    assert _poses(4).seen.tolist() == [True] * 4
    shorter = dataclasses.replace(_poses(4), positions=_poses(4).positions[:3])
    assert shorter.seen.tolist() == [True] * 3


def test_arrays_that_were_given_are_not_shared():
    seen, positions = np.array([True, False, True, True]), np.array(_poses(4).positions)
    poses = dataclasses.replace(_poses(4), positions=positions, seen=seen)
    seen[:], positions[:] = True, 9
    assert poses.seen.tolist() == [True, False, True, True]
    assert not (poses.positions == 9).any()


def test_frames_that_were_left_out_are_between_those_that_were_seen():
    poses = _poses(5)
    seen = np.array([False, True, False, True, False])
    positions = np.where(seen[:, None, None], poses.positions, np.nan)
    bridged = dataclasses.replace(poses, positions=positions, seen=seen)
    first, last = poses.positions[1], poses.positions[3]
    expected = np.stack([first, first, (first + last) / 2, last, last])
    np.testing.assert_allclose(bridged.positions, expected, atol=1e-6)
    spread = np.where(seen[:, None], [[0.1], [0.2], [0.3], [0.4], [0.5]], np.nan) * np.ones(3)
    unsure = dataclasses.replace(bridged, positions=positions, spread=spread)
    np.testing.assert_allclose(unsure.spread[:, 0], [0.2, 0.2, 0.3, 0.4, 0.4], atol=1e-6)
    # A guess that is there stays.
    kept = dataclasses.replace(poses, seen=seen)
    np.testing.assert_array_equal(kept.positions, poses.positions)


def test_between_two_frames_a_person_is_seen_when_it_is_in_both():
    poses = dataclasses.replace(_poses(4), seen=np.array([True, True, False, True]))
    double = poses.resampled(2 * poses.fps)
    assert double.seen.tolist() == [True, True, True, False, False, False, True]
    assert poses.resampled(2 * poses.fps, frames=9).seen[-1]


def test_up_is_a_unit_vector():
    np.testing.assert_allclose(_poses(up=(0, -3, 4)).up, (0, -0.6, 0.8))


def test_the_first_frame_keeps_its_time_at_another_rate():
    poses = _poses(first_frame=31)
    assert poses.resampled(100).first_frame == 62
    assert poses.resampled(20).first_frame == 12


def test_times_at_another_rate_are_off_by_up_to_half_a_frame():
    for fps in (7, 20, 60):
        for first in range(40):
            clip = _poses(first_frame=first)
            shift = frame_times(clip.resampled(fps))[0] - frame_times(clip)[0]
            assert abs(shift) <= 0.5 / fps + 1e-9
            assert first > 0 or shift == 0


def test_a_part_of_a_clip():
    seen = np.array([True, True, False, True])
    poses = dataclasses.replace(_poses(4), seen=seen, first_frame=7)
    poses = dataclasses.replace(poses, spread=np.arange(12).reshape(4, 3))
    part = poses.between(1, 2)
    np.testing.assert_array_equal(part.positions, poses.positions[1:3])
    np.testing.assert_array_equal(part.spread, [[3, 4, 5], [6, 7, 8]])
    assert part.seen.tolist() == [True, False]
    assert part.first_frame == 8


@pytest.mark.parametrize("part", [(-1, 2), (0, 4), (2, 1), (0.0, 2.0), ("0", "2"), (None, 2)])
def test_frames_that_a_clip_does_not_have_are_no_part_of_it(part):
    first, last = map(repr, part)
    with pytest.raises(AnatomyError, match=f"frames 0 to 3, got {first} to {last}$"):
        _poses(4).between(*part)


def test_every_array_with_an_entry_a_frame_is_known():
    """A new one that is forgotten in POSE_ARRAYS would not be cropped, resampled or written."""
    poses = _poses(7, spread=np.ones((7, 3)))
    of_frames = {
        field.name
        for field in dataclasses.fields(poses)
        if np.shape(getattr(poses, field.name))[:1] == (7,)
    }
    assert of_frames == set(POSE_ARRAYS) == set(poses.frame_arrays())
    for name, array in POSE_ARRAYS.items():
        assert getattr(poses, name).shape == (7, *array.shape(3))


def test_numbers_of_unseen_frames_can_be_left_out():
    seen = np.array([True, False, True, True])
    poses = _poses(4, seen=seen, spread=np.ones((4, 3)))
    arrays = poses.frame_arrays(seen_only=True)
    assert np.isnan(arrays["positions"]).all(axis=(1, 2)).tolist() == (~seen).tolist()
    assert np.isnan(arrays["spread"]).all(axis=1).tolist() == (~seen).tolist()
    assert arrays["seen"].tolist() == seen.tolist()
    assert np.isfinite(poses.positions).all()


def test_numbers_of_other_types_become_plain():
    poses = dataclasses.replace(_poses(), fps=np.float32(25), first_frame=np.int64(7))
    assert (poses.fps, poses.first_frame) == (25, 7)
    assert (type(poses.fps), type(poses.first_frame)) == (float, int)
