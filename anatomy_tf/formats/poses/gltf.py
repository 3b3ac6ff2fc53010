"""glTF 2.0 (.glb): an animated, skinned stick figure of each person.

Lengths are in metres with y up, as the format requires; times are in seconds from the first pose,
whose number in the video is in the animation's ``extras``. Each person is a tree of nodes (those of
``joint_rotations``) that an animation turns and moves, and a mesh with an octahedron for each bone
that follows it through a skin, so that viewers show a figure and editors an armature. Written after
the specification (Khronos, glTF 2.0: GLB container, accessors, skins, animations).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.sequences import PoseSequence

if TYPE_CHECKING:
    from anatomy_tf.formats.poses.joint_rotations import JointMotion

_FLOAT, _UNSIGNED_SHORT = 5126, 5123
_VERTEX_BUFFER, _INDEX_BUFFER = 34962, 34963
_MAGIC, _JSON, _BINARY = 0x46546C67, 0x4E4F534A, 0x004E4942
_WIDEST = 0.08
"""Half of an octahedron's greatest thickness, as a share of its bone's length."""

# Start, four corners at a fifth of the way, end.
_SPOKES = ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (0, 0))
_ALONG = np.array([0, 0.2, 0.2, 0.2, 0.2, 1])
_FACES = np.array(
    [(0, 2, 1), (0, 3, 2), (0, 4, 3), (0, 1, 4), (5, 1, 2), (5, 2, 3), (5, 3, 4), (5, 4, 1)]
)


def save_gltf(
    path: Path, poses: Sequence[PoseSequence], *, names: str | None
) -> NDArray[np.float64]:
    """Write the poses of a video's people as one animation to a GLB file.

    Args:
        path: the file.
        poses: the poses of at least one person.
        names: a rig of ``BONE_NAMES``.

    Returns:
        (n, J) distances between the file's joints and those of the poses, metres, for the frames of
        all people.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    buffer = _Buffer()
    content: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "anatomy_tf"},
        "scene": 0,
        "scenes": [{"nodes": []}],
        "nodes": [],
        "meshes": [],
        "skins": [],
        "materials": [{"pbrMetallicRoughness": {"metallicFactor": 0.0}, "doubleSided": True}],
        "animations": [
            {
                "name": "poses",
                "channels": [],
                "samplers": [],
                "extras": {"first_frame": poses[0].first_frame, "fps": poses[0].fps},
            }
        ],
    }
    distances = [_add_person(content, buffer, person, names) for person in poses]
    content |= {
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }
    text = json.dumps(content, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + len(buffer.data)
    with atomic_file(path) as file:
        file.write(struct.pack("<III", _MAGIC, 2, total))
        file.write(struct.pack("<II", len(text), _JSON) + text)
        file.write(struct.pack("<II", len(buffer.data), _BINARY) + bytes(buffer.data))
    return np.concatenate(distances)


class _Buffer:
    """The binary chunk, with its views and accessors."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, values: NDArray[Any], kind: str, target: int | None = None) -> int:
        """Add values (n, ...) of glTF's type ``kind`` and return the accessor's index.

        glTF wants each accessor at a multiple of four bytes, so all values take such a multiple.
        """
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": values.nbytes}
        self.views.append(view | ({} if target is None else {"target": target}))
        self.data += values.tobytes()
        rows = values.reshape(len(values), -1)
        self.accessors.append(
            {
                "bufferView": len(self.views) - 1,
                "componentType": _FLOAT if values.dtype.kind == "f" else _UNSIGNED_SHORT,
                "count": len(values),
                "type": kind,
                "min": rows.min(axis=0).tolist(),
                "max": rows.max(axis=0).tolist(),
            }
        )
        return len(self.accessors) - 1


def _add_person(
    content: dict[str, Any], buffer: _Buffer, poses: PoseSequence, names: str | None
) -> NDArray[np.float64]:
    """Add a person and return the distances (T, J) of its joints from the poses', metres."""
    # Imported here, so that only writing rotations waits for SciPy.
    from anatomy_tf.formats.poses.joint_rotations import joint_motion

    motion = joint_motion(poses, names=names)
    nodes = content["nodes"]
    first = len(nodes)
    for index, name in enumerate(motion.names):
        node = {"name": name, "translation": motion.offsets[index].tolist()}
        children = [first + child for child in motion.children(index)]
        nodes.append(node | ({"children": children} if children else {}))
    nodes[first]["translation"] = motion.translations[0].tolist()
    rest = _rest_positions(motion)
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(rest), 1, 1))
    # Column after column, as glTF stores a matrix.
    inverse[:, 3, :3] = -rest
    content["skins"].append(
        {
            "inverseBindMatrices": buffer.add(inverse, "MAT4"),
            "joints": list(range(first, first + len(rest))),
            "skeleton": first,
        }
    )
    content["meshes"].append({"primitives": [_figure(buffer, motion, rest)]})
    nodes.append(
        {
            "name": f"person {poses.person}",
            "mesh": len(content["meshes"]) - 1,
            "skin": len(content["skins"]) - 1,
        }
    )
    content["scenes"][0]["nodes"] += [first, len(nodes) - 1]
    animation = content["animations"][0]
    times = buffer.add((np.arange(len(poses)) / poses.fps).astype(np.float32), "SCALAR")

    def animate(node: int, path: str, values: NDArray[np.floating], kind: str) -> None:
        output = buffer.add(values.astype(np.float32), kind)
        animation["samplers"].append({"input": times, "output": output, "interpolation": "LINEAR"})
        target = {"node": first + node, "path": path}
        animation["channels"].append({"sampler": len(animation["samplers"]) - 1, "target": target})

    animate(0, "translation", motion.translations, "VEC3")
    for index in range(len(motion.names)):
        if motion.children(index):
            animate(index, "rotation", motion.rotations[:, index], "VEC4")
    return motion.distances


