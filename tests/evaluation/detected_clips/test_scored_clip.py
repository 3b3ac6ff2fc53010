"""What is compared with what."""

import numpy as np
import pytest
from detected_people import WORLD_TO_CAMERA, person, poses_of, truth_of

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.detected_clips import ScoredClip
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, Skeleton


def test_coco_and_human36m_share_the_twelve_joints_of_the_limbs():
    clip = truth_of(person(), COCO_17)
    scored = ScoredClip.of(clip, poses_of(person()))
    assert len(scored.joint_names) == 12
    assert {name.partition("_")[2] for name in scored.joint_names} == {
        *("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
    }
    named = [(scored.joint_names[a], scored.joint_names[b]) for a, b in scored.limbs]
    assert ("left_hip", "left_knee") in named and ("right_elbow", "right_wrist") in named
    assert len(named) == 8


def test_without_a_pelvis_the_hips_middle_is_the_root_of_both():
    poses = person()
    # The estimate's pelvis is nowhere near its hips: it counts for nothing.
    poses[:, HUMAN36M_17.index("pelvis")] += 1
    scored = ScoredClip.of(truth_of(person(), COCO_17), poses_of(poses))
    np.testing.assert_allclose(scored.predicted, scored.target, atol=1e-6)
    hips = [scored.joint_names.index(f"{side}_hip") for side in ("left", "right")]
    np.testing.assert_allclose(scored.target[:, hips].mean(axis=1), 0, atol=1e-6)


def test_with_a_pelvis_all_joints_count_from_there():
    scored = ScoredClip.of(truth_of(person(), HUMAN36M_17), poses_of(person()))
    assert scored.joint_names == HUMAN36M_17.joint_names
    np.testing.assert_allclose(scored.target[:, 0], 0)
    np.testing.assert_allclose(scored.predicted, scored.target, atol=1e-6)


def test_the_trunk_runs_from_the_hips_middle_to_the_shoulders():
    poses = person()
    poses[:, HUMAN36M_17.index("pelvis")] += 0.1 * np.arange(4)[:, None]
    for trunks in ScoredClip.of(truth_of(person(), HUMAN36M_17), poses_of(poses)).trunks:
        np.testing.assert_allclose(trunks, [(0, -0.5, 0)] * 4, atol=1e-6)


def test_the_truth_is_turned_into_the_cameras_axes():
    clip = truth_of(person(), HUMAN36M_17)
    scored = ScoredClip.of(clip, poses_of(person()))
    world = clip.positions - clip.positions[:, :1]
    np.testing.assert_allclose(scored.target, world @ WORLD_TO_CAMERA.T, atol=1e-6)


def test_a_frame_with_an_unknown_joint_does_not_count():
    clip = truth_of(person(frames=4), COCO_17)
    clip.positions[1, COCO_17.index("left_wrist")] = np.nan
    clip.positions[2, COCO_17.index("nose")] = np.nan
    scored = ScoredClip.of(clip, poses_of(person(frames=4)))
    # Nobody scores the nose.
    assert scored.valid.tolist() == [True, False, True, True]
    assert scored.steps.tolist() == [False, False, True]
    assert len(scored.counted[0]) == 3


def test_one_scale_is_taken_out_where_the_unit_is_a_convention():
    half = poses_of(person() / 2)
    scored = ScoredClip.of(truth_of(person(), HUMAN36M_17, metric=False), half)
    np.testing.assert_allclose(scored.predicted, scored.target, atol=1e-6)
    scored = ScoredClip.of(truth_of(person(), HUMAN36M_17), half)
    np.testing.assert_allclose(2 * scored.predicted, scored.target, atol=1e-6)


def test_feet_are_put_where_the_true_root_is():
    clip = truth_of(person(), HUMAN36M_17)
    ours, theirs, standing = ScoredClip.of(clip, poses_of(person())).feet
    ankles = [HUMAN36M_17.index(f"{side}_ankle") for side in ("right", "left")]
    np.testing.assert_allclose(theirs, clip.positions[:, ankles], atol=1e-5)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert standing.all()


def test_what_does_not_belong_together_is_refused():
    clip = truth_of(person(frames=3), COCO_17)
    with pytest.raises(AnatomyError, match="expected 3 poses in camera axes, got 2"):
        ScoredClip.of(clip, poses_of(person(frames=2)))
    world = PoseSequence(person(frames=3), HUMAN36M_17, 50, axes="world")
    with pytest.raises(AnatomyError, match="got 3 in world axes"):
        ScoredClip.of(clip, world)
    face = Skeleton("face", ("nose", "left_eye", "right_eye"), (-1, 0, 0))
    with pytest.raises(AnatomyError, match="expected a true pelvis or the true left_hip and"):
        ScoredClip.of(truth_of(person(frames=3), COCO_17, kept=face), poses_of(person(frames=3)))
