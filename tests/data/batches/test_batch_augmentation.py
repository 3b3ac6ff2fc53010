from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.anatomy import bone_directions, bone_lengths, lengthen_bones, random_bone_changes
from anatomy_tf.cameras import project
from anatomy_tf.data.batches.augmentation import BLOCK, augment_frames, random_trajectory
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "augmentation.npz"
ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))
PINHOLE = np.array([2, 2, 0, 0, 0, 0, 0, 0, 0], np.float32)
LENS = np.array([2.3, 2.2, 0.1, -0.05, -0.2, 0.1, 0.02, 0.003, -0.002], np.float32)


def bodies(videos: int = 4, frames: int = 3) -> np.ndarray:
    positions = np.random.default_rng(0).normal(0, 0.3, (videos, frames, 17, 3))
    positions[:, :, HUMAN36M_17.root] = 0
    return positions.astype(np.float32)


@pytest.mark.golden
@pytest.mark.parametrize("run", ["G1", "G3"])
def test_equals_the_reference_implementation(run: str) -> None:
    with np.load(GOLDEN) as file:
        golden = {name: file[f"{run}/{name}"] for name in
                  ("rand3d_in", "u", "traj", "cam", "boneindex", "out3d_first", "bonelen_out",
                   "proj2d", "proj2d_linear_first")}  # fmt: skip
    # The reference lists its bones as joint pairs in an order of its own, two of them reversed.
    theirs = {frozenset(pair): place for place, pair in enumerate(golden["boneindex"].tolist())}
    order = [theirs[frozenset(bone)] for bone in HUMAN36M_17.bones]

    augmented = augment_frames(
        golden["rand3d_in"],
        golden["u"][:, order].astype(np.float32),
        golden["traj"][:, :, 0],
        golden["cam"],
        HUMAN36M_17,
        degree=0.6,
    )
    np.testing.assert_allclose(augmented.keypoints, golden["proj2d"], atol=1e-5)
    np.testing.assert_allclose(augmented.first_positions, golden["out3d_first"][:, 0], atol=1e-5)
    np.testing.assert_allclose(augmented.bone_lengths, golden["bonelen_out"][:, order], atol=1e-5)

    placed = golden["out3d_first"] + golden["traj"][:, :3]
    linear = project(placed, golden["cam"][:, None, None], distortion=False)
    np.testing.assert_allclose(linear, golden["proj2d_linear_first"], atol=1e-5)


def test_by_hand() -> None:
    # Two videos of one frame: the upper arm is 1 and 3 m long (mean 2), the forearm 1 and 1.
    positions = np.array(
        [[[[0, 0, 0], [1, 0, 0], [1, 1, 0]]], [[[0, 0, 0], [0, 3, 0], [0, 3, 1]]]], np.float32
    )
    uniform = np.array([[1, 0.5], [0.25, 0]], np.float32)
    trajectory = np.array([[[0, 0, 10]], [[1, 0, 8]]], np.float32)
    augmented = augment_frames(
        positions, uniform, trajectory, np.stack([PINHOLE, PINHOLE]), ARM, degree=0.4
    )
    # Changes: (1 - 0.5) 0.4 2 = 0.4, 0; (0.25 - 0.5) 0.4 2 = -0.2, (0 - 0.5) 0.4 1 = -0.2.
    np.testing.assert_allclose(augmented.bone_lengths, [[1.4, 1], [2.8, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(
        augmented.first_positions,
        [[[0, 0, 0], [1.4, 0, 0], [1.4, 1, 0]], [[0, 0, 0], [0, 2.8, 0], [0, 2.8, 0.8]]],
        atol=1e-6,
    )
    np.testing.assert_allclose(
        augmented.keypoints[:, 0],
        [
            [[0, 0], [2 * 0.14, 0], [2 * 0.14, 2 * 0.1]],
            [[2 / 8, 0], [2 / 8, 2 * 2.8 / 8], [2 / 8.8, 2 * 2.8 / 8.8]],
        ],
        atol=1e-6,
    )


def test_equals_the_functions_of_anatomy_and_cameras() -> None:
    rng = np.random.default_rng(1)
    # More videos than one block.
    videos = BLOCK + 6
    positions = bodies(videos)
    uniform = rng.random((videos, 16), np.float32)
    trajectory = random_trajectory(rng, (videos, 3))
    intrinsics = LENS * rng.uniform(0.9, 1.1, (videos, 9)).astype(np.float32)
    augmented = augment_frames(positions, uniform, trajectory, intrinsics, HUMAN36M_17)

    change, lengths = random_bone_changes(positions, uniform, HUMAN36M_17)
    longer = lengthen_bones(positions, change[:, None], HUMAN36M_17)
    keypoints = project(longer + trajectory[:, :, None], intrinsics[:, None, None])
    np.testing.assert_allclose(augmented.bone_lengths, lengths, atol=1e-6)
    np.testing.assert_allclose(augmented.first_positions, longer[:, 0], atol=1e-6)
    np.testing.assert_allclose(augmented.keypoints, keypoints, atol=1e-5)


def test_new_lengths_and_old_directions() -> None:
    rng = np.random.default_rng(2)
    still = np.repeat(bodies(frames=1), 3, axis=1)
    augmented = augment_frames(
        still, rng.random((4, 16), np.float32), np.full((4, 3, 3), 5, np.float32),
        np.tile(LENS, (4, 1)), HUMAN36M_17,
    )  # fmt: skip
    lengths = bone_lengths(augmented.first_positions, HUMAN36M_17)
    np.testing.assert_allclose(lengths, augmented.bone_lengths, atol=1e-6)
    np.testing.assert_allclose(
        bone_directions(augmented.first_positions, HUMAN36M_17),
        bone_directions(still[:, 0], HUMAN36M_17),
        atol=1e-5,
    )
    assert np.abs(lengths - bone_lengths(still[:, 0], HUMAN36M_17)).max() > 0.05


def test_a_bone_without_length_stays_finite() -> None:
    positions = np.zeros((1, 1, 3, 3), np.float32)
    trajectory = np.array([[[0, 0, 4]]], np.float32)
    uniform = np.ones((1, 2), np.float32)
    augmented = augment_frames(positions, uniform, trajectory, PINHOLE[None], ARM)
    np.testing.assert_array_equal(augmented.first_positions, 0)
    np.testing.assert_array_equal(augmented.keypoints, 0)


def test_trajectory() -> None:
    draws = random_trajectory(np.random.default_rng(3), (100, 400))
    assert draws.shape == (100, 400, 3)
    assert draws.dtype == np.float32
    np.testing.assert_allclose(draws.mean(axis=(0, 1)), [0, -0.3, 5], atol=0.01)
    np.testing.assert_allclose(draws.std(axis=(0, 1)), 0.5, atol=0.01)
    assert (draws[:, 0] != draws[:, 1]).all()
