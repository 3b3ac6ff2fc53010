import dataclasses

import numpy as np
import pytest

from anatomy_tf.cameras import Camera
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.detector_errors import KEYPOINT_ERRORS, DetectorErrors, detect
from anatomy_tf.data.views.simulated_detections import standing_height
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17, HUMAN36M_17

FPS = 60.0
CLIP = procedural_motion(people=1, seconds=10, fps=FPS)[0]
LENS = Camera.looking_at(np.array([0.0, -5, 1]), np.array([0.0, 0, 1]), 1000, 1000, 1000)
SEEN = np.asarray(LENS.world_to_camera(CLIP.positions - CLIP.positions[:, :1] * [1, 1, 0]))
LIMBS = [
    COCO_17.index(f"{side}_{kind}")
    for side in ("left", "right")
    for kind in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
]
EXACT = LENS.project(SEEN)[:, [HUMAN36M_17.index(COCO_17.joint_names[k]) for k in LIMBS]]
HEIGHT = standing_height(SEEN, HUMAN36M_17) * 1000 / SEEN[:, HUMAN36M_17.root, 2]
# Break dance seen by the detector that was measured, all of the body in the picture.
MEASURED = DetectorErrors(
    size=(1, 1),
    difficulty=(1, 1),
    pixel=0,
    sees_depth_share=0,
    turned_share=0,
    frame_loss_share=0,
    limb_loss_share=0,
    legs_unseen_share=0,
    legs_hidden_share=0,
    border_share=0,
    score_ceiling=(1, 1),
    not_found=0,
)


def detections(
    count: int = 1, lens: Camera = LENS, keypoints=LIMBS, scored=True, frames=None, **changes
):
    """(count, T, K, 2) pixels and (count, T, K) scores of the wanted keypoints."""
    errors = dataclasses.replace(MEASURED, **changes)
    rng = np.random.default_rng(0)
    every = [
        detect(SEEN[:frames], lens, HUMAN36M_17, COCO_17, keypoints, rng, errors, FPS, scored)
        for _ in range(count)
    ]
    pixels, scores = map(np.array, zip(*every, strict=True))
    assert pixels.shape[2] == scores.shape[2] == COCO_17.joint_count
    return pixels[:, :, keypoints], scores[:, :, keypoints]


def errors_of(pixels):
    """In % of the standing height."""
    frames = pixels.shape[1]
    return 100 * (pixels - EXACT[:frames]) / HEIGHT[:frames, None, None]


def kind(name):
    return [i for i, k in enumerate(LIMBS) if COCO_17.joint_names[k].endswith(name)]


def test_errors_by_joint_are_as_measured():
    """The table of what a real detector does: spread by the median deviation, gross share."""
    pixels, _ = detections(40)
    off = errors_of(pixels)
    far = np.linalg.norm(off, axis=-1)
    for name, row in KEYPOINT_ERRORS.items():
        own = kind(name)
        if own:
            small = np.abs(off[:, :, own][far[:, :, own] < 10])
            deviation = 1.4826 * np.median(small)
            assert deviation == pytest.approx(100 * row.spread, rel=0.2), name
            assert (far[:, :, own] > 10).mean() == pytest.approx(row.gross, rel=0.25), name


def test_a_part_of_the_error_is_constant_and_the_rest_remembers_for_a_seventh_of_a_second():
    pixels, _ = detections(40, difficulty=(0, 0), hardness=0)
    off = errors_of(pixels)
    constant = np.linalg.norm(np.median(off, axis=1), axis=-1)
    hips, ankles = (np.sqrt(np.mean(constant[:, kind(name)] ** 2)) for name in ("hip", "ankle"))
    assert hips == pytest.approx(0.7, rel=0.2) and ankles == pytest.approx(0.25, rel=0.25)
    # Across and along the picture it has nothing to do with each other.
    x, y = np.median(off, axis=1).reshape(-1, 2).T
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.2
    off -= off.mean(axis=1, keepdims=True)
    for seconds, expected in ((1 / 60, 0.78), (0.05, 0.61), (0.1, 0.43), (0.25, 0.15)):
        lag = round(seconds * FPS)
        correlation = (off[:, lag:] * off[:, :-lag]).mean() / (off**2).mean()
        assert correlation == pytest.approx(expected, abs=0.06)


