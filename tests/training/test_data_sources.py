"""Data sources: whose motion is trained on, and whose is not."""

import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.motion.motion_capture import JOINT_NAMES, load_motion_capture
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.training import MotionCaptureData, ProceduralData
from anatomy_tf.training.config import load_validation

SMALL = ProceduralData(people=2, validation_people=1, seconds=0.5, fps=10, cameras_per_clip=2)


def test_generated_people_are_in_one_part_only():
    train, validation = SMALL.load()
    assert set(train.subjects) == {"procedural_0", "procedural_1"}
    assert set(validation.subjects) == {"procedural_2"}
    # Six activities of five frames, seen by two cameras.
    assert validation.frame_count == 6 * 5 * 2
    assert train.fps == 10


def test_the_seed_decides_everything():
    first, again = (SMALL.load()[0] for _ in range(2))
    np.testing.assert_array_equal(first.keypoints, again.keypoints)
    other, _ = dataclasses.replace(SMALL, seed=1).load()
    assert not np.array_equal(first.positions, other.positions)


def test_exact_projections_leave_the_poses_as_they_are():
    exact, _ = dataclasses.replace(SMALL, detections="ground_truth").load()
    simulated, _ = SMALL.load()
    np.testing.assert_array_equal(exact.positions, simulated.positions)
    assert (exact.visibility == 1).all()
    assert (simulated.visibility < 1).any()


def test_nobody_to_validate_on_is_refused():
    with pytest.raises(AnatomyError, match="at least one person to validate on, got 0"):
        dataclasses.replace(SMALL, validation_people=0).load()


@pytest.fixture
def archive(tmp_path):
    """A motion capture archive of three people with a clip of four frames each."""
    clips = procedural_motion(people=1, seconds=0.4, fps=10)[:3]
    path = tmp_path / "archive.npz"
    np.savez(
        path,
        positions=np.concatenate([clip.positions for clip in clips]),
        fps=10.0,
        joint_names=list(JOINT_NAMES),
        parents=HUMAN36M_17.parents,
        subjects=["a", "b", "c"],
        clip_start=[0, 4, 8],
        clip_length=[4, 4, 4],
        clip_name=["a1", "b1", "c1"],
        clip_subject=[0, 1, 2],
        clip_action=["walk"] * 3,
        clip_description=[""] * 3,
    )
    assert len(load_motion_capture(path)) == 3
    return path


def test_people_are_trained_validated_or_tested_on(archive):
    data = MotionCaptureData(path=str(archive), test_subjects=("c",), validation_subjects=("b",))
    train, validation = data.load()
    assert set(train.subjects) == {"a"}
    assert set(validation.subjects) == {"b"}
    assert set(data.load_test().subjects) == {"c"}
    alone = load_validation(data)
    np.testing.assert_array_equal(alone.keypoints, validation.keypoints)
    assert alone.subjects == validation.subjects
    assert len(train) == 4  # cameras


def test_without_validation_subjects_the_test_subjects_validate(archive):
    data = MotionCaptureData(path=str(archive), test_subjects=("c",), cameras_per_clip=1)
    train, validation = data.load()
    assert set(train.subjects) == {"a", "b"}
    assert set(validation.subjects) == {"c"}


def test_a_subject_that_is_not_there_is_named(archive):
    with pytest.raises(AnatomyError, match="no clip of the test subjects d"):
        MotionCaptureData(path=str(archive), test_subjects=("d",)).load()
