"""Poses moved to their keypoints, with constant bone lengths."""

import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths, flip_points
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.poses.keypoint_fit import (
    MEMORY,
    PRIOR_WEIGHT,
    fit_memory,
    fit_next,
    fit_to_rays,
    weighted_moves,
)
from anatomy_tf.skeletons import HUMAN36M_17

FPS = 50.0
PLACE = np.array([0.4, -0.2, 4.0])


@pytest.fixture(scope="module")
def walk():
    """Root-relative poses (1, T, J, 3) of a person, camera axes."""
    positions = procedural_motion(people=1, seconds=2, seed=3)[0].positions.astype(np.float64)
    turned = positions[..., [0, 2, 1]] * [1, -1, 1]
    return (turned - turned[:, HUMAN36M_17.root, None])[None]


def rays_of(poses, place=PLACE):
    seen = poses + place
    return seen[..., :2] / seen[..., 2:]


def fitted(poses, rays, visibility=None, **arguments):
    if visibility is None:
        visibility = np.ones(poses.shape[:-1])
    return fit_to_rays(poses, rays, visibility, HUMAN36M_17, FPS, **arguments)


def moves_and_weights(poses, rays, visibility):
    weighted = weighted_moves(poses, rays, visibility, np)
    return weighted[..., :2] / weighted[..., 2:], weighted[..., 2]


def fitted_by_frame(poses, rays, visibility):
    """What ``fit_next`` makes of each frame of clips, and the bone lengths after it."""
    people = len(poses)
    memory = {name: np.zeros((people, *shape)) for name, shape in fit_memory(HUMAN36M_17).items()}
    each = []
    for frame in range(poses.shape[1]):
        of_frame = (array[:, frame] for array in (poses, rays, visibility))
        *found, memory = fit_next(*of_frame, memory, HUMAN36M_17, FPS)
        each.append(found)
    return tuple(np.stack(values, axis=1) for values in zip(*each, strict=True))


def distance(a, b):
    return np.linalg.norm(a - b, axis=-1).mean()


def test_poses_on_their_rays_stay(walk):
    still = np.repeat(walk[:, :1], 20, axis=1)
    np.testing.assert_allclose(fitted(still, rays_of(still))[0], still, atol=1e-3)
    found, lengths = fitted(walk, rays_of(walk))
    # Smoothing rounds off the moments at which a foot is put down.
    assert distance(found, walk) < 1.5e-3
    np.testing.assert_allclose(found, walk, atol=0.01)
    expected = bone_lengths(walk, HUMAN36M_17).mean(axis=(0, 1))
    np.testing.assert_allclose(lengths[0], expected, atol=3e-3)


def test_a_joint_on_a_ray_beside_it_is_moved_there_across_the_picture():
    """A joint 1 cm from its ray, the others on theirs: hand-worked moves."""
    rng = np.random.default_rng(0)
    poses = rng.normal(0, 0.3, (17, 3))
    off = poses.copy()
    off[5, 0] += 0.01
    moves, weights = moves_and_weights(off, rays_of(poses), np.ones(17))
    # The least-squares place takes up the mean of the moves and a little by its depth.
    np.testing.assert_allclose(moves[5], [-0.01, 0], atol=0.002)
    assert np.abs(np.delete(moves, 5, axis=0)).max() < 0.002
    np.testing.assert_allclose(weights, 1, atol=0.01)


def test_a_frame_alone_is_moved_by_the_weight_of_its_keypoints():
    rng = np.random.default_rng(1)
    poses = rng.normal(0, 0.3, (1, 1, 17, 3))
    off = poses.copy()
    off[..., 5, 1] += 0.02
    visibility = np.ones((1, 1, 17))
    visibility[..., 5] = 0.3
    moves, weights = moves_and_weights(off, rays_of(poses), visibility)
    bones = bone_lengths(off, HUMAN36M_17)
    assert weights[0, 0, 5] == pytest.approx(0.3, abs=0.01)
    expected = off[..., :2] + moves * (weights / (weights + PRIOR_WEIGHT))[..., None]
    found, _ = fitted(off, rays_of(poses), visibility)
    # Bones then change by no more than the symmetry of a random body asks.
    unmoved, _ = fitted(off, rays_of(off))
    shift = (found - unmoved)[0, 0, 5, 1] - (found - unmoved)[0, 0, 0, 1]
    assert shift == pytest.approx((expected - off[..., :2])[0, 0, 5, 1], abs=0.008)
    assert bones.shape == (1, 1, 16)


