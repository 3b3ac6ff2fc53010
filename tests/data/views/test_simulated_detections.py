import dataclasses

import numpy as np
import pytest

from anatomy_tf.cameras import Camera
from anatomy_tf.data.views.simulated_detections import (
    DetectionNoise,
    self_occlusion,
    simulate_detections,
)
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, Skeleton

# A standing person that faces the world's +y, metres; its left is at -x, arms a little bent.
_HALF = {
    "hip": (0.09, 0.0, 0.92),
    "knee": (0.10, 0.03, 0.50),
    "ankle": (0.10, -0.02, 0.08),
    "shoulder": (0.19, 0.0, 1.42),
    "elbow": (0.24, -0.02, 1.13),
    "wrist": (0.25, 0.12, 0.92),
}
_MIDDLE = {
    "pelvis": (0.0, 0.0, 0.92),
    "spine": (0.0, -0.02, 1.15),
    "thorax": (0.0, 0.0, 1.40),
    "neck": (0.0, 0.02, 1.52),
    "head": (0.0, 0.03, 1.66),
}
LEFT, RIGHT = (
    [HUMAN36M_17.index(f"{side}_{joint}") for joint in ("shoulder", "elbow", "wrist")]
    for side in ("left", "right")
)


def standing(frames: int = 1) -> np.ndarray:
    rows = []
    for name in HUMAN36M_17.joint_names:
        side, _, joint = name.partition("_")
        sign = -1 if side == "left" else 1
        rows.append(_MIDDLE[name] if name in _MIDDLE else np.multiply(_HALF[joint], (sign, 1, 1)))
    return np.repeat(np.array(rows)[None], frames, axis=0)


def camera_at(*position: float) -> Camera:
    return Camera.looking_at(np.array(position), np.array([0, 0, 1.0]), 1145, 1000, 1000)


LEFT_SIDE, FRONT = camera_at(-5, 0, 1.2), camera_at(0, 5, 1.2)


def simulate(camera, frames=1500, seed=0, parameters=None):
    positions = camera.world_to_camera(standing(frames))
    rng = np.random.default_rng(seed)
    pixels, scores = simulate_detections(positions, camera, HUMAN36M_17, rng, parameters)
    return pixels, scores, np.linalg.norm(pixels - camera.project(positions), axis=-1)


def test_the_far_arm_of_a_side_view_is_found_worse_and_scored_lower_than_the_near_arm():
    sure = DetectionNoise(score_ceiling=(1.0, 1.0))
    _, scores, error = simulate(LEFT_SIDE, parameters=sure)
    near, far = LEFT[:2], RIGHT[:2]
    assert scores[:, near].mean() > 0.85 and scores[:, far].mean() < 0.5
    assert error[:, far].mean() > 2 * error[:, near].mean()


def test_from_the_front_all_is_visible_and_both_sides_alike():
    hidden = self_occlusion(FRONT.world_to_camera(standing()), HUMAN36M_17)[0]
    assert hidden.max() < 0.2
    np.testing.assert_allclose(hidden, hidden[list(HUMAN36M_17.flip_order)], atol=1e-5)


def test_a_side_view_hides_the_far_shoulder_and_hip_but_not_the_middle_line():
    hidden = self_occlusion(LEFT_SIDE.world_to_camera(standing()), HUMAN36M_17)[0]
    by_name = dict(zip(HUMAN36M_17.joint_names, hidden, strict=True))
    assert min(by_name[name] for name in ("right_shoulder", "right_hip", "right_elbow")) > 0.8
    assert max(by_name[name] for name in ("left_shoulder", "left_hip", "left_elbow")) < 0.1
    assert max(by_name[name] for name in ("pelvis", "thorax", "neck", "head")) < 0.1
    assert by_name["spine"] > 0.9  # the left elbow is before it


def test_an_arm_held_behind_the_trunk_is_hidden_from_the_front_only():
    positions = standing()
    positions[0, RIGHT[2]] = (0.0, -0.35, 1.2)
    for camera, low, high in ((FRONT, 0.9, 1.0), (camera_at(0, -5, 1.2), 0.0, 0.1)):
        hidden = self_occlusion(camera.world_to_camera(positions), HUMAN36M_17)[0, RIGHT[2]]
        assert low <= hidden <= high


# A root and, on the camera's axis behind a crossing bar of radius 0.05, a point 4 m away.
BAR = Skeleton("bar", ("bar_end", "other_end", "point"), (-1, 0, 0))


