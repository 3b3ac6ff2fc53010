"""Motion capture as a user would get it: in pixels."""

import numpy as np
import pytest

from anatomy_tf.cameras import Camera
from anatomy_tf.data import DetectionNoise, MotionClip, render_views
from anatomy_tf.data.views.virtual_detections import detect, virtual_detections
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17


def clip(name="walk"):
    rng = np.random.default_rng(0)
    still = rng.uniform([-0.3, -0.3, 0], [0.3, 0.3, 1.8], (17, 3))
    return MotionClip(
        still + rng.normal(0, 0.01, (20, 17, 3)), HUMAN36M_17, 50, "ann", "walk", name
    )


def test_they_are_the_plain_views_before_preparation():
    clips = [clip("one"), clip("two")]
    views = render_views(clips, cameras_per_clip=2, seed=3)
    found = virtual_detections(clips, cameras_per_clip=2, seed=3)
    assert [(own.clip, own.camera) for own in found] == [(v.clip, v.camera) for v in views]
    for own, view in zip(found, views, strict=True):
        np.testing.assert_array_equal(own.keypoints.normalized(), view.keypoints)
        np.testing.assert_array_equal(own.keypoints.visibility, view.visibility)
        root = own.positions - own.positions[:, :1]
        np.testing.assert_allclose(
            own.in_camera_axes(root), view.positions - view.positions[:, :1], atol=1e-5
        )


def test_requests_are_checked_as_those_of_views_are():
    with pytest.raises(AnatomyError, match="a whole number of cameras from 1"):
        virtual_detections([clip()], cameras_per_clip=0)
    with pytest.raises(AnatomyError, match="seed of at least 0, got -1"):
        virtual_detections([clip()], seed=-1)
    found = virtual_detections([clip("a"), clip("b")], cameras_per_clip=[0, 2])
    assert [own.clip for own in found] == ["b", "b"]


def test_a_given_camera_and_its_pitch():
    middle, down = np.array([0, 0, 0.9]), np.radians(30)
    camera = Camera.looking_at(
        middle + 4 * np.array([0, -np.cos(down), np.sin(down)]),
        middle,
        1000,
        800,
        600,
        name="tilted",
    )
    found = detect(clip(), camera, np.random.default_rng(0), DetectionNoise.none())
    assert round(found.pitch, 6) == 30 and found.metric
    assert (found.subject, found.action, found.clip, found.camera) == (
        "ann",
        "walk",
        "walk",
        "tilted",
    )
    exact = camera.project(camera.world_to_camera(found.positions))
    np.testing.assert_allclose(found.keypoints.keypoints, exact, atol=1e-2)