def test_gross_errors_come_in_spells():
    pixels, _ = detections(40, hardness=0)
    gross = (np.linalg.norm(errors_of(pixels), axis=-1) > 10).astype(int)
    padded = np.pad(gross, ((0, 0), (1, 1), (0, 0)))
    changes = np.diff(padded, axis=1).transpose(0, 2, 1).reshape(-1, gross.shape[1] + 1)
    lengths = np.concatenate([np.flatnonzero(row < 0) - np.flatnonzero(row > 0) for row in changes])
    assert 0.3 < (lengths <= 2).mean() < 0.6
    assert lengths.mean() / FPS == pytest.approx(0.1, abs=0.03)
    assert np.quantile(lengths, 0.9) / FPS == pytest.approx(0.22, abs=0.06)


def test_hidden_joints_are_misplaced_more_often_and_farther():
    def far(**changes):
        pixels, _ = detections(1, frames=120, hardness=0, sees_depth_share=1, **changes)
        return np.linalg.norm(errors_of(pixels), axis=-1)

    gross = [(far(size=(1e-6, 1e-6), occlusion_growth=growth) > 1).mean() for growth in (0, 8)]
    assert gross[1] > 1.3 * gross[0] > 0
    small = [np.median(far(difficulty=(0, 0), occlusion_growth=growth)) for growth in (0, 8)]
    assert small[1] > 1.05 * small[0]


def test_scores_fall_with_the_error_as_measured():
    """Medians of the measured detector by its score, in % of the standing height."""
    pixels, scores = detections(40)
    far = np.linalg.norm(errors_of(pixels), axis=-1)
    for low, high, expected in ((0.2, 0.4, 2.2), (0.4, 0.6, 1.2), (0.6, 0.8, 0.8), (0.9, 1, 0.4)):
        chosen = (scores >= low) & (scores < high)
        assert np.median(far[chosen]) == pytest.approx(expected, rel=0.4)
    assert (far[scores > 0.9] > 10).mean() < 0.02 < (far[scores < 0.4] > 10).mean()


def test_scores_know_the_depth_only_where_they_are_told():
    def by_side(share):
        """Mean score of the limbs of the near and the far side of a person seen from the side."""
        _, scores = detections(30, sees_depth_share=share, difficulty=(0, 0))
        left = [i for i, k in enumerate(LIMBS) if COCO_17.sides[k] == "left"]
        right = [i for i, k in enumerate(LIMBS) if COCO_17.sides[k] == "right"]
        near = (
            SEEN[:, HUMAN36M_17.index("left_hip"), 2] < SEEN[:, HUMAN36M_17.index("right_hip"), 2]
        )
        sides = scores[:, :, left].mean(axis=2), scores[:, :, right].mean(axis=2)
        return (np.where(near, sides[0], sides[1]) - np.where(near, sides[1], sides[0])).mean()

    assert abs(by_side(0)) < 0.01 < 0.03 < by_side(1)


def test_a_score_of_nothing_is_nothing_found_unless_there_are_no_scores():
    pixels, scores = detections(10, not_found=0.3)
    lost = np.isnan(pixels).any(axis=-1)
    assert 0.03 < lost.mean() < 0.4
    assert (scores[lost] == 0).all() and (scores[~lost] >= 0.3).all()
    pixels, scores = detections(10, not_found=0.3, scored=False)
    assert not np.isnan(pixels).any() and (scores == 1).all()


def test_what_is_outside_the_picture_is_not_found_or_on_its_border():
    narrow = dataclasses.replace(LENS, height=560)
    outside = EXACT[..., 1] > 560
    assert 0.1 < outside.mean() < 0.6
    quiet = {"hardness": 0, "difficulty": (0, 0)}
    pixels, _ = detections(4, narrow, **quiet)
    assert np.isnan(pixels[:, outside]).all()
    pixels, scores = detections(20, narrow, border_share=1, border_found=0.3, **quiet)
    found = ~np.isnan(pixels[..., 0])
    assert found[:, outside].mean() == pytest.approx(0.3, abs=0.1)
    placed = pixels[:, outside][found[:, outside]]
    assert (placed[:, 1] <= 560).all() and np.median(placed[:, 1]) > 550
    assert scores[:, outside][found[:, outside]].mean() < 0.4 < scores[:, ~outside].mean()