@pytest.mark.parametrize(
    ("offset", "expected"),
    # Chord of a cylinder of radius 0.05 met at right angles, 2 sqrt(0.05^2 - offset^2), less the
    # 0.02 that a part may touch, as a share of 0.2 opaque metres.
    [(0.0, (0.10 - 0.02) / 0.2), (0.03, (0.08 - 0.02) / 0.2), (0.0499, 0.0), (0.06, 0.0)],
)
def test_the_length_of_the_ray_in_a_crossing_bar(offset, expected):
    positions = np.array([[[-1.0, offset, 2.0], [1.0, offset, 2.0], [0.0, 0.0, 4.0]]])
    hidden = self_occlusion(positions, BAR, opaque_depth=0.2)
    assert hidden[0, 2] == pytest.approx(expected, abs=1e-3)
    in_front = positions.copy()
    in_front[0, 2, 2] = 1.5
    assert self_occlusion(in_front, BAR, opaque_depth=0.2)[0, 2] == 0


def test_a_ray_along_a_bar_passes_all_of_it():
    positions = np.array([[[0.0, 0.0, 2.0], [0.0, 0.0, 2.1], [0.0, 0.0, 4.0]]])
    # 0.1 m of bone and a ball's radius of 0.05 at both ends; the point's own bone starts there too,
    # which may cover it by 2.5 radii: 0.2 - 0.02 of the first against 2.05 - 0.125 of its own.
    hidden = self_occlusion(positions, BAR, opaque_depth=10.0)
    assert hidden[0, 2] == pytest.approx((2.05 - 0.125) / 10, abs=1e-4)
    assert hidden[0, 1] == pytest.approx((0.15 - 0.02) / 10, abs=1e-4)


