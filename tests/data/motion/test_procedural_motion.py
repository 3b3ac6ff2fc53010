import dataclasses

import numpy as np
import pytest

from anatomy_tf.anatomy import angle_between, bone_lengths
from anatomy_tf.data.motion.procedural_motion import JOINT_LIMITS, procedural_motion, within_limits
from anatomy_tf.data.views.rendering import render_views
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17

FPS = 50
SIDES = (("left", "right"), ("right", "left"))
ANKLES = [HUMAN36M_17.index("left_ankle"), HUMAN36M_17.index("right_ankle")]


@pytest.fixture(scope="module")
def clips():
    return procedural_motion(people=3, seconds=8, fps=FPS, seed=1)


def of(clips, action):
    return [clip for clip in clips if clip.action == action]


def bend(positions, *names):
    """Degrees by which the way through three joints departs from a straight line."""
    first, middle, last = (positions[:, HUMAN36M_17.index(name)] for name in names)
    return angle_between(middle - first, last - middle)


def speed(points):
    return np.linalg.norm(np.diff(points, axis=0), axis=-1) * FPS


def test_every_person_does_every_activity(clips):
    actions = ["walk", "run", "reach", "squat", "sit", "turn"]
    expected = [(f"procedural_{person}", action) for person in range(3) for action in actions]
    assert [(clip.subject, clip.action) for clip in clips] == expected
    assert all(len(clip) == 400 and clip.fps == FPS for clip in clips)
    assert len({clip.name for clip in clips}) == len(clips)


def test_bones_are_constant_symmetric_and_the_persons_own(clips):
    own = {}
    for clip in clips:
        lengths = bone_lengths(clip.positions, HUMAN36M_17)
        assert np.ptp(lengths, axis=0).max() < 1e-5
        for left, right in HUMAN36M_17.left_right_bones:
            np.testing.assert_allclose(lengths[:, left], lengths[:, right], atol=1e-5)
        own.setdefault(clip.subject, lengths[0])
        np.testing.assert_allclose(lengths[0], own[clip.subject], atol=1e-5)
    thighs = [lengths[HUMAN36M_17.bone_names.index("left_knee")] for lengths in own.values()]
    # 0.245 of a stature of 1.45 to 2 m, give or take 12 %.
    assert 0.31 < min(thighs) < max(thighs) < 0.55 and np.ptp(thighs) > 0.005


def test_joints_bend_within_their_limits_and_use_them(clips):
    for side in ("left", "right"):
        knee = [
            bend(c.positions, *(f"{side}_{j}" for j in ("hip", "knee", "ankle"))) for c in clips
        ]
        elbow = [
            bend(c.positions, *(f"{side}_{j}" for j in ("shoulder", "elbow", "wrist")))
            for c in clips
        ]
        assert 70 < np.max(knee) <= JOINT_LIMITS["knee_flexion"][1] + 0.1
        assert 90 < np.max(elbow) <= JOINT_LIMITS["elbow_flexion"][1] + 0.1


def test_knees_bend_backward_and_elbows_forward(clips):
    for clip in clips:
        at = {name: clip.positions[:, i] for i, name in enumerate(HUMAN36M_17.joint_names)}
        # The person's own forward direction: to the left turned a quarter about the vertical.
        left = at["left_hip"] - at["right_hip"]
        forward = np.cross(left, [0, 0, 1.0])
        middle = (at["left_hip"] + at["left_ankle"]) / 2
        bent = bend(clip.positions, "left_hip", "left_knee", "left_ankle") > 20
        ahead = ((at["left_knee"] - middle) * forward).sum(-1)
        assert (ahead[bent] > 0).mean() > 0.95


def test_angles_are_cut_to_the_limits():
    angles = {"left_knee_flexion": np.array([-20.0, 60.0, 170.0]), "pelvis_tilt": np.array([200.0])}
    limited = within_limits(angles)
    np.testing.assert_array_equal(limited["left_knee_flexion"], [0, 60, 135])
    np.testing.assert_array_equal(limited["pelvis_tilt"], [200])


def test_the_lower_foot_is_on_the_floor_but_in_a_runners_flight(clips):
    for clip in clips:
        lowest = clip.positions[:, ANKLES, 2].min(axis=1)
        assert lowest.min() > 0.03 and np.median(lowest) < (0.17 if clip.action == "run" else 0.1)
        assert lowest.max() < (0.2 if clip.action == "run" else 0.11)
        assert clip.positions[..., 2].min() > 0.03


def test_people_stand_walk_and_run_at_human_speeds(clips):
    def pace(clip):
        return speed(clip.positions[:, HUMAN36M_17.root, :2]).mean()

    walking, running = ([pace(c) for c in of(clips, action)] for action in ("walk", "run"))
    assert 0.5 < min(walking) < max(walking) < 1.8
    assert 1.6 < min(running) < max(running) < 4.0
    assert max(pace(clip) for clip in of(clips, "reach")) < 0.3
    assert max(speed(clip.positions).max() for clip in clips) < 12


def test_a_standing_foot_does_not_slide(clips):
    for clip in of(clips, "walk") + of(clips, "turn"):
        feet = clip.positions[:, ANKLES]
        along = speed(feet[..., :2])
        low = feet[1:, :, 2].argmin(axis=1)
        assert np.median(np.take_along_axis(along, low[:, None], axis=1)) < 0.2


