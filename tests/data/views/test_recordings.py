import dataclasses

import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.cameras import project
from anatomy_tf.data.motion.body_proportions import BodyProportions
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.detector_errors import DETECTOR_LAYOUTS, DetectorErrors
from anatomy_tf.data.views.recordings import RecordingVariety, render_recordings
from anatomy_tf.data.views.room_cameras import CAMERA_MOTIONS, RoomCameras
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17

CLIPS = procedural_motion(people=2, seconds=4)[::3]
PLAIN = RecordingVariety(
    other_rate_share=0, no_scores_share=0, reversed_share=0, exchanged_share=0, tumbled_share=0
)
FIELDS = ("keypoints", "visibility", "positions", "intrinsics", "up")


def recordings(clips=CLIPS, count=2, variety=None, **options):
    return render_recordings(clips, cameras_per_clip=count, variety=variety, **options)


def same(first, second):
    return all(np.array_equal(getattr(first, f), getattr(second, f)) for f in FIELDS)


def with_errors(**changes):
    return dataclasses.replace(PLAIN, errors=DetectorErrors(**changes))


def test_views_carry_their_clips_names_and_depend_on_themselves_alone():
    views = recordings(variety=PLAIN)
    assert [(v.subject, v.clip) for v in views] == [
        (c.subject, c.name) for c in CLIPS for _ in range(2)
    ]
    number, kind = views[1].camera.split(" ", 1)
    assert number == "1" and kind in CAMERA_MOTIONS
    assert views[0].fps == CLIPS[0].fps
    alone = recordings(CLIPS[1:2], 1, PLAIN)
    assert same(alone[0], views[2]) and not same(views[2], views[3])
    assert not same(alone[0], recordings(CLIPS[1:2], 1, PLAIN, seed=1)[0])
    counted = recordings(count=[0, 1, 0, 2], variety=PLAIN)
    assert [v.clip for v in counted] == [CLIPS[i].name for i in (1, 3, 3)]
    assert same(counted[0], views[2])


def test_up_is_the_worlds_in_every_frames_axes():
    """How far a joint is along up from the root is its height above the root in the world."""
    tumbled = dataclasses.replace(PLAIN, tumbled_share=1)
    moving = dataclasses.replace(
        PLAIN, cameras=RoomCameras(motions={"walking": CAMERA_MOTIONS["walking"]})
    )
    for variety in (PLAIN, moving):
        for view, clip in zip(recordings(CLIPS, 1, variety), CLIPS, strict=True):
            if len(view.positions) < len(clip):
                continue
            along = np.sum((view.positions - view.positions[:, :1]) * view.up[:, None], axis=-1)
            height = clip.positions[..., 2] - clip.positions[:, :1, 2]
            np.testing.assert_allclose(along, height, atol=2e-3)
    upright = []
    for view in recordings(CLIPS, 4, tumbled):
        head = view.positions[:, HUMAN36M_17.index("head")] - view.positions[:, 0]
        upright.append(np.mean(np.sum(head * view.up, axis=-1)))
    assert min(upright) < 0.2


def test_ground_truth_is_the_projection_of_all_joints():
    views = recordings(variety=PLAIN, detections="ground_truth")
    for view, simulated in zip(views, recordings(variety=PLAIN), strict=True):
        assert (view.visibility == 1).all()
        np.testing.assert_allclose(view.intrinsics, simulated.intrinsics)
        exact = project(view.positions, view.intrinsics)
        inside = np.abs(view.keypoints[..., 0]) < 1
        inside &= np.abs(view.keypoints[..., 1]) < 1 / view.aspect_ratio
        np.testing.assert_allclose(view.keypoints[inside], exact[inside], atol=1e-4)
        assert inside.mean() > 0.3


def test_bones_are_of_one_new_body_a_view():
    people = BodyProportions.of(CLIPS)
    seen = set()
    for view in recordings(variety=PLAIN, bodies=people):
        lengths = bone_lengths(view.positions, HUMAN36M_17)
        assert lengths.std(axis=0).max() < 1e-4
        mean = lengths.mean(axis=0)
        np.testing.assert_allclose(mean, mean[list(HUMAN36M_17.bone_flip_order)], rtol=1e-3)
        seen.add(round(float(mean[1]), 4))
    assert len(seen) == 8


