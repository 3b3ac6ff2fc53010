"""Sheets and films of poses without their keypoints."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from grey_video import GREY_STEP, grey_video

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.visualization import animate, contact_sheet
from anatomy_tf.visualization.drawing.joints_in_picture import PICTURE_OF_POSES, joints_in_picture
from anatomy_tf.visualization.drawing.palette import LIGHT
from anatomy_tf.visualization.viewer.viewer import clip_page

CAMERA = Camera.pinhole(1.7 * 720, 1280, 720)


def colours(path):
    picture = pytest.importorskip("matplotlib.image").imread(path)
    return np.round(picture[..., :3] * 255).astype(int)


def has(picture, colour):
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((np.abs(picture - wanted) < 12).all(axis=-1).any())


def test_joints_are_where_the_camera_sees_them(walk):
    seen = np.ones(len(walk.placed), bool)
    seen[7] = False
    joints = joints_in_picture(dataclasses.replace(walk.placed, camera=CAMERA, seen=seen))
    found = np.isfinite(walk.keypoints.keypoints)
    np.testing.assert_allclose(
        joints.keypoints[found], walk.keypoints.keypoints[found], rtol=0, atol=1e-2
    )
    assert (joints.width, joints.height) == (1280, 720)
    assert (joints.visibility.min(axis=1) == seen).all()
    assert (joints.visibility.max(axis=1) == seen).all()


def test_world_axes_are_turned_to_the_cameras(walk):
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    camera = dataclasses.replace(CAMERA, rotation=turn, position=np.array([0.5, -1, 2]))
    moved = camera.camera_to_world(walk.placed.positions)
    world = dataclasses.replace(walk.placed, positions=moved, axes="world", camera=camera)
    plain = dataclasses.replace(walk.placed, camera=CAMERA)
    np.testing.assert_allclose(
        joints_in_picture(world).keypoints, joints_in_picture(plain).keypoints, atol=0.05
    )


def test_joints_behind_the_camera_are_not_found(walk):
    positions = walk.placed.positions.copy()
    positions[3, 5, 2] = -1
    joints = joints_in_picture(dataclasses.replace(walk.placed, positions=positions, camera=CAMERA))
    missing = np.isnan(joints.keypoints).any(axis=-1)
    assert np.argwhere(missing).tolist() == [[3, 5]]
    assert joints.visibility[3, 5] == 0


def test_poses_without_a_camera_have_no_picture(walk):
    assert joints_in_picture(walk.placed) is None
    assert joints_in_picture(walk.poses) is None


@pytest.mark.slow
def test_a_sheet_has_a_row_of_the_picture_only_with_a_camera(walk, tmp_path: Path):
    placed = dataclasses.replace(walk.placed, camera=CAMERA)
    clips = {"a": (walk.keypoints, walk.placed), "b": (None, placed), "c": (None, walk.placed)}
    with_keypoints, with_camera, alone = (
        colours(contact_sheet(*clip, tmp_path / f"{name}.png", frames=2))
        for name, clip in clips.items()
    )
    assert with_camera.shape == with_keypoints.shape
    assert alone.shape[0] < 0.8 * with_camera.shape[0]
    for picture in (with_camera, alone):
        assert has(picture, LIGHT.left) and has(picture, LIGHT.right)


@pytest.mark.slow
def test_the_video_is_behind_the_joints(walk, tmp_path: Path):
    video = tmp_path / "v.mkv"
    poses = walk.placed.between(0, 19)
    grey_video(video, len(poses), 50, (1280, 720))
    placed = dataclasses.replace(poses, camera=CAMERA)
    picture = colours(contact_sheet(None, placed, tmp_path / "s.png", frames=2, video=video))
    last = GREY_STEP * (len(poses) - 1)
    assert (np.abs(picture - last) < 4).all(axis=-1).sum() > 1000
    for draw, name in ((contact_sheet, "s.png"), (animate, "s.gif")):
        with pytest.raises(AnatomyError, match=f"{name}: .* give --keypoints FILE"):
            draw(None, poses, tmp_path / name, video=video)


def test_a_film_of_the_pose_alone_gives_it_all_of_the_width(walk, tmp_path: Path):
    image = pytest.importorskip("PIL.Image")
    film = animate(None, walk.poses, tmp_path / "w.gif", view=0, fps=5, size=(320, 180))
    picture = np.asarray(image.open(film).convert("RGB")).astype(int)
    rows, columns = np.nonzero(
        (np.abs(picture - [int(LIGHT.left[i : i + 2], 16) for i in (1, 3, 5)]) < 40).all(axis=-1)
    )
    # The person stands in the middle of the film, below the caption.
    body = columns[rows > 30]
    assert len(body) and abs(np.median(body) - 160) < 30


def test_a_video_has_the_shape_of_the_cameras_picture(walk, tmp_path: Path):
    poses = walk.placed.between(0, 4)
    grey_video(tmp_path / "v.mkv", len(poses), 50, (100, 160))
    placed = dataclasses.replace(poses, camera=CAMERA)
    with pytest.raises(AnatomyError, match="the camera's picture, 1280x720, got 100x160"):
        clip_page([placed], video=tmp_path / "v.mkv")


@pytest.mark.slow
def test_a_viewer_shows_the_joints_over_a_video(walk, tmp_path: Path):
    poses = walk.placed.between(0, 19)
    grey_video(tmp_path / "v.mkv", len(poses), 50, (1280, 720))
    placed = dataclasses.replace(poses, camera=CAMERA)
    both = [placed, dataclasses.replace(placed, person="1")]
    page = clip_page(both, video=tmp_path / "v.mkv")
    assert f'"jointsOfPoses":"{PICTURE_OF_POSES}"' in page
    assert page.count('"visibility":') == 2
    # Neither without a video, nor where somebody's place is not known.
    for people, video in ((both, None), ([placed, poses], tmp_path / "v.mkv")):
        page = clip_page(people, video=video)
        assert '"jointsOfPoses":null' in page
        assert '"visibility":' not in page