def test_gait_alternates_legs_and_swings_the_opposite_arm(clips):
    for clip in of(clips, "walk") + of(clips, "run"):
        at = {name: clip.positions[:, i] for i, name in enumerate(HUMAN36M_17.joint_names)}
        forward = np.cross(at["left_hip"] - at["right_hip"], [0, 0, 1.0])
        forward /= np.linalg.norm(forward, axis=-1, keepdims=True)

        def lead(joint, at=at, forward=forward):
            return ((at[f"left_{joint}"] - at[f"right_{joint}"]) * forward).sum(-1)

        assert lead("ankle").max() > 0.2 and lead("ankle").min() < -0.2
        assert np.corrcoef(lead("knee"), lead("wrist"))[0, 1] < -0.5
        # The pelvis turns with the legs, the chest against it.
        across, shoulders = (
            at[f"left_{joint}"] - at[f"right_{joint}"] for joint in ("hip", "shoulder")
        )
        twist = (np.cross(across, shoulders)[:, 2]) / np.linalg.norm(across, axis=-1)
        assert np.corrcoef(lead("ankle"), twist)[0, 1] > 0.5
        # The person goes where it faces.
        moved = np.diff(at["pelvis"], axis=0)
        assert ((moved * forward[1:]).sum(-1) > 0).mean() > 0.95


def test_on_one_leg_the_pelvis_drops_to_the_other_side_and_the_chest_stays_upright(clips):
    # In 94 walks of CMU's motion capture the standing side's hip is 2.3 degrees higher, its
    # shoulder 0.9 degrees lower (means), and the leg leans in by 4.5 degrees (median).
    for clip in of(clips, "walk"):
        at = {name: clip.positions[:, i] for i, name in enumerate(HUMAN36M_17.joint_names)}
        still, swinging = ([speed(at[f"{side}_ankle"]) for side in sides] for sides in SIDES)
        for standing, other, a, b in zip(*SIDES, still, swinging, strict=True):
            on_one_leg = np.append((a < 0.35) & (b > 1.2), False)
            assert on_one_leg.sum() > 20
            hips, shoulders = (
                rise(at[f"{standing}_{joint}"] - at[f"{other}_{joint}"])[on_one_leg].mean()
                for joint in ("hip", "shoulder")
            )
            assert 1 < hips < 4 and abs(shoulders) < 2
            outward = (at[f"{standing}_hip"] - at[f"{other}_hip"]) * (1, 1, 0)
            outward /= np.linalg.norm(outward, axis=-1, keepdims=True)
            leg = at[f"{standing}_ankle"] - at[f"{standing}_hip"]
            lean = np.degrees(np.arctan2((leg * outward).sum(-1), -leg[:, 2]))[on_one_leg]
            assert -8 < lean.mean() < -2


def rise(across):
    """Degrees by which a line rises."""
    return np.degrees(np.arcsin(across[:, 2] / np.linalg.norm(across, axis=-1)))


def test_squatting_and_sitting_lower_the_pelvis_and_turning_turns_it(clips):
    for clip in of(clips, "squat") + of(clips, "sit"):
        assert np.ptp(clip.positions[:, HUMAN36M_17.root, 2]) > 0.15
    for clip in of(clips, "turn"):
        left = clip.positions[:, HUMAN36M_17.index("left_hip"), :2] - clip.positions[:, 0, :2]
        heading = np.unwrap(np.arctan2(left[:, 1], left[:, 0]))
        assert np.ptp(heading) > np.deg2rad(45)


def test_seeded_by_person():
    first, again = (procedural_motion(2, 1, FPS, seed=4) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.positions, b.positions)
    alone = procedural_motion(1, 1, FPS, seed=4)
    np.testing.assert_array_equal(alone[0].positions, first[0].positions)
    other = procedural_motion(1, 1, FPS, seed=5)
    assert np.abs(other[0].positions - first[0].positions).max() > 0.01


def test_cameras_see_it(clips):
    views = render_views(clips[:6], cameras_per_clip=1)
    assert min(view.positions[..., 2].min() for view in views) >= 1.0
    assert np.mean([view.visibility.mean() for view in views]) > 0.5


def test_too_little_to_generate():
    with pytest.raises(AnatomyError, match="at least one person, got 0"):
        procedural_motion(people=0)
    with pytest.raises(AnatomyError, match=r"two frames a clip, got 0.01 s at 50 fps"):
        procedural_motion(seconds=0.01)
    with pytest.raises(AnatomyError, match=r"at least one person, got 1.5"):
        procedural_motion(people=1.5)
    with pytest.raises(AnatomyError, match=r"seed of at least 0, got 0.5"):
        procedural_motion(seed=0.5)
    with pytest.raises(AnatomyError, match="two frames a clip, got inf s"):
        procedural_motion(seconds=float("inf"))


def test_a_clip_is_a_line(clips):
    clip = dataclasses.replace(clips[0], name="a", action="walk", subject="anna")
    assert repr(clip) == (
        f"MotionClip('a', 'walk' of 'anna', {len(clip)} frames at {clip.fps:g} fps, "
        "17 joints of human36m_17)"
    )
