"""What a detected clip refuses, and its axes."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

LEG = Skeleton("leg", ("hip", "knee"), (-1, 0))
DOWN = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0.0]])
"""World to camera of a level camera that looks along the world's y; z is up."""


def detected(frames=3, **changes):
    keypoints = KeypointSequence(np.ones((frames, 2, 2)), np.ones((frames, 2)), LEG, 50, 640, 480)
    given = {
        "positions": np.ones((frames, 2, 3)),
        "joint_names": LEG.joint_names,
        "rotation": DOWN,
        "up": [0, 0, 2],
    }
    return DetectedClip(keypoints, **(given | changes))


def looking_down(degrees):
    return Rotation.from_euler("x", degrees, degrees=True).as_matrix() @ DOWN


@pytest.mark.parametrize("degrees", [-30, 0, 20, 90])
def test_pitch_is_how_far_the_camera_looks_down(degrees):
    assert detected(rotation=looking_down(degrees)).pitch == pytest.approx(degrees)


def test_rotations_may_have_few_digits():
    assert detected(rotation=looking_down(20).round(4)).pitch == pytest.approx(20, abs=0.02)


def test_the_pitch_of_a_moving_camera_is_its_mean():
    rotation = np.stack([looking_down(degrees) for degrees in (0, 10, 20)])
    assert detected(rotation=rotation).pitch == pytest.approx(10)


def test_without_up_there_is_no_pitch():
    assert np.isnan(detected(up=None).pitch)


def test_axes_of_standing_and_moving_cameras():
    vectors = np.random.default_rng(0).normal(size=(3, 2, 3))
    standing = detected()
    np.testing.assert_allclose(standing.in_camera_axes(vectors)[1, 1], DOWN @ vectors[1, 1])
    # The world's z, up, is the camera's -y.
    np.testing.assert_allclose(standing.in_camera_axes(np.eye(3)[None, 2:])[0, 0], [0, -1, 0])
    turns = np.stack([looking_down(degrees) for degrees in (0, 10, 20)])
    moving = detected(rotation=turns)
    np.testing.assert_allclose(moving.in_camera_axes(vectors)[2, 0], turns[2] @ vectors[2, 0])
    for clip in (standing, moving):
        np.testing.assert_allclose(clip.in_world_axes(clip.in_camera_axes(vectors)), vectors)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positions": np.ones((2, 2, 3))}, r"clip 0/0, camera 0: expected positions of shape \(3"),
        ({"positions": np.full((3, 2, 3), np.inf)}, "a position is infinite"),
        ({"positions": np.full((3, 2, 3), np.nan)}, "expected true positions, all are NaN"),
        ({"rotation": np.eye(3)[:2]}, r"expected a rotation of shape \(3, 3\) or \(3, 3, 3\)"),
        ({"rotation": np.diag([1, 1, -1.0])}, "got no rotation"),
        ({"rotation": 2 * np.eye(3)}, "got no rotation"),
        ({"up": [0, 0, 0]}, "expected up as a direction"),
        ({"up": [0, 1]}, "expected up as a direction"),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(AnatomyError, match=message):
        detected(**changes)