def test_lost_limbs_take_what_is_beyond_along():
    pixels, _ = detections(20, limb_loss_share=1, limb_losses=(0.1, 0.5))
    lost = np.isnan(pixels[..., 0])
    assert 0.03 < lost.mean() < 0.5
    shoulder, elbow, wrist = (kind(f"left_{name}")[0] for name in ("shoulder", "elbow", "wrist"))
    assert not (lost[..., shoulder] & ~lost[..., elbow]).any()
    assert not (lost[..., elbow] & ~lost[..., wrist]).any()
    knees, ankles, hips = kind("knee"), kind("ankle"), kind("hip")
    pixels, _ = detections(40, legs_unseen_share=1)
    lost = np.isnan(pixels[..., 0])
    assert lost[..., knees + ankles].all()
    assert 0 < lost[..., hips].mean() < 0.6
    pixels, _ = detections(20, legs_hidden_share=1)
    lost = np.isnan(pixels[..., 0])[..., knees[0]]
    assert 0.1 < lost.mean() < 0.7
    # For one stretch of each view.
    assert np.abs(np.diff(lost.astype(int), axis=1)).sum(axis=1).max() <= 2
    pixels, _ = detections(20, frame_loss_share=1, frame_losses=(0.5, 0.2))
    lost = np.isnan(pixels[..., 0])
    assert (lost.all(axis=2) == lost.any(axis=2)).all() and 0.02 < lost.mean() < 0.3


def test_exchanges_put_a_joint_where_its_twin_is():
    pixels, _ = detections(40, hardness=0, difficulty=(1, 1))
    quiet = np.linalg.norm(errors_of(pixels), axis=-1)
    left, right = kind("left_ankle")[0], kind("right_ankle")[0]
    twins = [
        100 * np.linalg.norm(pixels[:, :, one] - EXACT[:, other], axis=-1) / HEIGHT
        for one, other in ((left, right), (right, left))
    ]
    exchanged = (twins[0] < 3) & (quiet[..., left] > 10)
    assert 0.002 < exchanged.mean() < 0.02
    # The other one is then where this one belongs, unless it is misplaced itself.
    assert (twins[1][exchanged] < 3).mean() > 0.5


def test_a_body_taken_for_its_mirror_image_has_all_joints_on_the_other_side():
    pixels, _ = detections(10, difficulty=(0, 0), turned_share=1, turned=(0.5, 0.4))
    left = [i for i, k in enumerate(LIMBS) if COCO_17.sides[k] == "left"]
    right = [i for i, k in enumerate(LIMBS) if COCO_17.sides[k] == "right"]
    sides = left + right, right + left
    own, other = (
        np.linalg.norm(pixels - EXACT[:, order], axis=-1).sum(axis=-1)
        for order in (left + right, sides[1])
    )
    turned = other < own
    assert 0.05 < turned.mean() < 0.4
    far = 100 * np.linalg.norm(pixels - EXACT[:, sides[1]], axis=-1) / HEIGHT[:, None]
    assert np.quantile(far[turned], 0.95) < 5


def test_each_picture_has_an_error_of_its_own_in_pixels():
    pixels, _ = detections(3, difficulty=(0, 0), size=(1e-6, 1e-6), pixel=2.0)
    off = pixels - EXACT
    assert off.std() == pytest.approx(2, rel=0.05)
    assert abs((off[:, 1:] * off[:, :-1]).mean()) < 0.1


def test_some_detectors_are_as_sure_of_a_face_that_is_averted():
    def nose(layout, camera):
        on_the_spot = CLIP.positions - CLIP.positions[:, :1] * [1, 1, 0]
        seen = np.asarray(camera.world_to_camera(on_the_spot))
        errors, rng = dataclasses.replace(MEASURED, difficulty=(0, 0)), np.random.default_rng(0)
        place = [layout.index("nose")]
        found = detect(seen, camera, HUMAN36M_17, layout, place, rng, errors, FPS)
        return found[1][:, place].mean()

    behind = Camera.looking_at(np.array([0.0, 5, 1]), np.array([0.0, 0, 1]), 1000, 1000, 1000)
    away = min((LENS, behind), key=lambda camera: nose(COCO_17, camera))
    # The person turns away for a part of the clip.
    assert nose(COCO_17, away) < nose(BLAZEPOSE_33, away) - 0.06


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"white": 1.5}, "white: expected .* from 0 to 1, got 1.5"),
        ({"memory": 0.0}, "memory: expected .* above 0, got"),
        ({"difficulty": (-1, 1)}, "difficulty: expected .* of at least 0"),
        ({"layouts": {}}, "layouts"),
        ({"limb_loss_share": 2}, "limb_loss_share"),
    ],
)
def test_nonsense_is_refused(changes, message):
    with pytest.raises(AnatomyError, match=message):
        DetectorErrors(**changes)
