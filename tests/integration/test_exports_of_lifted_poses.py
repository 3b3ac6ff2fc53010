"""Exports of lifted poses as other programs' readers see them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lifted_sample import LiftedSample, distances, lifted_sample
from scipy.spatial.transform import Rotation

from anatomy_tf.formats import load_poses, save_poses
from anatomy_tf.formats.poses.axes import y_up, z_up
from anatomy_tf.sequences import PoseSequence

MOST = {"plain": (0.4, 3.0), "rigid": (0.05, 1.2), "standing": (0.4, 3.0)}
"""Mean and largest distance of joints from the poses, millimetres: bones of a BVH or glTF keep
their lengths, those of the poses nearly. Measured 0.29 and 2.64; 0.03 and 0.92; 0.29 and 2.64."""


@pytest.fixture(scope="module")
def sample() -> LiftedSample:
    return lifted_sample()


def bvh_joints(path: Path, poses: PoseSequence) -> np.ndarray:
    pybvh = pytest.importorskip("pybvh", reason="reads BVH")
    motion = pybvh.read_bvh_file(str(path))
    return motion.node_positions()[:, [motion.node_index[n] for n in poses.skeleton.joint_names]]


def glb_joints(path: Path, poses: PoseSequence) -> np.ndarray:
    """Plays the animation of a file that pygltflib has read."""
    pygltflib = pytest.importorskip("pygltflib", reason="reads glTF")
    content = pygltflib.GLTF2().load(str(path))
    data = content.binary_blob()

    def values(index: int) -> np.ndarray:
        accessor = content.accessors[index]
        assert accessor.componentType == pygltflib.FLOAT
        start = content.bufferViews[accessor.bufferView].byteOffset or 0
        size = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor.type]
        numbers = np.frombuffer(data, np.float32, accessor.count * size, start)
        return numbers.reshape(accessor.count, size).astype(np.float64)

    frames = len(poses)
    moves: dict[tuple[int, str], np.ndarray] = {}
    (animation,) = content.animations
    for channel in animation.channels:
        sampler = animation.samplers[channel.sampler]
        np.testing.assert_allclose(
            values(sampler.input)[:, 0] * poses.fps, range(frames), atol=1e-4
        )
        moves[channel.target.node, channel.target.path] = values(sampler.output)
    places: dict[str, np.ndarray] = {}

    def visit(node: int, turned: Any, place: np.ndarray) -> None:
        one = content.nodes[node]
        offset = np.zeros(3) if one.translation is None else np.array(one.translation)
        place = place + turned.apply(moves.get((node, "translation"), offset))
        if (node, "rotation") in moves:
            turned = turned * Rotation.from_quat(moves[node, "rotation"])
        places[one.name] = place
        for child in one.children or ():
            visit(child, turned, place)

    for root in content.scenes[0].nodes:
        visit(root, Rotation.identity(frames), np.zeros((frames, 3)))
    return np.stack([places[name] for name in poses.skeleton.joint_names], axis=1)


@pytest.mark.parametrize(("suffix", "read"), [(".bvh", bvh_joints), (".glb", glb_joints)])
@pytest.mark.parametrize("kind", MOST)
def test_joints_of_rotations_lie_where_the_poses_are(
    sample: LiftedSample, tmp_path: Path, suffix: str, read: Any, kind: str
) -> None:
    poses = getattr(sample, kind)
    (written,) = save_poses(tmp_path / f"p{suffix}", [poses])
    mean, largest = distances(read(written.path, poses), y_up(poses))
    assert mean < MOST[kind][0] and largest < MOST[kind][1]
    # What the command line says of it is so.
    assert 1000 * written.mean_distance == pytest.approx(mean, abs=0.01)
    assert 1000 * written.largest_distance == pytest.approx(largest, abs=0.05)


@pytest.mark.parametrize("suffix", [".trc", ".c3d"])
@pytest.mark.parametrize("kind", ["plain", "standing"])
def test_markers_are_the_joints(
    sample: LiftedSample, tmp_path: Path, suffix: str, kind: str
) -> None:
    pytest.importorskip("ezc3d", reason="writes C3D")
    poses = getattr(sample, kind)
    (written,) = save_poses(tmp_path / f"p{suffix}", [poses])
    _, largest = distances(load_poses(written.path)[0].positions, z_up(poses))
    assert largest < 0.002
    assert written.largest_distance == 0


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv"])
def test_our_own_files_keep_the_room(sample: LiftedSample, tmp_path: Path, suffix: str) -> None:
    poses = sample.standing
    save_poses(tmp_path / f"p{suffix}", [poses])
    (read,) = load_poses(tmp_path / f"p{suffix}")
    assert distances(read.positions, poses.positions)[1] < 0.002
    assert (read.axes, read.root_relative) == ("world", False)
    np.testing.assert_allclose(read.up, (0, 0, 1))
    np.testing.assert_allclose(read.camera.position, poses.camera.position)


def test_the_path_is_in_every_export(sample: LiftedSample, tmp_path: Path) -> None:
    poses = sample.standing
    walked = np.ptp(poses.root, axis=0)
    assert walked[:2].max() > 0.2
    save_poses(tmp_path / "p.bvh", [poses])
    save_poses(tmp_path / "p.glb", [poses])
    for read, suffix in ((bvh_joints, ".bvh"), (glb_joints, ".glb")):
        root = read(tmp_path / f"p{suffix}", poses)[:, poses.skeleton.root]
        np.testing.assert_allclose(np.ptp(root, axis=0)[[0, 2, 1]], walked, atol=0.01)
