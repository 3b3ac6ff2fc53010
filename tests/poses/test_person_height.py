import dataclasses

import numpy as np
import pytest
from standing_person import standing

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import scale_to_height, stature
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

# Thigh and shank of 40 cm.
HEIGHT = 0.8 / 0.491


def placed():
    return PoseSequence(
        standing() + np.array([[[0, 3, 0]], [[1, 3, 0]]]),
        HUMAN36M_17,
        50.0,
        root_relative=False,
        bone_lengths=np.full(16, 0.25),
        spread=np.full((2, 17), 0.05),
        camera=Camera.pinhole(1000, 640, 480).turned(np.eye(3), np.array([0.0, 0, 1])),
    )


def test_legs_tell_the_height():
    assert stature(placed()) == pytest.approx(HEIGHT, abs=1e-6)


def test_poses_that_are_guesses_do_not_tell_the_height():
    guessed = dataclasses.replace(
        placed(), positions=placed().positions * [[[1]], [[0.5]]], seen=np.array([True, False])
    )
    assert stature(guessed) == pytest.approx(HEIGHT, abs=1e-6)
    nobody = dataclasses.replace(guessed, seen=np.array([False, False]))
    assert stature(nobody) == pytest.approx(0.75 * HEIGHT, abs=1e-6)


def test_a_known_height_scales_bones_path_and_camera():
    poses = placed()
    scaled = scale_to_height(poses, 1.2 * HEIGHT)
    assert stature(scaled) == pytest.approx(1.2 * HEIGHT, abs=1e-6)
    for name in ("positions", "bone_lengths", "spread", "root"):
        np.testing.assert_allclose(getattr(scaled, name), 1.2 * getattr(poses, name), rtol=1e-6)
    # Seen as before.
    np.testing.assert_allclose(
        scaled.camera.project(scaled.camera.world_to_camera(scaled.positions)),
        poses.camera.project(poses.camera.world_to_camera(poses.positions)),
        atol=1e-3,
    )


def test_small_children_are_scaled():
    child = scale_to_height(placed(), 0.8)
    assert stature(scale_to_height(child, 0.9)) == pytest.approx(0.9, abs=1e-6)


def test_warnings_are_about_the_scaled_person():
    # All bones have 25 cm: 25 x 1.3 / 1.63 = 19.9; 0.186 x 130 cm x 0.85 and 1.15 = 20.6, 27.8.
    poses = dataclasses.replace(placed(), warnings=("a", "implausible bone length: old"))
    first, *lengths = scale_to_height(poses, 1.3).warnings
    assert first == "a"
    assert lengths[0] == (
        "implausible bone length: left shoulder to elbow of 19.9 cm; with a height of 1.3 m it "
        "is 20.6 to 27.8 cm"
    )
    assert scale_to_height(scale_to_height(poses, 1), 1.3).warnings == (first, *lengths)


def test_what_cannot_be_scaled_is_refused():
    for height in (0, -1, float("nan"), 1e300, "tall"):
        with pytest.raises(AnatomyError, match="expected a person's height of"):
            scale_to_height(placed(), height)
    point = PoseSequence(np.zeros((2, 17, 3)), HUMAN36M_17, 50.0)
    with pytest.raises(AnatomyError, match="the legs are 0 m long"):
        scale_to_height(point, 1.8)
    dot = Skeleton("dot", ("dot",), (-1,))
    with pytest.raises(AnatomyError, match=r"hips, knees and ankles .* got dot"):
        stature(PoseSequence(np.zeros((1, 1, 3)), dot, 50.0))
