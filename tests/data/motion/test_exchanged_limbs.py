import dataclasses

import numpy as np
import pytest

from anatomy_tf.anatomy import bone_directions, bone_lengths
from anatomy_tf.data.motion.exchanged_limbs import exchange_limbs, limb_pairs
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.rendering import render_views
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17

CLIP, DONOR = procedural_motion(people=2, seconds=2)[::5][:2]
ARMS = next(
    pair for pair in limb_pairs(HUMAN36M_17) if "shoulder" in HUMAN36M_17.bone_names[pair[0]]
)


def turned(clip, angle):
    """About the vertical."""
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
    return dataclasses.replace(clip, positions=clip.positions @ turn.T)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fps": 25.0}, "expected a donor at 50 fps, got 25"),
        ({"skeleton": COCO_17}, "expected a donor on 'human36m_17', got 'coco_17'"),
    ],
)
def test_a_donor_of_another_rate_or_skeleton_is_refused(change, message):
    with pytest.raises(AnatomyError, match=f"clip procedural_0/turn.*{message}"):
        exchange_limbs(CLIP, dataclasses.replace(DONOR, **change), ARMS)


def test_arms_and_legs_are_pairs_of_limbs():
    names = {HUMAN36M_17.bone_names[bone] for pair in limb_pairs(HUMAN36M_17) for bone in pair}
    assert names == {"left_hip", "right_hip", "left_shoulder", "right_shoulder"}


@pytest.mark.parametrize("pair", limb_pairs(HUMAN36M_17))
def test_its_own_limbs_change_nothing_however_the_donor_is_turned(pair):
    for angle in (0.0, 2.0):
        same = exchange_limbs(CLIP, turned(CLIP, angle), pair)
        np.testing.assert_allclose(same.positions, CLIP.positions, atol=1e-5)


@pytest.mark.parametrize("pair", limb_pairs(HUMAN36M_17))
def test_only_these_limbs_move_otherwise_and_bones_keep_their_lengths(pair):
    exchanged = exchange_limbs(CLIP, DONOR, pair)
    limbs = sorted(j for bone in pair for j in HUMAN36M_17.subtrees[bone])
    rest = np.setdiff1d(np.arange(17), limbs)
    np.testing.assert_allclose(exchanged.positions[:, rest], CLIP.positions[:, rest], atol=1e-5)
    assert np.abs(exchanged.positions - CLIP.positions)[:, limbs[-1]].max() > 0.05
    np.testing.assert_allclose(
        *(bone_lengths(clip.positions, HUMAN36M_17) for clip in (exchanged, CLIP)), atol=1e-5
    )


def test_elbows_bend_as_the_donors():
    elbow, wrist = (HUMAN36M_17.bone_names.index(f"left_{j}") for j in ("elbow", "wrist"))
    bends = [
        (d[:, elbow] * d[:, wrist]).sum(axis=-1)
        for d in (
            bone_directions(clip.positions, HUMAN36M_17)
            for clip in (exchange_limbs(CLIP, DONOR, ARMS), DONOR)
        )
    ]
    np.testing.assert_allclose(*bends, atol=1e-4)


def test_a_short_donor_goes_back_and_forth_and_one_frame_stays():
    short = dataclasses.replace(DONOR, positions=DONOR.positions[:3])
    there_and_back = dataclasses.replace(DONOR, positions=DONOR.positions[[0, 1, 2, 1, 0]])
    clip = dataclasses.replace(CLIP, positions=CLIP.positions[:5])
    np.testing.assert_array_equal(
        exchange_limbs(clip, short, ARMS).positions,
        exchange_limbs(clip, there_and_back, ARMS).positions,
    )
    still = dataclasses.replace(DONOR, positions=DONOR.positions[:1])
    assert np.isfinite(exchange_limbs(clip, still, ARMS).positions).all()


def test_views_show_other_peoples_limbs_and_motion_played_backwards():
    plain = render_views([CLIP, DONOR], cameras_per_clip=1, variety=CaptureVariety.none())
    backwards = render_views(
        [CLIP, DONOR], cameras_per_clip=1, variety=CaptureVariety.none(reversed_share=1)
    )
    for one, other in zip(plain, backwards, strict=True):
        # Another camera may see it, but joints move apart in the opposite order.
        ours, theirs = (
            np.linalg.norm(v.positions[:, 3] - v.positions[:, 13], axis=-1) for v in (one, other)
        )
        np.testing.assert_allclose(theirs, ours[::-1], atol=1e-5)
    exchanged = render_views(
        [CLIP, DONOR], cameras_per_clip=8, variety=CaptureVariety.none(exchanged_share=1)
    )
    spans = [np.linalg.norm(v.positions[:, 3] - v.positions[:, 13], axis=-1) for v in exchanged[:8]]
    own = np.linalg.norm(plain[0].positions[:, 3] - plain[0].positions[:, 13], axis=-1)
    changed = [not np.allclose(span, own, atol=1e-3) for span in spans]
    # A clip may draw itself as the donor.
    assert 0 < sum(changed) < 8


def test_a_body_without_a_spine_exchanges_nothing():
    assert limb_pairs(COCO_17) == ()


def test_joints_that_fall_together_leave_the_limbs_as_they_are():
    legs = next(pair for pair in limb_pairs(HUMAN36M_17) if pair != ARMS)
    collapsed = DONOR.positions.copy()
    hips = [HUMAN36M_17.index(f"{side}_hip") for side in ("left", "right")]
    collapsed[:5, hips] = collapsed[:5, :1]
    exchanged = exchange_limbs(CLIP, dataclasses.replace(DONOR, positions=collapsed), legs)
    np.testing.assert_allclose(exchanged.positions[:5], CLIP.positions[:5], atol=1e-5)
    np.testing.assert_array_equal(
        exchanged.positions[5:], exchange_limbs(CLIP, DONOR, legs).positions[5:]
    )
