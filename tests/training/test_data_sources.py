"""Data sources: whose motion is trained on, and whose is not."""

import collections
import dataclasses
import json

import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.data import RecordingVariety
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.motion_capture import JOINT_NAMES, load_motion_capture
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.training import MotionCaptureData, ProceduralData, TrainingMotion
from anatomy_tf.training.config import as_json, load_validation

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
    with pytest.raises(AnatomyError, match=r"validation_people: expected .* at least 1, got 0"):
        dataclasses.replace(SMALL, validation_people=0)


def write_archive(path, people, frames=4):
    """A motion capture archive with a clip of each of these people."""
    clips = procedural_motion(len(people), seconds=frames / 10, fps=10)[::6]
    np.savez(
        path,
        positions=np.concatenate([clip.positions for clip in clips]),
        fps=10.0,
        joint_names=list(JOINT_NAMES),
        parents=HUMAN36M_17.parents,
        subjects=people,
        clip_start=np.arange(len(people)) * frames,
        clip_length=[frames] * len(people),
        clip_name=[f"{person}1" for person in people],
        clip_subject=np.arange(len(people)),
        clip_action=["walk"] * len(people),
        clip_description=[""] * len(people),
    )
    assert len(load_motion_capture(path)) == len(people)
    return path


@pytest.fixture
def archive(tmp_path):
    """A motion capture archive of three people with a clip of four frames each."""
    return write_archive(tmp_path / "archive.npz", ["a", "b", "c"])


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


def test_recordings_of_several_archives_are_trained_on_in_balance(tmp_path):
    own = write_archive(tmp_path / "own.npz", ["a", "b", "c", "d"], frames=40)
    more = write_archive(tmp_path / "more.npz", ["e", "f", "g"], frames=40)
    data = MotionCaptureData(
        path=str(own),
        test_subjects=("d",),
        validation_subjects=("c",),
        cameras_per_clip=2,
        training_cameras=4,
        training_variety=RecordingVariety(frame_rates=(5.0,)),
        further=(
            TrainingMotion(path=str(more), subjects=("e", "f"), weight=0.5),
            TrainingMotion(path=str(more), except_clips=("e1", "f1")),
        ),
        longest=2.0,
    )
    train, validation = data.load()
    views = collections.Counter(train.subjects)
    assert views == {"a": 10, "b": 10, "e": 5, "f": 5, "g": 10}
    assert {clip.split("+")[0] for clip in train.clips} == {"a1", "b1", "e1", "f1", "g1"}
    assert train.lengths.max() <= 20
    assert np.isfinite(train.up).all()
    # Each view has a new body, not one of the two that are trained on.
    lengths = bone_lengths(train.positions[train.offsets[:-1]], HUMAN36M_17)
    assert len(np.unique(lengths[:, 1].round(4))) > 20
    assert set(validation.subjects) == {"c"} and len(validation) == 2
    plain = dataclasses.replace(data, training_variety=None).load_validation()
    np.testing.assert_array_equal(validation.keypoints, plain.keypoints)
    assert data.version == "own.npz, more.npz, more.npz, cameras of seed 0"


def test_clips_of_rare_postures_are_seen_more_often(archive, monkeypatch):
    def rarity(clips, views, power):
        assert (list(views), power) == ([4, 4], 0.5)
        return np.array([3.0 if clip.subject == "a" else 1.0 for clip in clips])

    monkeypatch.setattr("anatomy_tf.training.data_sources.posture_rarity", rarity)
    data = MotionCaptureData(path=str(archive), test_subjects=("c",), posture_evenness=0.5)
    train, validation = data.load()
    assert collections.Counter(train.subjects) == {"a": 6, "b": 2}
    assert collections.Counter(validation.subjects) == {"c": 4}


def test_several_varieties_make_as_many_views_each(archive):
    data = MotionCaptureData(
        path=str(archive),
        test_subjects=("c",),
        cameras_per_clip=2,
        training_variety=(RecordingVariety(frame_rates=(5.0,)), None),
    )
    train, _ = data.load()
    alone = [
        dataclasses.replace(data, training_variety=variety, seed=seed).load()[0]
        for seed, variety in enumerate(data.training_variety)
    ]
    assert train.cameras == alone[0].cameras + alone[1].cameras
    assert [" " in camera for camera in train.cameras] == [True] * 4 + [False] * 4
    np.testing.assert_array_equal(
        train.keypoints, np.concatenate([store.keypoints for store in alone])
    )


def test_validation_may_be_of_recordings_too(archive):
    data = MotionCaptureData(
        path=str(archive),
        test_subjects=("c",),
        validation_subjects=("b",),
        validation_variety=RecordingVariety(frame_rates=(5.0,)),
    )
    validation = data.load_validation()
    assert all(" " in camera for camera in validation.cameras)
    bodies = bone_lengths(validation.positions[validation.offsets[:-1]], HUMAN36M_17)
    np.testing.assert_allclose(bodies, np.tile(bodies[0], (len(bodies), 1)), atol=1e-4)
    assert all(name == "b" for name in validation.subjects)
    assert " " not in data.load_test().cameras[0]


def test_what_a_further_archive_lacks_is_named(archive):
    for changes, message in (
        ({"subjects": ("z",)}, "it has no subjects z"),
        ({"except_clips": ("z1",)}, "it has no clips z1"),
    ):
        with pytest.raises(AnatomyError, match=message):
            TrainingMotion(path=str(archive), **changes).clips()


def test_a_config_of_recordings_is_plain_json(archive):
    data = MotionCaptureData(
        path=str(archive),
        test_subjects=("c",),
        training_variety=RecordingVariety(),
        further=(TrainingMotion(path="more.npz"),),
    )
    text = json.dumps(as_json(data))
    assert '"class": "CameraMotion"' in text and "object at" not in text
