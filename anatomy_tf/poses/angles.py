"""Joint angles with the names of the biomechanics literature, as far as joint positions show them.

Segments have the International Society of Biomechanics' axes: x ahead, y up, z to the right.

| segment | first axis | second axis, made perpendicular to the first |
| --- | --- | --- |
| pelvis | z from the left to the right hip | y from the hips' middle to the spine |
| thorax | y from the spine to the thorax | z from the left to the right shoulder |
| thigh | y from knee to hip | z, the knee's hinge: across thigh and shank |
| upper arm | y from elbow to shoulder | z, the elbow's hinge: across upper arm and forearm |

Without a joint ``spine`` the middle between the shoulders replaces it, and there are no trunk
angles. ISB defines pelvis and thorax by four bony landmarks each; ours tilt by some degrees against
them, the same in all frames.

Angles of hip, shoulder and trunk are Cardan angles of the distal in the proximal segment in the
order z, x, y: flexion, abduction, rotation, as ISB defines them for the hip (after Grood, Suntay)
and the spine. For the shoulder ISB prefers elevation and its plane (order y, x, y); both are given.
The left side is mirrored, so that names mean the same on both sides.

Angles that positions do not show are NaN: the rotation of a thigh or upper arm about itself while
the knee or elbow is nearly straight, flexion and rotation where abduction comes near 90 degrees,
abduction and rotation of knee and ankle, pronation of the forearm.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import angle_between, perpendicular, unit
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.poses.levelling import level
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.sequences.person_checks import check_person
from anatomy_tf.skeletons import Skeleton

BENT = 20.0
"""Degrees that knee or elbow must be bent to show the rotation of the bone above."""

LOCKED = 80.0
"""Degrees of abduction above which flexion and rotation are no longer told apart."""

TOES = ("big_toe", "foot_index", "toes")
"""Names of the joint at the foot's tip in layouts that have one."""

LIMBS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class JointAngles(EqualFields):
    """Joint angles of one person.

    They are 0 in the anatomical position, and positive when

    - ``*_flexion``: thigh, upper arm, forearm or trunk move ahead, the shank back, the toes up;
    - ``*_abduction``: the limb moves away from the body;
    - ``*_hip_rotation``, ``*_shoulder_rotation``: the limb turns inwards;
    - ``*_shoulder_elevation``: the upper arm is raised, in whatever direction;
    - ``*_shoulder_plane``: that direction is ahead (90), instead of to the side (0);
    - ``trunk_bending``, ``trunk_rotation``: the thorax leans to the right, turns to the left
      against the pelvis;
    - ``pelvis_tilt``, ``pelvis_obliquity``, ``pelvis_rotation``: the pelvis tilts forward, its
      right side hangs, it turns to the left from the room's x axis (Baker's order: rotation,
      obliquity, tilt).

    Args:
        names: the names of the A angles.
        degrees: (T, A); NaN where the joints do not show an angle, and in frames in which the
            person was not seen, whose poses are guesses.
        fps: frames a second.
        pelvis: (T, 3, 3) the pelvis's axes x, y, z as columns, in the room with y up.
        root: (T, 3) metres of the hips' middle in the same axes; ``None`` for root-relative poses.
        person: the track's identifier in its source.
        source: where the poses came from, for messages.
        first_frame: the number of the first frame in the video, counted from 0.
    """

    names: tuple[str, ...]
    degrees: Array
    fps: float
    pelvis: Array
    root: Array | None = None
    person: str = "0"
    source: str = ""
    first_frame: int = 0

    def __repr__(self) -> str:
        frames = f"{len(self)} frame{'s' * (len(self) != 1)}"
        return (
            f"JointAngles(person {self.person!r}, {frames} at {self.fps:g} fps, "
            f"{len(self.names)} angles: {', '.join(self.names)})"
        )

    def __len__(self) -> int:
        return len(self.degrees)

    def __iter__(self) -> Iterator[str]:
        """Yield the names; ``in`` looks among them, too."""
        return iter(self.names)

    @property
    def times(self) -> Array:
        """(T,) seconds of the frames in the video."""
        return (self.first_frame + np.arange(len(self))) / self.fps

    def __getitem__(self, name: str) -> Array:
        """Return an angle by its name: (T,) degrees.

        Raises:
            AnatomyError: when there is no such angle.
        """
        if name not in self.names:
            raise AnatomyError(f"expected an angle of {', '.join(self.names)}, got {name!r:.40}")
        return self.degrees[:, self.names.index(name)]