def test_errors_across_the_picture_shrink_and_depth_stays(walk):
    rng = np.random.default_rng(2)
    network = walk.copy()
    network[..., 1:, :2] += rng.normal(0, 0.03, (1, 1, 16, 2))
    found, _ = fitted(network, rays_of(walk))
    assert distance(found[..., :2], walk[..., :2]) < 0.5 * distance(network[..., :2], walk[..., :2])
    assert distance(found[..., 2:], network[..., 2:]) < 0.02


def test_noise_of_keypoints_is_smoothed(walk):
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.01, rays_of(walk).shape)
    found, _ = fitted(walk, rays_of(walk) + noise)
    in_metres = np.linalg.norm(noise * PLACE[2], axis=-1).mean()
    assert distance(found[..., :2], walk[..., :2]) < in_metres / 2


def test_trembling_is_smoothed_and_steady_motion_is_not_delayed(walk):
    rng = np.random.default_rng(11)
    network = walk + rng.normal(0, 0.005, walk.shape)
    found, _ = fitted(network, rays_of(walk))
    steps = [np.diff(poses, axis=1) for poses in (found, network, walk)]
    assert distance(steps[0], steps[2]) < 0.5 * distance(steps[1], steps[2])
    # A person who turns steadily: the first and the last frame are as exact as those between.
    angles = np.linspace(0, 0.5, 30)
    turn = np.zeros((30, 3, 3))
    turn[:, 1, 1] = 1
    turn[:, 0, 0] = turn[:, 2, 2] = np.cos(angles)
    turn[:, 0, 2], turn[:, 2, 0] = np.sin(angles), -np.sin(angles)
    turning = np.einsum("tij,nkj->ntki", turn, walk[:, 0])
    found, _ = fitted(turning, rays_of(turning))
    np.testing.assert_allclose(found, turning, atol=1e-3)


def test_bones_have_one_length_in_all_frames_and_on_both_sides(walk):
    rng = np.random.default_rng(4)
    network = walk + rng.normal(0, 0.03, walk.shape)
    found, lengths = fitted(network, rays_of(walk))
    measured = bone_lengths(found, HUMAN36M_17)
    np.testing.assert_allclose(measured, np.broadcast_to(lengths, measured.shape), atol=1e-6)
    np.testing.assert_allclose(lengths, lengths[:, list(HUMAN36M_17.bone_flip_order)], atol=1e-9)
    np.testing.assert_array_equal(found[..., HUMAN36M_17.root, :], 0)


def test_a_keypoint_far_away_hardly_moves_its_joint(walk):
    wrist = HUMAN36M_17.index("left_wrist")
    rays = rays_of(walk)
    rays[..., wrist, :] += 1.0  # 4 m beside it
    found, _ = fitted(walk, rays)
    assert np.linalg.norm((found - walk)[..., wrist, :], axis=-1).max() < 0.01


def test_keypoints_that_were_not_found_change_nothing(walk):
    rays = rays_of(walk)
    legs = [HUMAN36M_17.index(name) for name in ("left_ankle", "right_ankle")]
    visibility = np.ones(rays.shape[:-1])
    visibility[..., legs] = 0
    rays[..., legs, :] += 0.03
    found, _ = fitted(walk, rays, visibility)
    np.testing.assert_allclose(found, fitted(walk, rays_of(walk))[0], atol=2e-3)


def test_the_mirror_image_is_fitted_alike(walk):
    rng = np.random.default_rng(5)
    rays = rays_of(walk) + rng.normal(0, 0.01, rays_of(walk).shape)
    found, lengths = fitted(walk, rays)
    image, image_lengths = fitted(flip_points(walk, HUMAN36M_17), flip_points(rays, HUMAN36M_17))
    np.testing.assert_allclose(flip_points(image, HUMAN36M_17), found, atol=1e-3)
    np.testing.assert_allclose(image_lengths, lengths, atol=1e-12)


# The longer one is as far from the clip as the weights of neighbours are zero in double precision.
@pytest.mark.parametrize("padding", [30, round(800 * MEMORY * FPS)])
def test_padding_changes_nothing(walk, padding):
    rng = np.random.default_rng(6)
    rays = rays_of(walk) + rng.normal(0, 0.01, rays_of(walk).shape)
    found, lengths = fitted(walk, rays)
    more = ((0, 0), (0, padding), (0, 0), (0, 0))
    valid = np.ones((1, walk.shape[1] + padding))
    valid[:, walk.shape[1] :] = 0
    padded, padded_lengths = fitted(
        np.pad(walk, more),
        np.pad(rays, more, constant_values=0.7),
        valid=valid,
        visibility=np.ones((1, walk.shape[1] + padding, 17)),
    )
    np.testing.assert_allclose(padded[:, : walk.shape[1]], found, atol=1e-9)
    np.testing.assert_allclose(padded_lengths, lengths, atol=1e-12)


