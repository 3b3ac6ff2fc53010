"""Poses as rotations of a body with fixed bone lengths, which animation formats store.

The bone lengths of lifted poses change a little from frame to frame; the body has the clip's mean
lengths and takes the nearest pose that these allow (``with_bone_lengths``).

A rotation turns all bones that leave a joint rigidly, but estimated hips or shoulders are not quite
rigid. Where several bones leave a joint, the joint takes the best rigid fit to all of them, and
each bone gets its own node, in the same place, that turns it by the rest. The bones' directions are
then exactly those of the poses.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from anatomy_tf.anatomy import bone_directions, bone_lengths, with_bone_lengths
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.poses.axes import UNITS, y_up
from anatomy_tf.formats.poses.bone_names import renamed
from anatomy_tf.sequences import PoseSequence

_UP, _DOWN, _ASIDE, _AHEAD = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
REST_DIRECTIONS = {
    **dict.fromkeys(("knee", "ankle"), _DOWN),
    **dict.fromkeys(("hip", "shoulder", "elbow", "forearm", "wrist", "hand", "fingers"), _ASIDE),
    **dict.fromkeys(("foot", "toes", "big_toe", "small_toe", "foot_index", "thumb"), _AHEAD),
    "heel": (0.0, 0.0, -1.0),
    "nose": _AHEAD,
}
"""Direction of the bone to each joint in the rest pose, a standing T that faces +z with y up; aside
is +x on the left and -x on the right. Bones to other joints, those of the trunk, point up."""


@dataclasses.dataclass(frozen=True)
class JointMotion:
    """A tree of N nodes whose rotations move it; y up.

    Attributes:
        names: names of the nodes, depth first, so that the root is first.
        parents: index of each node's parent, -1 for the root.
        offsets: (N, 3) each node from its parent in the rest pose, where no node is rotated.
        translations: (T, 3) the root's place, in the unit of the offsets.
        rotations: (T, N, 4) quaternions x y z w, each relative to the parent.
        distances: (T, J) distances between the body's joints and those of the poses, metres.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: NDArray[np.float64]
    translations: NDArray[np.float64]
    rotations: NDArray[np.float64]
    distances: NDArray[np.float64]

    def children(self, node: int) -> list[int]:
        """Return the indices of a node's children."""
        return [child for child, parent in enumerate(self.parents) if parent == node]


def joint_motion(poses: PoseSequence, *, unit: str = "m", names: str | None = None) -> JointMotion:
    """Return the motion of a body with the mean bone lengths of the frames in which it was seen.

    Other poses may be interpolated, which shortens their bones.
    The only bone that leaves a joint turns the shortest way from its parent's direction, since
    positions do not show its twist.

    Args:
        poses: one person's poses.
        unit: unit of offsets and translations, one of ``UNITS``.
        names: a rig of ``BONE_NAMES``, whose names the nodes take.

    Raises:
        AnatomyError: for a skeleton of one joint, or names that do not fit it.
    """
    skeleton = poses.skeleton
    if not skeleton.bones:
        raise AnatomyError(f"skeleton {skeleton.name!r} has no bones to turn")
    given = y_up(poses).astype(np.float64)
    lengths = bone_lengths(given[poses.seen_frames], skeleton).mean(axis=0)
    positions = with_bone_lengths(given, lengths, skeleton)
    directions = bone_directions(positions, skeleton)
    bone_of = {child: bone for bone, (_, child) in enumerate(skeleton.bones)}
    rest = np.array([rest_direction(name) for name in skeleton.bone_names])

    nodes: list[str] = []
    parents: list[int] = []
    offsets: list[NDArray[np.float64]] = []
    rotations: list[Rotation] = []
    unturned = Rotation.identity(len(poses))

    def add(name: str, parent: int, offset: NDArray[np.float64], rotation: Rotation) -> int:
        nodes.append(name)
        parents.append(parent)
        offsets.append(offset)
        rotations.append(rotation)
        return len(nodes) - 1

    def visit(joint: int, parent: int, offset: NDArray[np.float64], turned: Rotation) -> None:
        """Add a joint whose parent node has the rotations ``turned``, then its subtree."""
        children = [c for c, p in enumerate(skeleton.parents) if p == joint]
        bones = [bone_of[child] for child in children]
        if len(bones) < 2:
            local = unturned
            for bone in bones:
                local = _shortest(rest[bone], turned.inv().apply(directions[:, bone]))
            node = add(skeleton.joint_names[joint], parent, offset, local)
            for child, bone in zip(children, bones, strict=True):
                visit(child, node, lengths[bone] * rest[bone], turned * local)
            return
        fitted = _best_fit(rest[bones], directions[:, bones])
        node = add(skeleton.joint_names[joint], parent, offset, turned.inv() * fitted)
        for child, bone in zip(children, bones, strict=True):
            left_over = _shortest(rest[bone], fitted.inv().apply(directions[:, bone]))
            name = f"{skeleton.joint_names[joint]}_to_{skeleton.joint_names[child]}"
            carrier = add(name, node, np.zeros(3), left_over)
            visit(child, carrier, lengths[bone] * rest[bone], fitted * left_over)

    visit(skeleton.root, -1, np.zeros(3), unturned)
    quaternions = np.stack([rotation.as_quat() for rotation in rotations], axis=1)
    return JointMotion(
        renamed(nodes, names),
        tuple(parents),
        np.stack(offsets) / UNITS[unit],
        positions[:, skeleton.root] / UNITS[unit],
        _continuous(quaternions),
        np.linalg.norm(positions - given, axis=-1),
    )


def rest_direction(joint_name: str) -> tuple[float, float, float]:
    """Return the unit vector of the bone to a joint in the rest pose."""
    x, y, z = REST_DIRECTIONS.get(re.sub("^(left|right)_", "", joint_name), _UP)
    return (-x if joint_name.startswith("right_") else x, y, z)


def _shortest(start: NDArray[np.float64], ends: NDArray[np.float64]) -> Rotation:
    """Return T rotations that turn a unit vector to each of (T, 3) the shortest way.

    An end of length zero, a bone without a direction, gives no rotation.
    """
    axes = np.cross(start, ends)
    sines = np.linalg.norm(axes, axis=-1, keepdims=True)
    angles = np.arctan2(sines[:, 0], ends @ start)
    # Opposite directions have no shortest way; any axis across will do.
    across = np.cross(start, np.eye(3)[np.argmin(np.abs(start))])
    across /= np.linalg.norm(across)
    units = np.where(sines > 1e-12, axes / np.maximum(sines, 1e-12), across)
    return Rotation.from_rotvec(units * angles[:, None])


def _best_fit(rest: NDArray[np.float64], directions: NDArray[np.float64]) -> Rotation:
    """Return T rotations that best turn unit vectors (b, 3) to (T, b, 3), by Kabsch's algorithm.

    ``Rotation.align_vectors`` does the same for one frame at a time.
    """
    left, _, right = np.linalg.svd(np.swapaxes(directions, -1, -2) @ rest)
    # Best of the turns without a mirror.
    left[..., -1] *= np.linalg.det(left @ right)[:, None]
    return Rotation.from_matrix(left @ right)


def _continuous(quaternions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the same rotations (T, N, 4), with signs that keep neighbouring frames near."""
    dots = (quaternions[1:] * quaternions[:-1]).sum(axis=-1)
    signs = np.cumprod(np.where(dots < 0, -1.0, 1.0), axis=0)
    continuous = quaternions.copy()
    continuous[1:] *= signs[..., None]
    return continuous