def joint_angles(poses: PoseSequence) -> JointAngles:
    """Return the angles of hips, knees, shoulders, elbows, trunk, pelvis, and ankles with feet.

    The module's docstring defines them. The pelvis's angles are relative to the room: to world
    axes, or to camera axes levelled by the poses' ``up``; where up is unknown the camera counts as
    level.

    Args:
        poses: poses with hips, knees, ankles, shoulders, elbows and wrists.

    Raises:
        AnatomyError: for a skeleton without these joints.

    Example:
        >>> angles = joint_angles(lifter.lift(keypoints))
        >>> angles["right_knee_flexion"].shape  # degrees
        (100,)

    References:
        Wu et al., ISB recommendation on definitions of joint coordinate system, part I (ankle, hip
        and spine), Journal of Biomechanics 2002, and part II (shoulder, elbow, wrist and hand),
        2005. Baker, Pelvic angles, Gait and Posture 2001.
    """
    check_person(poses, PoseSequence)
    skeleton = poses.skeleton
    needed = [f"{side}_{joint}" for side in ("left", "right") for joint in LIMBS]
    missing = [name for name in needed if name not in skeleton.joint_names]
    if missing:
        raise AnatomyError(
            f"{poses.source or 'poses'}: expected a skeleton with arms and legs to measure, got "
            f"{skeleton.name} without {', '.join(missing)}"
        )
    if poses.axes != "world":
        poses = level(poses, np.array([0.0, -1.0, 0.0]) if poses.up is None else poses.up)
    # From z up to y up.
    points = poses.positions.astype(np.float64)[..., [0, 2, 1]] * (1, 1, -1)
    at = {name: points[:, joint] for joint, name in enumerate(skeleton.joint_names)}
    hips, shoulders = ((at[f"left_{j}"] + at[f"right_{j}"]) / 2 for j in ("hip", "shoulder"))
    top = next((at[name] for name in ("thorax", "mid_shoulders") if name in at), shoulders)
    middle = at.get("spine", top)
    aside = unit(at["right_hip"] - at["left_hip"])
    pelvis = _axes(perpendicular(middle - hips, aside), aside)
    upright = unit(top - (middle if "spine" in at else hips))
    thorax = _axes(upright, perpendicular(at["right_shoulder"] - at["left_shoulder"], upright))

    angles: dict[str, Array] = {}
    for side in ("right", "left"):
        angles |= _leg(at, side, pelvis, skeleton) | _arm(at, side, thorax)
    if "spine" in at:
        relative = np.swapaxes(pelvis, -1, -2) @ thorax
        flexion, adduction, rotation = _cardan(relative[..., 1], relative[..., 2])
        angles["trunk_flexion"] = -flexion
        angles["trunk_bending"], angles["trunk_rotation"] = adduction, rotation
    angles |= _pelvis(pelvis)
    degrees = np.stack(list(angles.values()), axis=-1)
    degrees[~poses.seen] = np.nan
    return JointAngles(
        tuple(angles),
        degrees,
        poses.fps,
        pelvis,
        None if poses.root_relative else hips,
        poses.person,
        poses.source,
        poses.first_frame,
    )


