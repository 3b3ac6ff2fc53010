import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pose_clips import moving
from scipy.spatial.transform import Rotation

from anatomy_tf.formats import save_poses
from anatomy_tf.formats.poses.axes import y_up
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

SIZES = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}
TYPES = {5126: np.float32, 5123: np.uint16}


def chunks(path: Path) -> tuple[dict[str, Any], bytes]:
    content = path.read_bytes()
    magic, version, total = struct.unpack_from("<4sII", content)
    assert (magic, version, total) == (b"glTF", 2, len(content))
    size, kind = struct.unpack_from("<I4s", content, 12)
    assert kind == b"JSON"
    binary, kind = struct.unpack_from("<I4s", content, 20 + size)
    assert kind == b"BIN\0"
    assert 28 + size + binary == total
    return json.loads(content[20 : 20 + size]), content[28 + size :]


def accessor(content: dict[str, Any], data: bytes, index: int) -> np.ndarray:
    entry = content["accessors"][index]
    start = content["bufferViews"][entry["bufferView"]]["byteOffset"]
    assert start % 4 == 0
    values = np.frombuffer(
        data, TYPES[entry["componentType"]], entry["count"] * SIZES[entry["type"]], start
    )
    return values.reshape(entry["count"], -1)


def played(content: dict[str, Any], data: bytes, frame: int) -> dict[int, np.ndarray]:
    """(4, 4) matrix of each node of the scene at a frame of the animation."""
    local = {
        n: (node.get("translation", (0, 0, 0)), None) for n, node in enumerate(content["nodes"])
    }
    (animation,) = content["animations"]
    for channel in animation["channels"]:
        value = accessor(content, data, animation["samplers"][channel["sampler"]]["output"])[frame]
        node = channel["target"]["node"]
        place, turn = local[node]
        local[node] = (
            (value, turn) if channel["target"]["path"] == "translation" else (place, value)
        )
    world: dict[int, np.ndarray] = {}

    def visit(node: int, above: np.ndarray) -> None:
        matrix = np.eye(4)
        matrix[:3, 3] = local[node][0]
        if local[node][1] is not None:
            matrix[:3, :3] = Rotation.from_quat(local[node][1]).as_matrix()
        world[node] = above @ matrix
        for child in content["nodes"][node].get("children", ()):
            visit(child, world[node])

    for node in content["scenes"][0]["nodes"]:
        visit(node, np.eye(4))
    return world


def test_two_people_move_as_their_poses(tmp_path: Path) -> None:
    clips = [moving(person="a"), moving(frames=5, person="b").resampled(50)]
    save_poses(tmp_path / "p.glb", clips)
    content, data = chunks(tmp_path / "p.glb")
    names = [node["name"] for node in content["nodes"]]
    assert [n for n in names if n.startswith("person")] == ["person a", "person b"]
    start = 0
    for clip in clips:
        for frame in (0, 3):
            world = played(content, data, frame)
            for joint, name in enumerate(HUMAN36M_17.joint_names):
                node = names.index(name, start)
                expected = y_up(clip)[frame, joint]
                np.testing.assert_allclose(world[node][:3, 3], expected, atol=1e-5)
        start = len(names) // 2
    sampler = content["animations"][0]["samplers"][0]
    np.testing.assert_allclose(
        accessor(content, data, sampler["input"])[:, 0], np.arange(12) / 50, atol=1e-7
    )


def test_figure_follows_the_bones(tmp_path: Path) -> None:
    clip = moving()
    save_poses(tmp_path / "p.glb", [clip])
    content, data = chunks(tmp_path / "p.glb")
    (primitive,) = content["meshes"][0]["primitives"]
    points, joints = (
        accessor(content, data, primitive["attributes"][name]) for name in ("POSITION", "JOINTS_0")
    )
    (skin,) = content["skins"]
    inverse = accessor(content, data, skin["inverseBindMatrices"]).reshape(-1, 4, 4)
    world = played(content, data, 7)
    # glTF's matrices are stored column after column.
    skinned = [
        (world[skin["joints"][joint]] @ inverse[joint].T @ [*point, 1])[:3]
        for point, joint in zip(points, joints[:, 0], strict=True)
    ]
    ends = np.array(skinned).reshape(-1, 6, 3)
    assert len(ends) == HUMAN36M_17.bone_count
    # Each octahedron's tips are some bone's ends.
    tips = ends[:, [0, 5]].reshape(-1, 1, 6)
    bones = y_up(clip)[7, np.array(HUMAN36M_17.bones)].reshape(1, -1, 6)
    off = np.abs(tips - bones).max(axis=-1)
    assert off.min(axis=1).max() < 1e-5
    assert sorted(off.argmin(axis=1)) == list(range(16))
    # Its corners are a fifth of the way along, 8 % of the length beside it.
    spans = (ends[:, 5] - ends[:, 0])[:, None]
    corners, lengths = ends[:, 1:5] - ends[:, :1], np.linalg.norm(spans, axis=-1)
    np.testing.assert_allclose((corners * spans).sum(axis=-1) / lengths**2, 0.2, atol=1e-4)
    aside = corners - 0.2 * spans
    np.testing.assert_allclose(np.linalg.norm(aside, axis=-1) / lengths, 0.08, atol=1e-4)
    np.testing.assert_allclose(aside[:, :2], -aside[:, 2:], atol=1e-5)
    faces = accessor(content, data, primitive["indices"]).reshape(-1, 3)
    assert faces.max() == len(points) - 1
    # All faces look outwards: the first octahedron's volume is positive.
    first = points[faces[:8]].astype(float) - points[:6].mean(axis=0)
    assert (np.linalg.det(first) > 0).all()


def test_rotations_of_neighbouring_frames_have_the_same_sign(tmp_path: Path) -> None:
    """Else players that interpolate quaternions turn bones the long way round."""
    turns = np.linspace(0, 4 * np.pi, 100)
    leg = Skeleton("leg", ("hip", "knee", "ankle"), (-1, 0, 1))
    knee = np.stack([np.sin(turns), np.cos(turns), 0 * turns], axis=-1)
    shank = np.stack([0 * turns, np.cos(3 * turns), np.sin(3 * turns)], axis=-1)
    clip = PoseSequence(np.stack([0 * knee, knee, knee + shank], axis=1), leg, 50)
    save_poses(tmp_path / "p.glb", [clip])
    content, data = chunks(tmp_path / "p.glb")
    outputs = [sampler["output"] for sampler in content["animations"][0]["samplers"]]
    for values in (accessor(content, data, output) for output in outputs[1:]):
        assert values.shape == (100, 4)
        assert (values[1:] * values[:-1]).sum(axis=-1).min() > 0.5


def test_another_library_reads_it(tmp_path: Path) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="parses the file")
    save_poses(tmp_path / "p.glb", [moving()])
    parsed = pygltflib.GLTF2().load(str(tmp_path / "p.glb"))
    assert len(parsed.animations[0].channels) == 1 + sum(
        1 for node in parsed.nodes if node.children
    )
    assert parsed.skins[0].joints == list(range(len(parsed.nodes) - 1))
