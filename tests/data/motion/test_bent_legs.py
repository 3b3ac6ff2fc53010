import dataclasses

import numpy as np
import pytest

from anatomy_tf.anatomy import angle_between, bone_directions, bone_lengths
from anatomy_tf.data.motion.bent_legs import bend_legs
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.rendering import render_views
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17

CLIP = procedural_motion(people=1, seconds=2)[0]
SEEDS = range(8)


def bent(seed=0, clip=CLIP):
    return bend_legs(clip, np.random.default_rng(seed))


def joint(clip, name):
    return clip.positions[:, HUMAN36M_17.index(name)]


def knee_bends(clip):
    directions = bone_directions(clip.positions, HUMAN36M_17)
    bones = HUMAN36M_17.bone_names
    return np.stack(
        [
            angle_between(*(directions[:, bones.index(f"{side}_{j}")] for j in ("knee", "ankle")))
            for side in ("left", "right")
        ]
    )


def forward(clip):
    hips = joint(clip, "left_hip") - joint(clip, "right_hip")
    ahead = np.cross(hips, [0, 0, 1])
    return ahead / np.linalg.norm(ahead, axis=-1, keepdims=True)


def test_bones_keep_their_lengths():
    for seed in SEEDS:
        np.testing.assert_allclose(
            *(bone_lengths(clip.positions, HUMAN36M_17) for clip in (bent(seed), CLIP)), atol=1e-5
        )


def test_the_middle_of_the_ankles_keeps_its_path_and_the_body_sinks():
    def middle(clip):
        return (joint(clip, "left_ankle") + joint(clip, "right_ankle")) / 2

    for seed in SEEDS:
        np.testing.assert_allclose(middle(bent(seed)), middle(CLIP), atol=1e-5)
    sunk = [
        joint(CLIP, "pelvis")[:, 2].mean() - joint(bent(s), "pelvis")[:, 2].mean() for s in SEEDS
    ]
    assert np.mean(sunk) > 0.03


def test_knees_bend_and_go_ahead_of_hips_and_ankles():
    more = [(knee_bends(bent(seed)) - knee_bends(CLIP)).mean() for seed in SEEDS]
    assert np.mean(more) > 15
    ahead = []
    for seed in SEEDS:
        for side in ("left", "right"):
            before, after = (
                (
                    (
                        joint(c, f"{side}_knee")
                        - (joint(c, f"{side}_hip") + joint(c, f"{side}_ankle")) / 2
                    )
                    * forward(c)
                ).sum(axis=-1)
                for c in (CLIP, bent(seed))
            )
            ahead.append((after - before).mean())
    assert np.mean(ahead) > 0.04


def test_knees_bend_by_at_most_150_degrees():
    squatting = CLIP
    for seed in range(6):
        squatting = bent(seed, squatting)
    assert knee_bends(squatting).max() < 150.5
    assert knee_bends(squatting).max() > knee_bends(CLIP).max()


def test_it_turns_with_the_body():
    c, s = np.cos(1.2), np.sin(1.2)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
    elsewhere = dataclasses.replace(CLIP, positions=CLIP.positions @ turn.T)
    np.testing.assert_allclose(bent(1, elsewhere).positions, bent(1).positions @ turn.T, atol=1e-4)


def test_a_skeleton_without_ankles_is_refused():
    trunk = HUMAN36M_17.subset(("pelvis", "spine", "thorax"), "trunk")
    clip = dataclasses.replace(CLIP, positions=CLIP.positions[:, [0, 7, 8]], skeleton=trunk)
    with pytest.raises(AnatomyError, match="left_ankle"):
        bent(0, clip)


def test_views_have_bent_legs_where_they_are_asked_for():
    plain, changed = (
        [knee_bends(v) for v in render_views([CLIP], variety=CaptureVariety.none(bent_share=share))]
        for share in (0.0, 1.0)
    )
    for view in plain:
        np.testing.assert_allclose(view, knee_bends(CLIP), atol=0.1)
    assert np.mean([(b - a).mean() for a, b in zip(plain, changed, strict=True)]) > 10