def _leg(at: dict[str, Array], side: str, pelvis: Array, skeleton: Skeleton) -> dict[str, Array]:
    hip, knee, ankle = (at[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
    thigh, shank = (_in_segment(bone, pelvis, side) for bone in (hip - knee, knee - ankle))
    bend = angle_between(thigh, shank)
    flexion, adduction, rotation = _cardan(thigh, _hinge(np.cross(shank, thigh), bend))
    angles = {
        f"{side}_hip_flexion": _from_behind(flexion),
        f"{side}_hip_abduction": -adduction,
        f"{side}_hip_rotation": rotation,
        f"{side}_knee_flexion": bend,
    }
    toes = next((f"{side}_{toe}" for toe in TOES if f"{side}_{toe}" in skeleton.joint_names), None)
    if toes is not None:
        sole = at[toes] - at.get(f"{side}_heel", ankle)
        angles[f"{side}_ankle_flexion"] = 90 - angle_between(knee - ankle, sole)
    return angles


def _arm(at: dict[str, Array], side: str, thorax: Array) -> dict[str, Array]:
    shoulder, elbow, wrist = (at[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
    upper, fore = (_in_segment(bone, thorax, side) for bone in (shoulder - elbow, elbow - wrist))
    bend = angle_between(upper, fore)
    # An elbow bends the other way than a knee.
    flexion, adduction, rotation = _cardan(upper, _hinge(np.cross(upper, fore), bend))
    elevation = angle_between(upper, (0, 1, 0))
    plane = np.degrees(np.arctan2(-upper[:, 0], -upper[:, 2]))
    hanging_or_up = np.abs(90 - elevation) > LOCKED
    return {
        f"{side}_shoulder_flexion": _from_behind(flexion),
        f"{side}_shoulder_abduction": -adduction,
        f"{side}_shoulder_rotation": rotation,
        f"{side}_shoulder_elevation": elevation,
        f"{side}_shoulder_plane": np.where(hanging_or_up, np.nan, _from_behind(plane)),
        f"{side}_elbow_flexion": bend,
    }


def _pelvis(pelvis: Array) -> dict[str, Array]:
    """Return the pelvis's angles in the order rotation about the vertical, obliquity, tilt."""
    ahead, _, right = np.moveaxis(pelvis, -1, 0)
    return {
        "pelvis_tilt": -np.degrees(np.arctan2(ahead[:, 1], pelvis[:, 1, 1])),
        "pelvis_obliquity": -np.degrees(np.arcsin(np.clip(right[:, 1], -1, 1))),
        "pelvis_rotation": np.degrees(np.unwrap(np.arctan2(right[:, 0], right[:, 2]))),
    }


def _axes(y: Array, z: Array) -> Array:
    """Return axes (T, 3, 3) with x, y, z as columns."""
    return np.stack([np.cross(y, z), y, z], axis=-1)


def _in_segment(vectors: Array, segment: Array, side: str) -> Array:
    """Return unit vectors (T, 3) in a segment's axes, the left side mirrored to the right."""
    mirror = (1, 1, -1) if side == "left" else (1, 1, 1)
    return unit(np.einsum("tij,ti->tj", segment, vectors)) * mirror


def _hinge(axis: Array, bend: Array) -> Array:
    """Return unit vectors (T, 3), NaN where the joint is too straight to show its hinge."""
    return np.where((bend > BENT)[:, None], unit(axis), np.nan)


def _cardan(y: Array, z: Array) -> tuple[Array, Array, Array]:
    """Return degrees about z, x and y from a distal segment's y and z axes (T, 3).

    Both axes are given in the proximal segment's axes.
    With ``R = Rz(a) Rx(b) Ry(c)`` the y axis is (-sin a cos b, cos a cos b, sin b), whatever c is.
    """
    a, b = np.arctan2(-y[:, 0], y[:, 1]), np.arcsin(np.clip(y[:, 2], -1, 1))
    # z after Rz(a) and Rx(b) are undone is (sin c, 0, cos c).
    level_x = np.cos(a) * z[:, 0] + np.sin(a) * z[:, 1]
    level_y = np.cos(a) * z[:, 1] - np.sin(a) * z[:, 0]
    c = np.arctan2(level_x, np.cos(b) * z[:, 2] - np.sin(b) * level_y)
    degrees = np.degrees(np.stack([a, b, c]))
    degrees[[0, 2]] = np.where(np.abs(degrees[1]) > LOCKED, np.nan, degrees[[0, 2]])
    return degrees[0], degrees[1], degrees[2]


def _from_behind(degrees: Array) -> Array:
    """Return the same angles in -90 to 270, so that a raised arm passes 180 without a jump."""
    return (degrees + 90) % 360 - 90