def test_clips_side_by_side_do_not_change_each_other(walk):
    rng = np.random.default_rng(12)
    poses = np.concatenate([walk, 1.2 * walk[:, ::-1]])
    rays = rays_of(poses) + rng.normal(0, 0.01, rays_of(poses).shape)
    found, lengths = fitted(poses, rays)
    for clip in (0, 1):
        alone, alone_lengths = fitted(poses[clip, None], rays[clip, None])
        np.testing.assert_allclose(found[clip], alone[0], atol=1e-9)
        np.testing.assert_allclose(lengths[clip], alone_lengths[0], atol=1e-9)


def test_a_slow_camera_smooths_over_the_same_time(walk):
    """Every second frame at half the rate weighs neighbours as before."""
    rng = np.random.default_rng(7)
    offset = 0.01 * np.sin(np.arange(walk.shape[1]) / FPS / MEMORY / 8)[None, :, None, None]
    rays = rays_of(walk) + offset * rng.normal(size=(1, 1, 17, 2))
    found, _ = fitted(walk, rays)
    half, _ = fit_to_rays(
        walk[:, ::2], rays[:, ::2], np.ones((1, len(walk[0, ::2]), 17)), HUMAN36M_17, FPS / 2
    )
    np.testing.assert_allclose(half, found[:, ::2], atol=4e-3)


@pytest.mark.parametrize("rays", [np.zeros((1, 3, 17, 2)), np.full((1, 3, 17, 2), 50.0)])
def test_impossible_rays_give_finite_poses(rays):
    rng = np.random.default_rng(8)
    poses = rng.normal(0, 0.3, (1, 3, 17, 3))
    for visibility in (np.zeros((1, 3, 17)), np.ones((1, 3, 17))):
        found, lengths = fitted(poses, rays, visibility)
        assert np.isfinite(found).all() and np.isfinite(lengths).all()


def test_the_first_frame_of_a_stream_is_a_clip_of_one_frame(walk):
    rng = np.random.default_rng(8)
    network = walk + rng.normal(0, 0.01, walk.shape)
    rays, seen = rays_of(walk), rng.uniform(0.2, 1, walk.shape[:-1])
    poses, lengths = fitted_by_frame(network, rays, seen)
    alone, alone_lengths = fitted(network[:, :1], rays[:, :1], seen[:, :1])
    np.testing.assert_allclose(lengths[:, 0], alone_lengths, atol=1e-12)
    # The bones take the same lengths in another way.
    np.testing.assert_allclose(poses[:, 0], alone[:, 0], atol=0.02)
    np.testing.assert_array_equal(poses[..., HUMAN36M_17.root, :], 0)


def test_a_stream_keeps_the_mean_lengths_so_far_and_shrinks_errors_across_the_picture(walk):
    rng = np.random.default_rng(9)
    network = walk.copy()
    network[..., 1:, :2] += rng.normal(0, 0.03, (1, 1, 16, 2))
    rays, seen = rays_of(walk), np.ones(walk.shape[:-1])
    poses, lengths = fitted_by_frame(network, rays, seen)
    measured = bone_lengths(poses, HUMAN36M_17)
    np.testing.assert_allclose(measured, lengths, atol=1e-9)
    assert distance(poses[..., :2], walk[..., :2]) < 0.6 * distance(network[..., :2], walk[..., :2])
    # Its last lengths are those of the same moves without the future.
    assert np.abs(lengths[:, -1] - fitted(network, rays)[1]).max() < 0.005


def test_lengths_of_a_stream_are_the_mean_of_all_frames_so_far(walk):
    """A person who doubles in size and distance after half of the frames."""
    frames = 10
    small = np.repeat(walk[:, :1], frames, axis=1)
    sizes = np.repeat([1, 2], frames)[None, :, None, None]
    poses = np.concatenate([small, small], axis=1) * sizes
    rays = np.concatenate([rays_of(small)] * 2, axis=1)
    _, lengths = fitted_by_frame(poses, rays, np.ones(poses.shape[:-1]))
    means = np.cumsum(sizes.ravel()) / np.arange(1, 2 * frames + 1)
    expected = means[:, None] * bone_lengths(small[0, 0], HUMAN36M_17)
    np.testing.assert_allclose(lengths[0], expected, rtol=1e-3)


def test_people_of_a_stream_do_not_change_each_other(walk):
    rng = np.random.default_rng(10)
    network = walk + rng.normal(0, 0.02, walk.shape)
    rays, seen = rays_of(walk), np.ones(walk.shape[:-1])
    alone, _ = fitted_by_frame(network, rays, seen)
    both = (np.concatenate([values, values[:, ::-1]]) for values in (network, rays, seen))
    together, _ = fitted_by_frame(*both)
    np.testing.assert_allclose(together[:1], alone, atol=1e-12)
