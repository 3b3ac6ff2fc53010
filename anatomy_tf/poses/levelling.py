"""Poses turned into a world whose z axis points up."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import perpendicular, unit
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.sequences.person_checks import check_person

UPRIGHT = np.radians(15)
"""Largest angle between trunk and legs of a standing person."""

_ENDS = ("ankle", "hip", "shoulder")


def level(poses: PoseSequence, up: NDArray[np.floating] | None = None) -> PoseSequence:
    """Turn poses into a world whose z axis is ``up``.

    The camera's viewing direction, made horizontal, becomes y and its right x; for a camera that
    looks straight down or up the image's top replaces the viewing direction. The origin does not
    move: it stays the camera, or the root of root-relative poses.

    Args:
        poses: camera axes.
        up: (3,) against gravity, in the camera's axes (x right, y down, z forward), of any length,
            such as ``up_of_camera`` returns, or (0, -1, 0) for a level camera; by default the
            poses' own ``up``, else ``estimate_up(poses)``.

    Returns:
        The poses with ``axes="world"``.

    Raises:
        AnatomyError: when the poses are in the world already, or ``up`` is no direction or cannot
            be estimated.
    """
    check_person(poses, PoseSequence)
    if poses.axes != "camera":
        raise AnatomyError(f"{poses.source or 'poses'}: expected camera axes, got {poses.axes!r}")
    if up is None:
        up = estimate_up(poses) if poses.up is None else poses.up
    up = number_array(up, np.float64, f"{poses.source or 'poses'}: up")
    length = np.linalg.norm(up)
    if up.shape != (3,) or not (np.isfinite(length) and length > 0):
        raise AnatomyError(f"expected up as a direction (x, y, z), got {up.tolist()}")
    up = up / length
    forward = np.array([0.0, 0.0, 1.0])
    if abs(up[2]) > 1 - 1e-9:
        forward = np.array([0.0, -1.0, 0.0])
    forward = perpendicular(forward, up)
    rotation = np.stack([np.cross(forward, up), forward, up])
    positions = (poses.positions @ rotation.T).astype(np.float32)
    return dataclasses.replace(
        poses,
        positions=positions,
        axes="world",
        up=np.array([0.0, 0.0, 1.0]),
        camera=None if poses.camera is None else poses.camera.turned(rotation),
    )


def common_up(people: Sequence[PoseSequence]) -> NDArray[np.float64] | None:
    """Return the mean of the up directions (3,) that people's poses state.

    Args:
        people: camera axes; they count by the frames in which they are seen, and not at all if
            their ``up`` is unknown.

    Returns:
        ``None`` where none is known.
    """
    known = [person for person in people if person.up is not None]
    if not known:
        return None
    weights = [len(person.seen_frames) for person in known]
    return np.average([person.up for person in known], axis=0, weights=weights)


def up_of_camera(pitch: float, roll: float = 0.0) -> NDArray[np.float64]:
    """Return up (3,) in the axes of a camera with this attitude.

    Args:
        pitch: radians by which the camera looks down.
        roll: radians of turn about the optical axis, as in ``Camera.looking_at``.
    """
    level_up = np.cos(pitch)
    return np.array([-np.sin(roll) * level_up, -np.cos(roll) * level_up, -np.sin(pitch)])


def estimate_up(poses: PoseSequence) -> NDArray[np.float64]:
    """Return up as the direction from feet to shoulders in frames in which the person stands.

    A frame in which the person is seen counts when trunk and legs are in line within 15 degrees, so
    a person who lies stretched out is taken to stand. The median over such frames is off by a few
    degrees, as far as a standing person leans; use the camera's attitude where it is known.

    Args:
        poses: camera axes, a skeleton with hips, ankles and shoulders.

    Returns:
        (3,) unit vector in the camera's axes.

    Raises:
        AnatomyError: when the skeleton lacks these joints, or no frame shows the person standing.
    """
    check_person(poses, PoseSequence)
    where, skeleton = poses.source or "poses", poses.skeleton
    names = [f"{side}_{end}" for end in _ENDS for side in ("left", "right")]
    missing = [name for name in names if name not in skeleton.joint_names]
    if poses.axes != "camera":
        raise AnatomyError(f"{where}: expected camera axes, got {poses.axes!r}")
    if missing:
        raise AnatomyError(
            f"{where}: expected a skeleton with ankles, hips and shoulders, got {skeleton.name} "
            f"without {', '.join(missing)}"
        )
    seen = poses.positions[poses.seen_frames].astype(np.float64)
    joints = seen[:, [skeleton.index(name) for name in names]]
    feet, hips, shoulders = (joints[:, i : i + 2].mean(axis=1) for i in (0, 2, 4))
    legs, trunk = unit(hips - feet), unit(shoulders - hips)
    standing = np.sum(legs * trunk, axis=-1) > np.cos(UPRIGHT)
    if not standing.any():
        raise AnatomyError(
            f"{where}: the person stands upright in no frame, so the up direction cannot be "
            "estimated; give it (--up, --attitude)"
        )
    return unit(np.median(unit(shoulders - feet)[standing], axis=0))
