import dataclasses

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import common_up
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import BODY_25B, HUMAN36M_17, Skeleton
from anatomy_tf.visualization.drawing.scene import (
    Viewpoint,
    check_same_clip,
    floor_height,
    link_sides,
    upright,
)

ARM = Skeleton("arm", ("shoulder", "elbow"), (-1, 0))


def test_camera_axes_stand_up_and_world_axes_stay():
    points = np.array([[[1.0, 2.0, 3.0], [0.0, -1.0, 0.0]]])
    camera = upright(PoseSequence(points, ARM, 50))
    np.testing.assert_array_equal(camera, [[[1, 3, -2], [0, 0, 1]]])
    np.testing.assert_array_equal(upright(PoseSequence(points, ARM, 50, axes="world")), points)


def test_poses_whose_up_is_known_are_drawn_level():
    # The camera looks down by 30 degrees: up leans towards it.
    up = np.array([0.0, -np.cos(np.pi / 6), -np.sin(np.pi / 6)])
    points = np.array([[[0.0, 0.0, 0.0], 2 * up]])
    leaning, standing = (PoseSequence(points, ARM, 50, up=known) for known in (None, up))
    np.testing.assert_allclose(upright(leaning)[0, 1], [0, -1, np.sqrt(3)], atol=1e-6)
    np.testing.assert_allclose(upright(standing)[0, 1], [0, 0, 2], atol=1e-6)
    tilted = PoseSequence(points, ARM, 50, up=np.array([0.0, -1.0, 0.0]))
    common = common_up([standing, tilted])
    np.testing.assert_allclose(common, (up + tilted.up) / 2)
    assert common_up([leaning]) is None


def test_viewpoint_from_camera_side_and_above():
    right, away, up = np.eye(3)
    flat = Viewpoint(0, elevation=0)
    np.testing.assert_allclose(flat.project(right)[0], [1, 0], atol=1e-12)
    np.testing.assert_allclose(flat.project(up)[0], [0, 1], atol=1e-12)
    assert flat.project(away)[1] == pytest.approx(1)
    # From the person's image right, the camera's depth runs to the right of the picture.
    side = Viewpoint(90, elevation=0)
    np.testing.assert_allclose(side.project(away)[0], [1, 0], atol=1e-12)
    assert side.project(right)[1] == pytest.approx(-1)
    # Looking straight down, away is up in the picture and what is high is near.
    above = Viewpoint(0, elevation=90)
    np.testing.assert_allclose(above.project(away)[0], [0, 1], atol=1e-12)
    assert above.project(up)[1] == pytest.approx(-1)


def test_view_keeps_distances():
    points = np.random.default_rng(0).normal(size=(20, 3))
    flat, depth = Viewpoint(37, 21).project(points)
    turned = np.concatenate([flat, depth[:, None]], axis=-1)
    np.testing.assert_allclose(turned @ turned.T, points @ points.T, atol=1e-9)


def test_floor_forgets_one_wild_frame():
    points = np.ones((1000, 2, 3))
    points[:, 1, 2] = 0.2
    points[500, 1, 2] = -9
    assert floor_height(points) == pytest.approx(0.2)


def test_links_take_the_side_of_their_limb():
    sides = dict(zip(HUMAN36M_17.links, link_sides(HUMAN36M_17), strict=True))
    name = HUMAN36M_17.index
    assert sides[name("pelvis"), name("left_hip")] == "left"
    assert sides[name("right_elbow"), name("right_wrist")] == "right"
    assert sides[name("spine"), name("thorax")] == "middle"
    # The hips' link joins both sides and belongs to neither.
    assert link_sides(BODY_25B)[-1] == "middle"


def test_clips_of_different_length_or_rate_are_refused(walk):
    check_same_clip(walk.keypoints, walk.poses)
    slower = PoseSequence(walk.poses.positions, HUMAN36M_17, 25, source="lifted.npz")
    with pytest.raises(
        AnatomyError, match=r"lifted.npz: expected .* 100 frames from frame 0 on at 50 fps, .* 25"
    ):
        check_same_clip(walk.keypoints, slower)
    with pytest.raises(AnatomyError, match="got 99 frames from frame 0 on at 50 fps"):
        check_same_clip(walk.keypoints, PoseSequence(walk.poses.positions[1:], HUMAN36M_17, 50))
    later = dataclasses.replace(walk.poses, first_frame=7)
    with pytest.raises(AnatomyError, match="got 100 frames from frame 7 on at 50 fps"):
        check_same_clip(walk.keypoints, later)


@pytest.mark.parametrize("frames", [1, 3, 5000])
def test_a_path_has_few_points_however_long_the_film(frames: int) -> None:
    pytest.importorskip("matplotlib")
    from anatomy_tf.visualization.drawing.figures import blank_figure
    from anatomy_tf.visualization.drawing.palette import LIGHT
    from anatomy_tf.visualization.drawing.panels import PosePanel, PoseScene

    points = np.zeros((frames, 2, 3))
    points[..., 0] = np.arange(frames)[:, None]
    points[:, 1, 2] = 1
    poses = PoseSequence(points, ARM, 50, axes="world", root_relative=False)
    panel = PosePanel(blank_figure(4, 4, 100).add_axes((0, 0, 1, 1)), PoseScene(poses), LIGHT, 2)
    frame = frames // 2
    panel.show(frame, Viewpoint())
    so_far, rest = panel.path.get_segments()
    assert len(so_far) + len(rest) <= 1002
    np.testing.assert_allclose(so_far[[0, -1]], [[-frame, 0], [0, 0]], atol=1e-6)
    np.testing.assert_allclose(rest[[0, -1]], [[0, 0], [frames - 1 - frame, 0]], atol=1e-6)
