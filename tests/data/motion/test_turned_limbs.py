import dataclasses

import numpy as np

from anatomy_tf.anatomy import bone_directions, bone_lengths
from anatomy_tf.data.motion.exchanged_limbs import limb_pairs
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.motion.turned_limbs import turn_limbs
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.rendering import render_views
from anatomy_tf.skeletons import HUMAN36M_17

CLIP = procedural_motion(people=1, seconds=4)[0]
LIMBS = sorted(
    joint
    for pair in limb_pairs(HUMAN36M_17)
    for bone in pair
    for joint in HUMAN36M_17.subtrees[bone]
    if joint != HUMAN36M_17.bones[bone][1]
)


def generator(seed=0):
    return np.random.default_rng(seed)


def bends(clip):
    directions = bone_directions(clip.positions, HUMAN36M_17)
    bones = HUMAN36M_17.bone_names
    return np.stack(
        [
            np.arccos(
                np.clip(
                    (directions[:, bones.index(a)] * directions[:, bones.index(b)]).sum(-1), -1, 1
                )
            )
            for side in ("left", "right")
            for a, b in (
                (f"{side}_elbow", f"{side}_wrist"),
                (f"{side}_knee", f"{side}_ankle"),
            )
        ]
    )


def test_trunk_hips_and_shoulders_stay_and_bones_keep_their_lengths():
    turned = turn_limbs(CLIP, generator())
    rest = np.setdiff1d(np.arange(17), LIMBS)
    np.testing.assert_allclose(turned.positions[:, rest], CLIP.positions[:, rest], atol=1e-5)
    np.testing.assert_allclose(
        *(bone_lengths(clip.positions, HUMAN36M_17) for clip in (turned, CLIP)), atol=1e-5
    )
    moved = np.abs(turned.positions - CLIP.positions)[:, LIMBS].max(axis=(0, 2))
    assert (moved > 0.01).all()


def test_no_turn_and_no_bending_change_nothing():
    same = turn_limbs(CLIP, generator(), degrees=0, bending=0)
    np.testing.assert_allclose(same.positions, CLIP.positions, atol=1e-5)


def test_a_turn_at_hip_or_shoulder_keeps_the_bend_of_knee_and_elbow():
    turned = turn_limbs(CLIP, generator(), bending=0)
    np.testing.assert_allclose(bends(turned), bends(CLIP), atol=2e-3)


def test_knees_and_elbows_bend_no_further_than_150_degrees():
    turned = turn_limbs(CLIP, generator(1), bending=20)
    assert np.degrees(bends(turned).max()) < max(150.5, np.degrees(bends(CLIP).max()) + 0.5)
    assert np.abs(bends(turned) - bends(CLIP)).max() > 0.5


def test_it_turns_with_the_body():
    c, s = np.cos(1.2), np.sin(1.2)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
    elsewhere = dataclasses.replace(CLIP, positions=CLIP.positions @ turn.T)
    np.testing.assert_allclose(
        turn_limbs(elsewhere, generator()).positions,
        turn_limbs(CLIP, generator()).positions @ turn.T,
        atol=1e-4,
    )


def test_the_limbs_move_smoothly():
    turned = turn_limbs(CLIP, generator())
    steps, before = (
        np.linalg.norm(np.diff(clip.positions, 2, axis=0), axis=-1).max() for clip in (turned, CLIP)
    )
    assert steps < 2 * before


def test_views_have_turned_limbs_where_they_are_asked_for():
    plain, turned = (
        np.stack(
            [bends(v) for v in render_views([CLIP], variety=CaptureVariety.none(turned_share=t))]
        )
        for t in (0.0, 1.0)
    )
    np.testing.assert_allclose(plain, np.stack([bends(CLIP)] * len(plain)), atol=2e-3)
    assert (np.abs(plain - turned).max(axis=(1, 2)) > 0.05).all()
