import dataclasses

import numpy as np
import pytest
from standing_person import (
    FPS,
    FRAMES,
    LEFT,
    LEGS,
    RIGHT,
    knees_between,
    poses_of,
    standing,
    swaying,
)

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import foot_contacts, stand_on_floor, stature
from anatomy_tf.poses.foot_contact import FootContacts
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton


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


def test_who_lies_or_hangs_stands_nowhere():
    upside_down = swaying() * (1, 1, -1)
    poses = poses_of(upside_down)
    assert not foot_contacts(poses).standing.any()
    moved = stand_on_floor(poses)
    np.testing.assert_allclose(
        moved.relative_to_root().positions, poses.relative_to_root().positions, atol=1e-6
    )


TOES_FROM_ANKLE = 0.15, 0, -0.12


def with_toes(positions):
    """Poses whose skeleton has toes below the ankles."""
    skeleton = Skeleton(
        "with_toes",
        (*HUMAN36M_17.joint_names, "left_toes", "right_toes"),
        (*HUMAN36M_17.parents, LEFT, RIGHT),
    )
    toes = positions[:, [LEFT, RIGHT]] + TOES_FROM_ANKLE
    positions = np.concatenate([positions, toes], axis=1)
    return PoseSequence(positions, skeleton, FPS, "world", root_relative=False)


def test_feet_of_the_skeleton_tell_how_high_ankles_stand():
    poses = with_toes(swaying())
    standing_now = stand_on_floor(poses)
    right = standing_now.positions[:, [RIGHT, poses.skeleton.index("right_toes")], 2]
    np.testing.assert_allclose(right, np.broadcast_to((0.12, 0), right.shape), atol=1e-3)


@pytest.mark.parametrize(
    "poses", [poses_of(swaying(), axes="camera"), poses_of(swaying()).relative_to_root()]
)
def test_only_placed_poses_in_the_world_stand(poses):
    with pytest.raises(AnatomyError, match="expected poses at their place in world axes"):
        stand_on_floor(poses)


def both_stand(positions, **facts):
    """Poses, and contacts of two feet that stand all the time with ankles at 10 cm."""
    return poses_of(positions, **facts), FootContacts(np.ones((len(positions), 2), bool), 0.1)


def still(left_up=0.0):
    """Stands still; the left ankle is too high by ``left_up``."""
    positions = np.repeat(standing()[None], FRAMES, axis=0)
    positions[:, LEFT, 2] += left_up
    return positions


def test_a_straight_leg_that_is_too_long_bends_its_knee_forward():
    poses, contacts = both_stand(still(left_up=-0.05))
    found = stand_on_floor(poses, contacts).positions.astype(np.float64)
    hip, knee, ankle = (found[:, joint] for joint in LEGS[0])
    # By the cosine rule, with a thigh of 40 and a shank of 45 cm; the person faces x.
    length = np.linalg.norm(ankle - hip, axis=-1)
    assert (length < 0.845).all()
    start = (0.4**2 - 0.45**2 + length**2) / (2 * length)
    along = (ankle - hip) / length[:, None]
    aside = knee - hip - start[:, None] * along
    np.testing.assert_allclose(aside[:, 0], np.sqrt(0.4**2 - start**2), atol=1e-3)
    assert aside[:, 0].min() > 0.05


def test_a_leg_that_is_too_short_is_stretched_and_no_longer():
    poses, contacts = both_stand(still(left_up=0.05))
    found = stand_on_floor(poses, contacts).positions
    lengths = bone_lengths(poses.positions, HUMAN36M_17)
    np.testing.assert_allclose(bone_lengths(found, HUMAN36M_17), lengths, atol=1e-5)
    hip, _, ankle = LEGS[0]
    np.testing.assert_allclose(
        np.linalg.norm(found[:, ankle] - found[:, hip], axis=-1), 0.75, atol=1e-3
    )


def test_bones_of_a_folded_leg_keep_their_lengths():
    """Thighs of 35 and shanks of 50 cm, hips 30 cm above the ankles: knees above the hips."""
    positions = still()
    positions[:, np.delete(np.arange(17), [LEFT, RIGHT]), 2] -= 0.5
    for hip, knee, _ in LEGS:
        # By the cosine rule.
        positions[:, knee] = positions[:, hip] + (np.sqrt(0.35**2 - 0.0625**2), 0, 0.0625)
    positions[:, LEFT, 2] += 0.03
    poses, contacts = both_stand(positions)
    found = stand_on_floor(poses, contacts).positions
    lengths = bone_lengths(poses.positions, HUMAN36M_17)
    np.testing.assert_allclose(bone_lengths(found, HUMAN36M_17), lengths, atol=1e-5)


def crouching(left_up=0.0):
    """Stands still with the body 10 cm lower, so that knees are bent."""
    positions = still()
    body = np.delete(np.arange(17), [LEFT, RIGHT])
    positions[:, body, 2] -= 0.1
    positions[:, LEFT, 2] += left_up
    return knees_between(positions)


def test_a_leg_fades_into_its_own_motion():
    """The left foot is 3 cm too high; it stands for the second of four seconds."""
    poses, contacts = both_stand(crouching(left_up=0.03))
    contacts.standing[:50, 0] = contacts.standing[100:, 0] = False
    found = stand_on_floor(poses, contacts)
    moved = (found.relative_to_root().positions - poses.relative_to_root().positions)[:, LEFT, 2]
    assert moved[50:100].max() < -0.01
    # Within 0.15 s, 7 frames, without a jump.
    np.testing.assert_allclose(moved[[*range(43), *range(107, FRAMES)]], 0, atol=1e-6)
    assert np.abs(np.diff(moved)).max() < 0.006


def test_the_path_is_corrected_rather_along_the_cameras_ray_than_across_it():
    """From one stand to the next the person seems to rise by 10 cm: rather, it comes nearer."""
    positions = crouching()
    positions[100:] += (0, 0, 0.1)
    position = np.array([4.0, 0, 5])
    camera = Camera.looking_at(position, positions[0, 0], 1000, 640, 480)
    poses, contacts = both_stand(positions, camera=camera)
    contacts.standing[100:, 0] = contacts.standing[:100, 1] = False
    moves = stand_on_floor(poses, contacts).root - poses.root
    moved = moves[150] - moves[50]
    ray = position - poses.root[150]
    ray /= np.linalg.norm(ray)
    assert moved[2] == pytest.approx(-0.1, abs=0.02)
    across = np.linalg.norm(moved - (moved @ ray) * ray)
    assert across < 0.5 * abs(moved @ ray)


def test_toes_come_along_with_their_ankle():
    poses = with_toes(crouching(left_up=0.03))
    contacts = FootContacts(np.ones((FRAMES, 2), bool), 0.1)
    found = stand_on_floor(poses, contacts).positions
    relative = [positions - positions[:, :1] for positions in (found, poses.positions)]
    assert np.abs((relative[0] - relative[1])[:, LEFT]).max() > 0.01
    toes = poses.skeleton.index("left_toes")
    np.testing.assert_allclose(
        found[:, toes] - found[:, LEFT], [TOES_FROM_ANKLE] * FRAMES, atol=1e-5
    )
