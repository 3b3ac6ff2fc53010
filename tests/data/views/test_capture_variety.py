import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.rendering import render_views
from anatomy_tf.data.views.simulated_detections import DetectionNoise
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17

CLIPS = procedural_motion(people=1, seconds=4)[:2]


def varied(noise: DetectionNoise | None = None, **only: object):
    return render_views(CLIPS, cameras_per_clip=2, noise=noise, variety=CaptureVariety.none(**only))


def test_no_variety_gives_the_plain_views():
    for plain, view in zip(render_views(CLIPS, cameras_per_clip=2), varied(), strict=True):
        np.testing.assert_array_equal(plain.positions, view.positions)
        np.testing.assert_array_equal(plain.keypoints, view.keypoints)
        np.testing.assert_array_equal(plain.visibility, view.visibility)


def test_without_scores_what_was_found_is_1():
    assert all((view.visibility == 1).all() for view in varied(no_scores_share=1))
    lost = varied(no_scores_share=1, gap_share=1, gaps_a_second=1)
    assert {0.0, 1.0} == {float(v) for view in lost for v in np.unique(view.visibility)}


def test_a_half_body_has_no_legs():
    legs = [
        HUMAN36M_17.index(f"{side}_{joint}")
        for side in ("left", "right")
        for joint in ("hip", "knee", "ankle")
    ]
    rest = np.setdiff1d(np.arange(17), legs)
    for view in varied(half_body_share=1):
        assert (view.visibility[:, legs] == 0).all() and (view.visibility[:, rest] > 0).all()
        # They take the mean of the frame's other joints, as in `KeypointSequence.filled`.
        middle = view.keypoints[:, rest].mean(axis=1)
        np.testing.assert_allclose(view.keypoints[:, legs[0]], middle, atol=1e-5)


def test_a_lost_joint_takes_those_beyond_it_along():
    shoulder, elbow, wrist = (
        HUMAN36M_17.index(f"left_{j}") for j in ("shoulder", "elbow", "wrist")
    )
    views = varied(gap_share=1, gaps_a_second=0.5)
    lost = np.concatenate([view.visibility == 0 for view in views])
    assert 0.02 < lost.mean() < 0.9
    assert not (lost[:, shoulder] & ~lost[:, elbow]).any()
    assert not (lost[:, elbow] & ~lost[:, wrist]).any()
    assert not lost[:, HUMAN36M_17.root].any()


def test_another_rate_keeps_the_poses_of_the_clips_own_rate():
    exact = DetectionNoise.none()
    plain = render_views(CLIPS, cameras_per_clip=2, noise=exact)
    for rate in (24.0, 25.0, 60.0):
        for view, whole in zip(
            varied(exact, other_rate_share=1, frame_rates=(rate,)), plain, strict=True
        ):
            frames = len(view.positions)
            assert len(whole.positions) - 3 <= frames <= len(whole.positions)
            np.testing.assert_array_equal(view.positions, whole.positions[:frames])
            # What moves slowly lies between two frames of the camera where it does in truth.
            off = np.abs(view.keypoints - whole.keypoints[:frames])
            assert 0 < off.max() < 0.03
            assert view.fps == whole.fps


def test_bodies_change_alike_left_and_right_and_the_motion_does_not():
    view = varied(bone_length=0.3, body_size=0.1)[0]
    plain = varied()[0]
    ratio = bone_lengths(view.positions, HUMAN36M_17) / bone_lengths(plain.positions, HUMAN36M_17)
    assert np.ptp(ratio, axis=0).max() < 1e-3
    np.testing.assert_allclose(ratio[0], ratio[0][list(HUMAN36M_17.bone_flip_order)], rtol=1e-3)
    assert 0.6 < ratio[0].min() < ratio[0].max() < 1.45 and np.ptp(ratio[0]) > 0.05


def test_tumbled_people_keep_their_shape_and_stand_on_the_floor():
    clip = CLIPS[0]
    turned = CaptureVariety.none(tumbled_share=1).clip(clip, np.random.default_rng(0))
    assert turned.positions[..., 2].min() == pytest.approx(0, abs=1e-5)
    assert not np.allclose(turned.positions, clip.positions, atol=0.1)
    apart = np.linalg.norm(clip.positions[:, :, None] - clip.positions[:, None], axis=-1)
    now = np.linalg.norm(turned.positions[:, :, None] - turned.positions[:, None], axis=-1)
    np.testing.assert_allclose(now, apart, atol=1e-4)


def test_shares_are_of_the_views():
    variety = CaptureVariety()
    rng = np.random.default_rng(3)
    rates = [variety.frame_rate(50.0, rng) for _ in range(4000)]
    assert np.mean(np.array(rates) != 50) == pytest.approx(0.4, abs=0.03)
    assert set(rates) == {24.0, 25.0, 30.0, 50.0, 60.0}
    assert np.mean([variety.has_scores(rng) for _ in range(4000)]) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gap_share": 1.5}, r"gap_share: expected .* from 0 to 1, got 1.5"),
        ({"gap_duration": -1.0}, "gap_duration: expected .* of at least 0, got -1.0"),
        ({"frame_rates": (30.0, 0.0)}, "frame_rates: expected .* from 1 to 1,000, got"),
        ({"frame_rates": ()}, "needs frame_rates"),
        ({"bone_length": 1.0}, "bone_length: expected .* below 1, got 1.0"),
    ],
)
def test_nonsense_is_refused(arguments, message):
    with pytest.raises(AnatomyError, match=message):
        CaptureVariety(**arguments)
