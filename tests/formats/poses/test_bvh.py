import dataclasses
import warnings
from pathlib import Path

import numpy as np
import pytest
from pose_clips import moving

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.data.motion_capture import load_motion_capture
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import save_poses
from anatomy_tf.formats.poses.axes import y_up
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import BODY_25B, CMU_31, HUMAN36M_17, Skeleton

MILLIMETRE = 1e-3


def parsed(path: Path, skeleton: Skeleton) -> tuple[np.ndarray, float]:
    """Joint positions (T, J, 3) and frame rate as another program reads them."""
    pybvh = pytest.importorskip("pybvh", reason="parses the BVH back")
    motion = pybvh.read_bvh_file(str(path))
    rows = [motion.node_index[name] for name in skeleton.joint_names]
    return motion.node_positions()[:, rows], motion.fps


@pytest.mark.parametrize("skeleton", [HUMAN36M_17, CMU_31, BODY_25B])
def test_wild_motion_comes_back_to_a_millimetre(tmp_path: Path, skeleton: Skeleton) -> None:
    clip = moving(skeleton)
    save_poses(tmp_path / "p.bvh", [clip])
    positions, fps = parsed(tmp_path / "p.bvh", skeleton)
    assert np.abs(positions - y_up(clip)).max() < MILLIMETRE / 10
    assert fps == pytest.approx(50)


def test_real_motion_comes_back_to_a_millimetre(shared: Path, tmp_path: Path) -> None:
    for clip in load_motion_capture(shared / "data/cmu_mocap_17.npz")[::120]:
        poses = PoseSequence(
            clip.positions[:200], HUMAN36M_17, clip.fps, axes="world", root_relative=False
        )
        save_poses(tmp_path / "p.bvh", [poses])
        positions, _ = parsed(tmp_path / "p.bvh", HUMAN36M_17)
        assert np.abs(positions - y_up(poses)).max() < MILLIMETRE


def test_bones_that_change_their_lengths_have_the_clips_mean(tmp_path: Path) -> None:
    clip = moving(bone_lengths=np.linspace(0.2, 0.5, 16))
    noise = np.random.default_rng(0).normal(0, 0.01, clip.positions.shape)
    clip = dataclasses.replace(clip, positions=clip.positions + noise)
    (written,) = save_poses(tmp_path / "p.bvh", [clip])
    positions, _ = parsed(tmp_path / "p.bvh", HUMAN36M_17)
    measured = bone_lengths(positions, HUMAN36M_17)
    expected = bone_lengths(clip.positions, HUMAN36M_17).mean(axis=0)
    np.testing.assert_allclose(measured, np.broadcast_to(expected, measured.shape), atol=1e-5)
    # What is said of the file is so.
    distances = np.linalg.norm(positions - y_up(clip), axis=-1)
    assert written.mean_distance == pytest.approx(distances.mean(), abs=1e-5)
    assert written.largest_distance == pytest.approx(distances.max(), abs=1e-5)
    # 1.4 cm along each of 16 bones, half at each of their ends.
    assert distances.mean() < 0.01


def test_frames_that_are_interpolated_change_no_bone(tmp_path: Path) -> None:
    clip = moving()
    positions = clip.positions.copy()
    positions[4:9] = np.nan
    unseen = dataclasses.replace(clip, positions=positions, seen=~np.isnan(positions[:, 0, 0]))
    shortened = bone_lengths(unseen.positions, HUMAN36M_17)[4:9]
    assert shortened.mean() < 0.98 * bone_lengths(clip.positions, HUMAN36M_17).mean()
    for suffix in (".bvh", ".glb"):
        (written,) = save_poses(tmp_path / f"p{suffix}", [unseen])
        assert written.largest_distance < MILLIMETRE / 10
    joints, _ = parsed(tmp_path / "p.bvh", HUMAN36M_17)
    assert np.abs(joints - y_up(clip))[unseen.seen].max() < MILLIMETRE / 10


def test_centimetres(tmp_path: Path) -> None:
    clip = moving()
    save_poses(tmp_path / "p.bvh", [clip], unit="cm")
    positions, _ = parsed(tmp_path / "p.bvh", HUMAN36M_17)
    np.testing.assert_allclose(positions, 100 * y_up(clip), atol=1e-2)


