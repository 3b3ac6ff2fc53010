import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.cameras import project
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.motion_capture import load_motion_capture
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.rendering import render_views, split_by_subject
from anatomy_tf.data.views.simulated_detections import DetectionNoise
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17


def clip(subject: str, name: str, frames: int = 20) -> MotionClip:
    rng = np.random.default_rng(len(name))
    positions = rng.uniform([-0.4, -0.4, 0.0], [0.4, 0.4, 1.7], (frames, 17, 3))
    return MotionClip(positions, HUMAN36M_17, 50, subject, "walk", name)


CLIPS = [clip("ann", "a"), clip("bob", "bb", 7), clip("ann", "ccc")]


def same(first, second):
    return all(
        np.array_equal(getattr(first, field), getattr(second, field))
        for field in ("keypoints", "visibility", "positions", "intrinsics")
    )


def test_views_carry_their_clips_names_and_shapes():
    views = render_views(CLIPS, cameras_per_clip=2)
    assert [(v.subject, v.clip, v.camera) for v in views] == [
        (c.subject, c.name, camera) for c in CLIPS for camera in ("0", "1")
    ]
    assert [len(v.positions) for v in views] == [20, 20, 7, 7, 20, 20]
    assert views[0].fps == 50 and views[0].action == "walk"


def test_some_of_the_clips_give_the_same_views_as_all():
    views = render_views(CLIPS, cameras_per_clip=2, seed=5)
    alone = render_views(CLIPS[1:2], cameras_per_clip=1, seed=5)
    assert same(views[2], alone[0]) and not same(views[2], views[3])
    assert not same(alone[0], render_views(CLIPS[1:2], cameras_per_clip=1, seed=6)[0])


def test_ground_truth_is_the_projection_by_the_views_own_camera():
    for view in render_views(CLIPS, cameras_per_clip=3, detections="ground_truth"):
        np.testing.assert_allclose(
            view.keypoints, project(view.positions, view.intrinsics), atol=1e-5
        )
        assert (view.visibility == 1).all()


def test_both_kinds_of_detections_have_the_same_cameras():
    exact = render_views(CLIPS, detections="ground_truth")
    for first, second in zip(exact, render_views(CLIPS), strict=True):
        np.testing.assert_array_equal(first.positions, second.positions)
        assert not np.array_equal(first.keypoints, second.keypoints)
    silent = render_views(CLIPS, noise=DetectionNoise.none())
    for first, second in zip(exact, silent, strict=True):
        np.testing.assert_allclose(first.keypoints, second.keypoints, atol=1e-5)


def test_bones_keep_their_lengths_in_the_cameras_frame():
    view = render_views(CLIPS[:1], cameras_per_clip=1)[0]
    seen = bone_lengths(view.positions, HUMAN36M_17)
    np.testing.assert_allclose(seen, bone_lengths(CLIPS[0].positions, HUMAN36M_17), atol=1e-5)


def test_up_is_the_worlds_also_for_bodies_that_are_turned_over():
    for changes in ({}, {"variety": CaptureVariety.none(tumbled_share=1)}):
        for view in render_views(CLIPS, cameras_per_clip=2, **changes):
            # The camera looks level, so what is up in its picture is up in the world.
            assert view.up.shape == (3,) and view.up[1] < -0.8
            assert view.aspect_ratio > 0
    # A level camera at random sees the head of a person who stands above the hips.
    standing = render_views(procedural_motion(people=1, seconds=0.2)[:1], cameras_per_clip=3)
    for view in standing:
        pelvis, head = (view.positions[:, HUMAN36M_17.index(name)] for name in ("pelvis", "head"))
        assert (np.sum((head - pelvis) * view.up, axis=-1) > 0.4).all()


def test_bad_requests():
    with pytest.raises(AnatomyError, match="'simulated' or 'ground_truth', got 'cpn'"):
        render_views(CLIPS, detections="cpn")
    with pytest.raises(AnatomyError, match=r"a whole number of cameras from 1, .* got 0"):
        render_views(CLIPS, cameras_per_clip=0)
    with pytest.raises(AnatomyError, match="seed of at least 0, got -1"):
        render_views(CLIPS, seed=-1)
    with pytest.raises(AnatomyError, match=r"seed of at least 0, got 1\.5"):
        render_views(CLIPS, seed=1.5)
    for given in (1.5, True, "two", [1, 1, 0.5], [1, 1, -1]):
        with pytest.raises(AnatomyError, match="a whole number"):
            render_views(CLIPS, cameras_per_clip=given)
    assert len(render_views(CLIPS, cameras_per_clip=np.int64(1))) == len(CLIPS)


def test_split_keeps_people_apart():
    train, test = split_by_subject(CLIPS, ["bob"])
    assert [c.name for c in train] == ["a", "ccc"] and [c.name for c in test] == ["bb"]
    with pytest.raises(AnatomyError, match="test subjects carl; subjects are ann, bob"):
        split_by_subject(CLIPS, ["bob", "carl"])
    with pytest.raises(AnatomyError, match="all 2 subjects"):
        split_by_subject(CLIPS, ["ann", "bob"])
    with pytest.raises(AnatomyError, match="expected a list"):
        split_by_subject(CLIPS, "bob")


def test_motion_capture_views_are_in_front_of_their_cameras_and_mostly_seen(shared):
    clips = load_motion_capture(shared / "data/cmu_mocap_17.npz")[::40]
    views = render_views(clips, cameras_per_clip=2)
    assert min(view.positions[..., 2].min() for view in views) >= 1.0
    scores = np.concatenate([view.visibility.ravel() for view in views])
    assert 0.55 < scores.mean() < 0.8 and 0.05 < (scores < 0.5).mean() < 0.25
