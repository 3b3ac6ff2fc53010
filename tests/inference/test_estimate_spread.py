import dataclasses

import keras
import numpy as np
import pytest

from anatomy_tf.anatomy import flip_points, flip_visibility
from anatomy_tf.inference import Lifter
from anatomy_tf.inference.clip_lifter import ClipInput
from anatomy_tf.inference.estimate_spread import spread_of
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import HUMAN36M_17

pytestmark = pytest.mark.slow


def clip(frames: int = 12, fps: float = 50.0) -> KeypointSequence:
    rng = np.random.default_rng(0)
    keypoints = rng.uniform(100, 900, (frames, 17, 2))
    visibility = rng.uniform(0.2, 1, (frames, 17))
    return KeypointSequence(keypoints, visibility, HUMAN36M_17, fps, 1000, 1000)


@pytest.fixture(scope="module")
def lifter() -> Lifter:
    keras.utils.set_random_seed(0)
    return Lifter(AnatomyLifter(filter_widths=(3, 3), channels=8, sampled_frames=4))


def test_root_mean_square_distance_from_the_mean() -> None:
    # x of 0, 3 and 6 m: 3, 0 and 3 m from the mean; sqrt(18 / 3).
    estimates = [np.full((2, 1, 3), (x, 1000.0, 0.0), np.float32) for x in (0, 3, 6)]
    np.testing.assert_allclose(spread_of(iter(estimates)), np.sqrt(6), rtol=1e-6)
    assert not spread_of(estimates[:1]).any()


def test_a_spread_of_a_millimetre_survives_the_sums() -> None:
    far = np.float32([[[0.5, 0.5, 1.0]]])
    found = spread_of([far, far + np.float32(0.002) * np.eye(3, dtype=np.float32)[0]])
    np.testing.assert_allclose(found, 0.001, rtol=1e-3)


def test_baseline_half_the_distance_to_the_mirror_image() -> None:
    keras.utils.set_random_seed(0)
    lifter = Lifter(VideoPose(filter_widths=(3, 3), channels=8))
    keypoints = clip()
    poses = lifter.lift(keypoints, uncertainty=True)
    plain = lifter.lift(keypoints, flip=False).positions
    mirrored = dataclasses.replace(
        keypoints,
        keypoints=flip_points(keypoints.keypoints, HUMAN36M_17) * (1, 1) + (1000, 0),
        visibility=flip_visibility(keypoints.visibility, HUMAN36M_17),
    )
    other = flip_points(lifter.lift(mirrored, flip=False).positions, HUMAN36M_17)
    half = np.linalg.norm(plain - other, axis=-1) / 2
    np.testing.assert_allclose(poses.spread, half, atol=1e-5)
    assert half[:, 1:].min() > 0.001


def test_choices_of_frames_add_to_it(lifter: Lifter) -> None:
    keypoints = clip()
    ready = ClipInput(keypoints.normalized(), keypoints.visibility)
    variants = list(lifter._variants(ready))
    assert len(variants) == 8
    by_choice = spread_of(variants)
    assert by_choice[:, 1:].min() > 0
    # As many frames as are chosen leave no choice.
    three = ClipInput(clip(4).normalized(), clip(4).visibility)
    assert spread_of(lifter._variants(three)).max() < 1e-6


def test_lifting_with_uncertainty_changes_no_pose(lifter: Lifter) -> None:
    plain, unsure = lifter.lift(clip()), lifter.lift(clip(), uncertainty=True)
    np.testing.assert_array_equal(plain.positions, unsure.positions)
    assert plain.spread is None
    assert unsure.spread is not None and unsure.spread.shape == (12, 17)
    assert (unsure.spread[:, 0] == 0).all() and unsure.spread[:, 1:].min() > 0


def test_the_spread_follows_the_clips_rate(lifter: Lifter) -> None:
    poses = lifter.lift(clip(30, fps=25.0), uncertainty=True)
    assert poses.spread is not None and poses.spread.shape == (30, 17)


@pytest.mark.parametrize("recipe", ["official", "paper"])
def test_causal_models(recipe: str) -> None:
    keras.utils.set_random_seed(0)
    model = AnatomyLifter(
        filter_widths=(3, 3), channels=8, causal=True, recipe=recipe, sampled_frames=4
    )
    poses = Lifter(model).lift(clip(), uncertainty=True)
    assert poses.spread is not None and poses.spread[:, 1:].min() > 0


def test_warnings_come_with_the_poses(lifter: Lifter) -> None:
    poses = lifter.lift(clip(4))
    assert "the clip lasts 0.08 s, less than the 0.18 s that the model looks at" in poses.warnings