def _rest_positions(motion: JointMotion) -> NDArray[np.float64]:
    """Return the nodes' positions (N, 3) in the rest pose, with the root at the origin."""
    places = np.zeros_like(motion.offsets)
    for node, parent in enumerate(motion.parents):
        if parent != -1:
            places[node] = places[parent] + motion.offsets[node]
    return places


def _figure(buffer: _Buffer, motion: JointMotion, rest: NDArray[np.float64]) -> dict[str, Any]:
    """Return a mesh primitive in the rest pose, with an octahedron for each bone.

    The node at a bone's beginning turns its octahedron.
    """
    points: list[NDArray[np.float64]] = []
    faces: list[NDArray[np.int64]] = []
    carriers: list[int] = []
    for node, parent in enumerate(motion.parents):
        length = np.linalg.norm(motion.offsets[node])
        if parent == -1 or length == 0:
            continue
        along = motion.offsets[node]
        across = np.cross(along / length, np.eye(3)[np.argmin(np.abs(along))])
        across *= _WIDEST * length / np.linalg.norm(across)
        other = np.cross(along / length, across)
        corners = np.array([u * across + v * other for u, v in _SPOKES])
        faces.append(_FACES + 6 * len(points))
        points.append(rest[parent] + _ALONG[:, None] * along + corners)
        carriers += [parent] * 6
    joints = np.zeros((len(carriers), 4), np.uint16)
    joints[:, 0] = carriers
    weights = np.zeros((len(carriers), 4), np.float32)
    weights[:, 0] = 1
    vertices = np.concatenate(points).astype(np.float32)
    return {
        "attributes": {
            "POSITION": buffer.add(vertices, "VEC3", _VERTEX_BUFFER),
            "JOINTS_0": buffer.add(joints, "VEC4", _VERTEX_BUFFER),
            "WEIGHTS_0": buffer.add(weights, "VEC4", _VERTEX_BUFFER),
        },
        "indices": buffer.add(
            np.concatenate(faces).reshape(-1).astype(np.uint16), "SCALAR", _INDEX_BUFFER
        ),
        "material": 0,
    }