@pytest.mark.parametrize("layout", DETECTOR_LAYOUTS)
def test_gaps_are_those_of_the_detectors_layout(layout):
    """A picture that ends at the hips has them, and what is made of them, in every layout."""
    errors = {"layouts": {layout: 1.0}, "border_share": 0, "frame_loss_share": 0}
    views = recordings(CLIPS, 3, with_errors(**errors, legs_unseen_share=1, limb_loss_share=0))
    lost = np.concatenate([view.visibility == 0 for view in views])
    own = {name: lost[:, HUMAN36M_17.index(name)] for name in HUMAN36M_17.joint_names}
    assert own["left_knee"].all() and own["right_ankle"].all()
    hips = own["left_hip"] | own["right_hip"]
    assert not hips.all()
    shoulders = own["left_shoulder"] | own["right_shoulder"]
    # Nobody finds the middle of hips that cannot be seen for good.
    assert not (own["pelvis"] < (own["left_hip"] & own["right_hip"])).mean() > 0.02
    if layout in ("coco_17", "blazepose_33"):
        np.testing.assert_array_equal(own["pelvis"], hips)
        assert (own["neck"] == (hips | shoulders)).all()
    if layout != "human36m_17":
        np.testing.assert_array_equal(own["spine"], hips | shoulders)
        np.testing.assert_array_equal(own["thorax"], hips | shoulders)


def test_hips_carry_the_pelvis_along():
    """In COCO's layout the pelvis is the middle of the hips that were found, errors and all."""
    for view in recordings(CLIPS, 2, with_errors(layouts={"coco_17": 1.0})):
        left, right, pelvis = (
            HUMAN36M_17.index(name) for name in ("left_hip", "right_hip", "pelvis")
        )
        found = (view.visibility[:, [left, right, pelvis]] > 0).all(axis=1)
        middle = (view.keypoints[:, left] + view.keypoints[:, right]) / 2
        np.testing.assert_allclose(view.keypoints[found, pelvis], middle[found], atol=1e-5)
        worse = np.minimum(view.visibility[:, left], view.visibility[:, right])
        np.testing.assert_allclose(view.visibility[found, pelvis], worse[found], atol=1e-6)


def test_a_view_ends_where_the_person_leaves_the_picture():
    """Who walks past a camera that stands is there for a part of the clip."""
    clip = dataclasses.replace(
        CLIPS[0],
        positions=CLIPS[0].positions * [0, 0, 1]
        + np.linspace(-6, 6, len(CLIPS[0]))[:, None, None] * [1.0, 0, 0],
    )
    cameras = RoomCameras(
        motions={"static": CAMERA_MOTIONS["static"]}, close_share=1, in_picture=0.3
    )
    views = recordings([clip], 10, dataclasses.replace(PLAIN, cameras=cameras))
    assert min(len(view.positions) for view in views) < 0.8 * len(clip)
    for view in views:
        inside = (
            np.abs(project(view.positions, view.intrinsics)) < [1, 1 / view.aspect_ratio]
        ).all(axis=-1)
        assert inside[[0, -1]].any(axis=1).all()
        assert len(view.up) == len(view.keypoints) == len(view.positions)


def test_other_rates_and_missing_scores_are_as_in_other_views():
    views = recordings(variety=dataclasses.replace(PLAIN, no_scores_share=1, other_rate_share=1))
    assert all(view.fps == CLIPS[0].fps for view in views)
    found = np.concatenate([view.visibility for view in views])
    assert np.isin(found, (0, 1)).mean() > 0.8


def test_nonsense_is_refused():
    with pytest.raises(AnatomyError, match=r"no_scores_share: expected .* from 0 to 1, got 2"):
        RecordingVariety(no_scores_share=2)
    with pytest.raises(AnatomyError, match=r"body_spread: expected .* of at least 0, got -1"):
        RecordingVariety(body_spread=-1)
    with pytest.raises(
        AnatomyError, match=r"a whole number .* from 0 for each of 4 clips, got \[1, 2\]"
    ):
        recordings(count=[1, 2])
    with pytest.raises(AnatomyError, match="'simulated' or 'ground_truth', got 'cpn'"):
        recordings(detections="cpn")
