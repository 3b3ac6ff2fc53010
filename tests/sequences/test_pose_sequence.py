"""3D pose clips."""

import dataclasses

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import PoseSequence
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
    poses = _poses(root_relative=False)
    relative = poses.relative_to_root()
    assert relative.root_relative
    np.testing.assert_array_equal(relative.positions[:, 1], 0)
    np.testing.assert_allclose(
        relative.positions[:, 2] - relative.positions[:, 0],
        poses.positions[:, 2] - poses.positions[:, 0],
        atol=1e-6,
    )


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
        ({"axes": "screen"}, "axes 'camera' or 'world', got 'screen'"),
        ({"bone_lengths": [1, 2, 3]}, r"2 bone lengths, got shape \(3,\)"),
        ({"bone_lengths": [1, np.nan]}, "bone length is NaN"),
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
