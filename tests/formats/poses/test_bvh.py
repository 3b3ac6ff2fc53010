import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pose_clips import moving

from anatomy_tf.data.motion.motion_capture import load_motion_capture
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


def test_bones_have_the_estimated_lengths(tmp_path: Path) -> None:
    lengths = np.linspace(0.2, 0.5, 16)
    clip = moving(bone_lengths=lengths)
    save_poses(tmp_path / "p.bvh", [clip])
    positions, _ = parsed(tmp_path / "p.bvh", HUMAN36M_17)
    bones = np.stack([positions[:, c] - positions[:, p] for p, c in HUMAN36M_17.bones], axis=1)
    measured = np.linalg.norm(bones, axis=-1)
    np.testing.assert_allclose(measured, np.broadcast_to(lengths, measured.shape), atol=1e-5)
    # Directions are the clip's own.
    own = np.stack([y_up(clip)[:, c] - y_up(clip)[:, p] for p, c in HUMAN36M_17.bones], axis=1)
    own /= np.linalg.norm(own, axis=-1, keepdims=True)
    np.testing.assert_allclose(bones / measured[..., None], own, atol=1e-5)


def test_degenerate_poses_are_written(tmp_path: Path) -> None:
    clip = moving(frames=3)
    flat = clip.positions.copy()
    # All joints in one place, then all in one line, then the rest pose upside down.
    flat[0] = 0
    flat[1, :, 1:] = 0
    flat[2] = 0
    flat[2, HUMAN36M_17.index("spine")] = 0, 0.2, 0
    poses = PoseSequence(flat, HUMAN36M_17, 50, bone_lengths=np.full(16, 0.2))
    save_poses(tmp_path / "p.bvh", [poses])
    positions, _ = parsed(tmp_path / "p.bvh", HUMAN36M_17)
    assert np.isfinite(positions).all()
    spine = positions[2, HUMAN36M_17.index("spine")] - positions[2, 0]
    np.testing.assert_allclose(spine, (0, -0.2, 0), atol=1e-5)


def test_rest_pose_is_a_standing_t(tmp_path: Path) -> None:
    pybvh = pytest.importorskip("pybvh", reason="parses the BVH back")
    save_poses(tmp_path / "p.bvh", [moving(bone_lengths=np.full(16, 0.25))])
    motion = pybvh.read_bvh_file(str(tmp_path / "p.bvh"))
    rest = motion.rest_pose_positions()
    place = {n: rest[motion.node_index[n]] - rest[0] for n in HUMAN36M_17.joint_names}
    np.testing.assert_allclose(place["left_ankle"], (0.25, -0.5, 0), atol=1e-6)
    np.testing.assert_allclose(place["right_wrist"], (-0.75, 0.5, 0), atol=1e-6)
    np.testing.assert_allclose(place["head"], (0, 1, 0), atol=1e-6)


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


def test_rotations_need_no_other_package() -> None:
    program = (
        "import sys, anatomy_tf.formats.poses.joint_rotations; "
        "print({'keras', 'tensorflow', 'pybvh'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
