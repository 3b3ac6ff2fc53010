"""BVH: one person's motion as joint rotations of a body with fixed bone lengths.

Lengths are in metres or the given ``unit``, y is up, and the rest pose is a T that faces +z. The
root has a position and rotation in each frame, every other node a rotation; angles are degrees, in
the channels' order Z, X, Y. Nodes are those of ``joint_rotations``. A joint without children has an
end site a fifth of its bone further, so that programs have something to draw.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.sequences import PoseSequence

if TYPE_CHECKING:
    from anatomy_tf.formats.poses.joint_rotations import JointMotion

END_SHARE = 0.2
_ROTATION = "Zrotation Xrotation Yrotation"


def save_bvh(
    path: Path, poses: Sequence[PoseSequence], *, unit: str, names: str | None
) -> NDArray[np.float64]:
    """Write one person's poses to a BVH file.

    Args:
        path: the file.
        poses: one person's poses.
        unit: unit of offsets and positions, one of ``UNITS``; a BVH file does not state it.
        names: a rig of ``BONE_NAMES``.

    Returns:
        (T, J) distances between the file's joints and those of the poses, metres.

    Raises:
        AnatomyError: when the file cannot be written.
    """
    # Imported here, so that only writing rotations waits for SciPy.
    from anatomy_tf.formats.poses.joint_rotations import joint_motion

    (person,) = poses
    motion = joint_motion(person, unit=unit, names=names)
    lines = [
        "HIERARCHY",
        *_node(motion, 0, ""),
        "MOTION",
        f"Frames: {len(person)}",
        f"Frame Time: {1 / person.fps:.9f}",
        *(" ".join(f"{value:.6f}" for value in row) for row in _channels(motion)),
    ]
    with atomic_file(path) as file:
        file.write(("\n".join(lines) + "\n").encode())
    return motion.distances


def _node(motion: JointMotion, node: int, indent: str) -> list[str]:
    name = "_".join(motion.names[node].split())
    inner = indent + "  "
    position = "" if node else "Xposition Yposition Zposition "
    lines = [
        f"{indent}{'JOINT' if node else 'ROOT'} {name}",
        f"{indent}{{",
        f"{inner}OFFSET {_numbers(motion.offsets[node])}",
        f"{inner}CHANNELS {3 if node else 6} {position}{_ROTATION}",
    ]
    children = motion.children(node)
    for child in children:
        lines += _node(motion, child, inner)
    if not children:
        end = END_SHARE * motion.offsets[node]
        lines += [
            f"{inner}End Site",
            f"{inner}{{",
            f"{inner}  OFFSET {_numbers(end)}",
            f"{inner}}}",
        ]
    return [*lines, f"{indent}}}"]


def _channels(motion: JointMotion) -> NDArray[np.float64]:
    """Return the channels (T, 3 + 3 N): the root's place, then each node's angles in order."""
    from scipy.spatial.transform import Rotation

    frames, nodes = motion.rotations.shape[:2]
    with warnings.catch_warnings():
        # At a gimbal lock the split between two angles is free, and any will do.
        warnings.simplefilter("ignore", UserWarning)
        angles = Rotation.from_quat(motion.rotations.reshape(-1, 4)).as_euler("ZXY", degrees=True)
    angles = np.unwrap(angles.reshape(frames, nodes, 3), period=360, axis=0)
    return np.concatenate([motion.translations, angles.reshape(frames, -1)], axis=1)


def _numbers(values: NDArray[np.floating]) -> str:
    return " ".join(f"{value:.6f}" for value in values)
