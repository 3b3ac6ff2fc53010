import dataclasses

import numpy as np
import pytest
from standing_person import standing

from anatomy_tf.anatomy import angle_between
from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses.levelling import common_up, estimate_up, level, up_of_camera
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17

PITCHED = Camera.looking_at(
    np.array([4.0, -3.0, 3.0]), np.array([0.0, 0.0, 0.8]), 1000.0, 1000, 1000, roll=0.3
)


def world():
    return np.stack([standing() + np.array([0.1 * t, 0, 0]) for t in range(6)])


def seen(camera, positions):
    return PoseSequence(camera.world_to_camera(positions), HUMAN36M_17, 50.0, root_relative=False)


def test_a_level_camera():
    # Right, down, forward become x, -z, y.
    positions = np.zeros((1, 17, 3))
    positions[0, 1:4] = np.eye(3)
    turned = level(PoseSequence(positions, HUMAN36M_17, 50.0), np.array([0, -2, 0]))
    expected = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    np.testing.assert_allclose(turned.positions[0, 1:4], expected, atol=1e-7)
    assert (turned.axes, turned.root_relative) == ("world", True)


@pytest.mark.parametrize("up", [PITCHED.rotation[:, 2], None], ids=["attitude", "estimated"])
def test_heights_come_out_as_in_the_world(up):
    poses = seen(PITCHED, world())
    found = estimate_up(poses) if up is None else up
    turned = level(poses, found).positions
    np.testing.assert_allclose(turned[..., 2] + PITCHED.position[2], world()[..., 2], atol=1e-5)
    distances = np.linalg.norm(turned[:, 3] - turned[:, 10], axis=-1)
    np.testing.assert_allclose(distances, np.hypot(1.5, 0.1), atol=1e-5)


def test_attitude_of_a_camera():
    flat = np.hypot(4, 3)
    np.testing.assert_allclose(
        up_of_camera(np.arctan2(3.0 - 0.8, flat), roll=0.3), PITCHED.rotation[:, 2], atol=1e-9
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_straight_down_and_up(sign):
    positions = np.zeros((1, 17, 3))
    positions[0, 1] = (0, -1, 0)
    turned = level(PoseSequence(positions, HUMAN36M_17, 50.0), np.array([0, 0, -sign]))
    np.testing.assert_allclose(turned.positions[0, 1], (0, 1, 0), atol=1e-7)


def test_bent_frames_do_not_tell_up():
    positions = world()
    upper = [HUMAN36M_17.index(name) for name in ("left_shoulder", "right_shoulder")]
    positions[:4, upper] = (0.5, 0, 0.9)
    up = estimate_up(seen(PITCHED, positions))
    np.testing.assert_allclose(up, PITCHED.rotation[:, 2], atol=1e-6)
    positions[:, upper] = (0.5, 0, 0.9)
    with pytest.raises(AnatomyError, match=r"stands upright in no frame, .* \(--up, --attitude\)"):
        estimate_up(seen(PITCHED, positions))


def test_poses_that_are_guesses_do_not_tell_up():
    positions = world()
    positions[:4] = positions[:4, :, [2, 1, 0]]
    poses = seen(PITCHED, positions)
    poses = dataclasses.replace(poses, seen=np.arange(len(poses)) >= 4)
    np.testing.assert_allclose(estimate_up(poses), PITCHED.rotation[:, 2], atol=1e-6)


def test_up_leads_from_between_the_feet_to_between_the_shoulders():
    positions = world()
    for side, wider in (("left", 0.15), ("right", -0.15)):
        positions[:, HUMAN36M_17.index(f"{side}_hip"), 1] += wider
        positions[:, HUMAN36M_17.index(f"{side}_shoulder"), 1] -= wider / 3
    np.testing.assert_allclose(
        estimate_up(seen(PITCHED, positions)), PITCHED.rotation[:, 2], atol=1e-6
    )


@pytest.mark.parametrize(("degrees", "stands"), [(14, True), (16, False)])
def test_who_stands_bends_by_up_to_15_degrees(degrees, stands):
    positions = world()
    lean = np.radians(degrees)
    for side in ("left", "right"):
        hip = positions[:, HUMAN36M_17.index(f"{side}_hip")]
        trunk = 0.5 * np.array([np.sin(lean), 0, np.cos(lean)])
        positions[:, HUMAN36M_17.index(f"{side}_shoulder")] = hip + trunk
    if stands:
        assert angle_between(estimate_up(seen(PITCHED, positions)), PITCHED.rotation[:, 2]) < 7
    else:
        with pytest.raises(AnatomyError, match="stands upright in no frame"):
            estimate_up(seen(PITCHED, positions))


def test_people_have_one_up_in_which_they_count_by_the_frames_in_which_they_are_seen():
    def clip(frames, up, **seen):
        positions = np.zeros((frames, 17, 3))
        return PoseSequence(positions, HUMAN36M_17, 50.0, up=up, **seen)

    people = [clip(3, (0, -1, 0)), clip(9, None), clip(1, (1, 0, 0))]
    np.testing.assert_allclose(common_up(people), (0.25, -0.75, 0))
    assert common_up(people[1:2]) is None
    # The people of a file have equally many frames.
    passing = clip(4, (1, 0, 0), seen=np.arange(4) == 2)
    standing = clip(4, (0, -1, 0), seen=np.arange(4) < 3)
    np.testing.assert_allclose(common_up([passing, standing]), (0.25, -0.75, 0))


def test_poses_carry_up_and_their_camera():
    poses = dataclasses.replace(
        seen(PITCHED, world()),
        camera=dataclasses.replace(PITCHED, rotation=np.eye(3), position=np.zeros(3)),
    )
    known = dataclasses.replace(poses, up=2 * PITCHED.rotation[:, 2])
    for turned in (level(known), level(poses)):
        np.testing.assert_allclose(turned.up, (0, 0, 1))
        heights = turned.positions[..., 2] + PITCHED.position[2]
        np.testing.assert_allclose(heights, world()[..., 2], atol=1e-5)
        # Each joint is where it was in the picture.
        np.testing.assert_allclose(
            turned.camera.project(turned.camera.world_to_camera(turned.positions)),
            PITCHED.project(poses.positions),
            atol=1e-2,
        )
    # Up as it is known goes before what the person shows.
    wrong = dataclasses.replace(poses, up=np.array([1.0, 0, 0]))
    assert np.ptp(level(wrong).positions[..., 2]) < np.ptp(level(known).positions[..., 2])


def test_what_cannot_be_levelled_is_refused():
    poses = seen(PITCHED, world())
    for up in (np.zeros(3), np.ones(2), np.full(3, np.nan)):
        with pytest.raises(AnatomyError, match="expected up as a direction"):
            level(poses, up)
    with pytest.raises(AnatomyError, match="up: expected numbers"):
        level(poses, "up")
    with pytest.raises(AnatomyError, match=r"expected camera axes, got 'world'$"):
        estimate_up(level(poses, np.array([0, -1, 0])))
    with pytest.raises(AnatomyError, match="expected camera axes"):
        level(level(poses, np.array([0, -1, 0])), np.array([0, -1, 0]))