def test_degenerate_poses_are_written(tmp_path: Path) -> None:
    clip = moving(frames=3)
    flat = clip.positions.copy()
    # All joints in one place, then all in one line, then the rest pose upside down.
    flat[0] = 0
    flat[1, :, 1:] = 0
    flat[2] = 0
    flat[2, HUMAN36M_17.index("spine")] = 0, 0.2, 0
    poses = PoseSequence(flat, HUMAN36M_17, 50)
    save_poses(tmp_path / "p.bvh", [poses])
    positions, _ = parsed(tmp_path / "p.bvh", HUMAN36M_17)
    assert np.isfinite(positions).all()
    spine = positions[2, HUMAN36M_17.index("spine")] - positions[2, 0]
    np.testing.assert_allclose(spine / np.linalg.norm(spine), (0, -1, 0), atol=1e-5)


def test_rest_pose_is_a_standing_t(tmp_path: Path) -> None:
    pybvh = pytest.importorskip("pybvh", reason="parses the BVH back")
    save_poses(tmp_path / "p.bvh", [moving()])
    motion = pybvh.read_bvh_file(str(tmp_path / "p.bvh"))
    rest = motion.rest_pose_positions()
    place = {n: rest[motion.node_index[n]] - rest[0] for n in HUMAN36M_17.joint_names}
    # Bones of 10, 11, 12 ... cm: right leg, left leg, spine to head, left arm, right arm.
    np.testing.assert_allclose(place["left_ankle"], (0.13, -0.29, 0), atol=1e-6)
    np.testing.assert_allclose(place["right_wrist"], (-0.72, 0.33, 0), atol=1e-6)
    np.testing.assert_allclose(place["head"], (0, 0.70, 0), atol=1e-6)


@pytest.mark.parametrize("suffix", [".bvh", ".glb"])
def test_one_joint_has_nothing_to_turn(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(AnatomyError, match="skeleton 'dot' has no bones to turn"):
        save_poses(tmp_path / f"p{suffix}", [moving(Skeleton("dot", ("dot",), (-1,)))])


def test_names_are_words(tmp_path: Path) -> None:
    save_poses(tmp_path / "p.bvh", [moving(Skeleton("arm", ("the hip", "knee"), (-1, 0)))])
    assert (tmp_path / "p.bvh").read_text().splitlines()[1] == "ROOT the_hip"


def test_angles_do_not_jump(tmp_path: Path) -> None:
    turns = np.linspace(0, 4 * np.pi, 200)
    arm = Skeleton("arm", ("hip", "knee"), (-1, 0))
    knee = np.stack([np.sin(turns), np.cos(turns), 0 * turns], axis=-1)
    clip = PoseSequence(np.stack([0 * knee, knee], axis=1), arm, 50)
    save_poses(tmp_path / "p.bvh", [clip])
    rows = (tmp_path / "p.bvh").read_text().splitlines()[-200:]
    angles = np.array([row.split()[3:6] for row in rows], float)
    assert np.abs(np.diff(angles, axis=0)).max() < 10


def test_a_bone_at_right_angles_is_written_without_a_warning(tmp_path: Path) -> None:
    """A quarter turn about x leaves the split between the other two angles open."""
    ahead = np.zeros((1, 2, 3))
    ahead[0, 1, 2] = 1
    arm = Skeleton("arm", ("hip", "knee"), (-1, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_poses(tmp_path / "p.bvh", [PoseSequence(ahead, arm, 50)])
    positions, _ = parsed(tmp_path / "p.bvh", arm)
    np.testing.assert_allclose(positions[0, 1], (0, 0, -1), atol=1e-6)


def test_names_keep_their_letters_and_have_no_blanks(tmp_path: Path) -> None:
    arm = Skeleton("arm", ("Schulter mitte", "left_\u8098", "right_\u8098", "a\tb"), (-1, 0, 0, 0))
    save_poses(tmp_path / "p.bvh", [moving(arm)])
    lines = (tmp_path / "p.bvh").read_text(encoding="utf-8").splitlines()
    names = [line.split(maxsplit=1)[1] for line in lines if line.split()[0] in ("ROOT", "JOINT")]
    assert len(set(names)) == len(names)
    assert {"Schulter_mitte", "left_\u8098", "right_\u8098", "a_b"} <= set(names)
