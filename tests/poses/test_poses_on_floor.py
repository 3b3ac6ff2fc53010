import dataclasses

import numpy as np
import pytest
from standing_person import standing

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import foot_contacts, stand_on_floor, stature
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

FPS, FRAMES = 50.0, 200
LEFT, RIGHT = (HUMAN36M_17.index(f"{side}_ankle") for side in ("left", "right"))
LEGS = [
    [HUMAN36M_17.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle")]
    for side in ("left", "right")
]


def knees_between(positions):
    """Knees such that thigh and shank are 45 cm, bent forward (x)."""
    for hip, knee, ankle in LEGS:
        across = positions[:, ankle] - positions[:, hip]
        length = np.linalg.norm(across, axis=-1, keepdims=True)
        ahead = np.cross(across / length, (0.0, 1.0, 0.0))
        ahead *= np.sign(ahead[:, :1])
        middle = (positions[:, hip] + positions[:, ankle]) / 2
        positions[:, knee] = middle + np.sqrt(0.45**2 - length**2 / 4) * ahead
    return positions


def swaying():
    """Sways for two seconds, steps 40 cm ahead with the left foot in 0.4 s, sways again."""
    positions = np.repeat(standing()[None], FRAMES, axis=0)
    times = np.arange(FRAMES) / FPS
    step = np.clip((times - 2) / 0.4, 0, 1)
    step = step * step * (3 - 2 * step)
    body = np.stack([0.2 * step, 0.03 * np.sin(2 * times), 0 * times - 0.1], axis=-1)
    left, right = positions[:, LEFT].copy(), positions[:, RIGHT].copy()
    left[:, 0] += 0.4 * step
    left[:, 2] += 0.15 * np.sin(np.pi * step)
    positions += body[:, None]
    positions[:, LEFT], positions[:, RIGHT] = left, right
    return knees_between(positions)


def poses_of(positions, **facts):
    given = {"axes": "world", "root_relative": False}
    return PoseSequence(positions, HUMAN36M_17, FPS, **given | facts)


def test_standing_feet_are_found():
    contacts = foot_contacts(poses_of(swaying()))
    assert contacts.intervals(1) == [(0, FRAMES)]
    (first, second) = contacts.intervals(0)
    # The step takes frames 100 to 120; its ends are slow.
    assert first[0] == 0 and 97 <= first[1] <= 108
    assert 112 <= second[0] <= 124 and second[1] == FRAMES
    assert contacts.height == pytest.approx(0.1, abs=1e-3)


def test_a_wrong_path_is_corrected_and_feet_stay():
    truth = swaying()
    times = np.arange(FRAMES) / FPS
    # Floats above the floor, drifts, and tilts as a camera's wrong pitch would make it.
    wrong = np.stack([0.05 * times, 0.1 * np.sin(times), 0.7 + 0.02 * times], axis=-1)
    legs_tremble = np.random.default_rng(0).normal(0, 0.01, (FRAMES, 2, 3))
    drifting = truth + wrong[:, None]
    drifting[:, [LEFT, RIGHT]] += legs_tremble
    poses = poses_of(drifting)
    contacts = foot_contacts(poses)
    standing_now = stand_on_floor(poses)
    rest = 0.039 * stature(poses)
    for foot, ankle in enumerate((LEFT, RIGHT)):
        for start, end in contacts.intervals(foot):
            stays = standing_now.positions[start:end, ankle]
            assert np.ptp(stays, axis=0).max() < 2e-3
            np.testing.assert_allclose(stays[:, 2], rest, atol=2e-3)
    np.testing.assert_allclose(
        bone_lengths(standing_now.positions, HUMAN36M_17),
        bone_lengths(poses.positions, HUMAN36M_17),
        atol=1e-5,
    )
    # The path is the true one, up to where on the floor it begins, to the legs' trembling.
    off = standing_now.root - truth[:, 0]
    assert (off - off.mean(axis=0)).std(axis=0).max() < 0.01
    # The body above is moved as a whole.
    upper = [j for j in range(17) if not any(j in leg for leg in LEGS)]
    np.testing.assert_allclose(
        standing_now.relative_to_root().positions[:, upper],
        poses.relative_to_root().positions[:, upper],
        atol=1e-5,
    )


def test_the_camera_comes_along():
    camera = Camera.looking_at(np.array([4.0, -3, 2]), np.array([0.0, 0, 1]), 1000, 640, 480)
    poses = poses_of(
        swaying() - (0, 0, 1.5), camera=dataclasses.replace(camera, position=np.zeros(3))
    )
    standing_now = stand_on_floor(poses)
    up = 1.5 - 0.1 + 0.039 * stature(poses)
    np.testing.assert_allclose(standing_now.camera.position, (0, 0, up), atol=5e-3)
    np.testing.assert_array_equal(standing_now.camera.rotation, camera.rotation)


def test_speed_towards_the_camera_counts_less():
    positions = swaying()
    # A slow slide along x, too fast to stand.
    positions[..., 0] += 0.5 * np.arange(FRAMES)[:, None] / FPS
    assert not foot_contacts(poses_of(positions)).standing.any()
    ahead = Camera.looking_at(np.array([30.0, 0, 0.1]), np.array([0.0, 0, 0.1]), 1000, 640, 480)
    assert foot_contacts(poses_of(positions, camera=ahead)).standing.any()


def test_who_lies_or_hangs_stands_nowhere():
    upside_down = swaying() * (1, 1, -1)
    poses = poses_of(upside_down)
    assert not foot_contacts(poses).standing.any()
    moved = stand_on_floor(poses)
    np.testing.assert_allclose(
        moved.relative_to_root().positions, poses.relative_to_root().positions, atol=1e-6
    )


def test_feet_of_the_skeleton_tell_how_high_ankles_stand():
    skeleton = Skeleton(
        "with_toes",
        (*HUMAN36M_17.joint_names, "left_toes", "right_toes"),
        (*HUMAN36M_17.parents, LEFT, RIGHT),
    )
    positions = swaying()
    toes = positions[:, [LEFT, RIGHT]] + (0.15, 0, -0.12)
    poses = PoseSequence(
        np.concatenate([positions, toes], axis=1), skeleton, FPS, "world", root_relative=False
    )
    standing_now = stand_on_floor(poses)
    right = standing_now.positions[:, [RIGHT, skeleton.index("right_toes")], 2]
    np.testing.assert_allclose(right, np.broadcast_to((0.12, 0), right.shape), atol=1e-3)


@pytest.mark.parametrize("facts", [{"axes": "camera"}, {"root_relative": True}])
def test_only_placed_poses_in_the_world_stand(facts):
    with pytest.raises(AnatomyError, match="expected poses at their place in world axes"):
        stand_on_floor(poses_of(swaying(), **facts))