def test_without_noise_the_projection_is_exact_and_scores_follow_occlusion():
    parameters = DetectionNoise.none()
    _, scores, error = simulate(LEFT_SIDE, 3, parameters=parameters)
    hidden = self_occlusion(LEFT_SIDE.world_to_camera(standing(3)), HUMAN36M_17)
    assert error.max() < 1e-3
    odds = parameters.score_visible - parameters.score_occlusion * hidden
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-odds)), atol=1e-4)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    first, again, other = (simulate(FRONT, 50, seed)[:2] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert np.abs(first[0] - other[0]).max() > 0.1


def test_error_grows_with_occlusion_as_the_parameter_says():
    parameters = dataclasses.replace(DetectionNoise.none(), white=0.004, occlusion_growth=3.0)
    _, _, error = simulate(LEFT_SIDE, parameters=parameters)
    ratio = error[:, RIGHT[0]].mean() / error[:, LEFT[0]].mean()
    hidden = self_occlusion(LEFT_SIDE.world_to_camera(standing()), HUMAN36M_17)[0]
    assert ratio == pytest.approx(1 + 3 * hidden[RIGHT[0]], rel=0.06)


def test_noise_is_a_share_of_the_persons_size_in_the_picture():
    parameters = dataclasses.replace(DetectionNoise.none(), white=0.01)
    near = simulate(camera_at(0, 4, 1.0), parameters=parameters)[2].mean()
    far = simulate(camera_at(0, 8, 1.0), parameters=parameters)[2].mean()
    assert near == pytest.approx(2 * far, rel=0.06)
    # The head's factor is 0.7, a 2D normal's mean norm sqrt(pi / 2); bones end to end 1.58 m.
    head = simulate(camera_at(0, 4, 1.0), parameters=parameters)[2]
    pixels = 0.01 * 0.7 * np.sqrt(np.pi / 2) * 1.58 * 1145 / 4
    assert head[:, HUMAN36M_17.index("head")].mean() == pytest.approx(pixels, rel=0.06)


def test_drift_is_correlated_in_time_and_white_noise_is_not():
    def correlation(**noise):
        parameters = dataclasses.replace(DetectionNoise.none(), **noise)
        positions = FRONT.world_to_camera(standing(6000))
        rng = np.random.default_rng(0)
        pixels, _ = simulate_detections(positions, FRONT, HUMAN36M_17, rng, parameters)
        error = (pixels - FRONT.project(positions))[:, 0, 0]
        return np.corrcoef(error[:-5], error[5:])[0, 1]

    # Five frames of 50 a second are 0.1 s: exp(-0.1 / 0.25) = 0.67.
    assert correlation(correlated=0.01, correlation_time=0.25) == pytest.approx(0.67, abs=0.08)
    assert abs(correlation(white=0.01)) < 0.05


def test_misses_are_far_low_scored_and_more_frequent_when_hidden():
    noise = dataclasses.replace(
        DetectionNoise.none(), misses_visible=0.05, misses_hidden=1.0, miss_distance=0.1
    )
    _, scores, error = simulate(LEFT_SIDE, 6000, parameters=noise)
    missed = error > 0.5
    hidden = missed[:, RIGHT[0]].mean()
    assert 0.05 < hidden < 0.25 and hidden > 4 * missed[:, LEFT[0]].mean()
    assert np.median(error[missed]) > 20
    shoulder = scores[:, RIGHT[0]]
    assert shoulder[missed[:, RIGHT[0]]].mean() < shoulder[~missed[:, RIGHT[0]]].mean() - 0.1
    # A miss lasts 0.12 s on average, at 50 frames a second six frames and a little.
    starts = (np.diff(missed[:, RIGHT[0]].astype(int)) == 1).sum()
    assert 4 < missed[:, RIGHT[0]].sum() / starts < 10


def test_a_swap_exchanges_a_whole_limb_with_its_twin():
    noise = dataclasses.replace(DetectionNoise.none(), swaps_hidden=2.0)
    positions = LEFT_SIDE.world_to_camera(standing(2000))
    rng = np.random.default_rng(0)
    pixels, _ = simulate_detections(positions, LEFT_SIDE, HUMAN36M_17, rng, noise)
    exact = LEFT_SIDE.project(positions)
    swapped = np.abs(pixels[:, LEFT] - exact[:, RIGHT]).max(axis=(1, 2)) < 1e-3
    whole = np.abs(pixels[:, LEFT] - exact[:, LEFT]).max(axis=(1, 2)) < 1e-3
    assert (swapped ^ whole).all() and 0.05 < swapped.mean() < 0.5
    np.testing.assert_allclose(pixels[swapped][:, RIGHT], exact[swapped][:, LEFT], atol=1e-3)


def test_points_that_leave_the_picture_stop_at_its_border_with_a_low_score():
    camera = camera_at(0, 1.6, 1.4)
    pixels, scores, _ = simulate(camera, 200)
    exact = camera.project(camera.world_to_camera(standing()))[0]
    outside = (exact < 0).any(axis=-1) | (exact > 1000).any(axis=-1)
    assert outside[HUMAN36M_17.index("left_ankle")] and not outside[HUMAN36M_17.index("head")]
    assert pixels.min() >= 0 and pixels.max() <= 1000
    assert scores[:, outside].mean() < 0.4 < scores[:, ~outside].mean()


def test_each_clip_has_its_own_ceiling_of_scores():
    def highest(seed, **noise):
        return simulate(FRONT, 20, seed, DetectionNoise(score_noise=0, **noise))[1].max()

    unlimited = highest(0, score_ceiling=(1.0, 1.0))
    assert highest(0, score_ceiling=(0.5, 0.5)) == pytest.approx(unlimited / 2, rel=1e-4)
    assert np.ptp([highest(seed) for seed in range(10)]) > 0.1


def test_other_skeletons_have_bodies_too():
    rng = np.random.default_rng(0)
    positions = rng.uniform([-0.5, -0.8, 4.0], [0.5, 0.8, 4.5], (20, COCO_17.joint_count, 3))
    pixels, scores = simulate_detections(positions, FRONT, COCO_17, rng)
    assert pixels.shape == (20, 17, 2) and np.isfinite(pixels).all()
    assert scores.min() < 0.5 < scores.max() <= 1


def test_what_cannot_be_simulated():
    behind = np.zeros((2, 17, 3))
    with pytest.raises(AnatomyError, match=r"in front of it, got depth 0.00"):
        simulate_detections(behind, FRONT, HUMAN36M_17, np.random.default_rng(0))
    with pytest.raises(AnatomyError, match=r"white: expected .* of at least 0, got -1"):
        DetectionNoise(white=-1)
    with pytest.raises(AnatomyError, match=r"score_ceiling: expected .* in rising order, got"):
        DetectionNoise(score_ceiling=(0.9, 0.6))
    with pytest.raises(AnatomyError, match=r"opaque_depth: expected .* above 0"):
        DetectionNoise(opaque_depth=0)
