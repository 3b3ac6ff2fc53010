"""Poses corrected so that feet stand on the floor and do not slide."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from anatomy_tf.anatomy import perpendicular, unit
from anatomy_tf.poses.foot_contact import SIDES, FootContacts, foot_contacts
from anatomy_tf.poses.person_height import ANKLE_SHARE, stature
from anatomy_tf.poses.smooth_path import change_penalty, frame_blocks
from anatomy_tf.sequences import PoseSequence

FOOT_ERROR = 0.02
"""Metres that a standing foot may be off while the root moves; the leg bends for the rest."""

PATH_ERRORS, ACCELERATION = (0.05, 0.3), 5.0
"""Usual size of the root's correction: metres across and along the camera's ray (where no camera is
known, the second), and m/s2. On 48 lifted views of motion capture standing feet slow down from 0.23
m/s to 0.01 and the path comes nearer to the true one along the floor (from 6.2 cm to 5.9); ankles
are as far from the truth as before, knees 2 mm farther (``benchmarks/room.py``)."""

FADE = 0.15
"""Seconds before and after a contact in which a leg fades into its own motion."""

FORWARD = 0.02
"""Metres by which a straight knee counts as bent forward, so that it bends no other way."""


def stand_on_floor(poses: PoseSequence, contacts: FootContacts | None = None) -> PoseSequence:
    """Return the same clip on the floor z = 0, with feet that stay where they stand.

    A smooth correction of the root's path brings standing feet to the floor and keeps them in
    place. The legs take the remaining error, since lifted legs tremble: each ankle moves to its
    place, the knee follows, and bones keep their lengths. An ankle stands as high above the floor
    as above the lowest joint of its foot; without feet in the skeleton, 3.9 % of the person's
    height. Stairs and slopes are taken for a level floor.

    Args:
        poses: placed, in world axes.
        contacts: when each foot stands; by default those that ``foot_contacts`` finds.

    Returns:
        The poses with the floor at z = 0; the camera's x and y are as before.

    Raises:
        AnatomyError: see ``foot_contacts``.

    Example:
        >>> standing = stand_on_floor(level(place_in_camera(poses, keypoints, camera)))
    """
    contacts = foot_contacts(poses) if contacts is None else contacts
    rest = _rest_height(poses, contacts)
    drop = np.array([0.0, 0.0, rest - contacts.height])
    positions = poses.positions.astype(np.float64) + drop
    positions += _root_correction(poses, positions, contacts, rest)[:, None]
    for foot, side in enumerate(SIDES):
        _plant(poses, positions, contacts.intervals(foot), side, rest)
    return dataclasses.replace(
        poses,
        positions=positions.astype(np.float32),
        camera=poses.camera and poses.camera.turned(np.eye(3), drop),
    )


def _rest_height(poses: PoseSequence, contacts: FootContacts) -> float:
    """Return the height of a standing ankle above the floor, metres."""
    skeleton, heights = poses.skeleton, poses.positions[..., 2]
    known = []
    for foot, side in enumerate(SIDES):
        ankle = skeleton.index(f"{side}_ankle")
        lowest = heights[:, _foot(poses, side)].min(axis=1)
        known.append((heights[:, ankle] - lowest)[contacts.standing[:, foot]])
    if len(_foot(poses, SIDES[0])) > 1 and any(map(len, known)):
        return float(np.median(np.concatenate(known)))
    return ANKLE_SHARE * stature(poses)


def _foot(poses: PoseSequence, side: str) -> list[int]:
    """Return the indices of a foot's joints: the ankle and its descendants."""
    skeleton = poses.skeleton
    return list(skeleton.subtrees[skeleton.bone_names.index(f"{side}_ankle")])


def _root_correction(
    poses: PoseSequence, positions: NDArray[np.float64], contacts: FootContacts, rest: float
) -> NDArray[np.float64]:
    """Return the root's smooth correction (T, 3), metres, that keeps standing feet in place."""
    frames = len(poses)
    times, feet = [], []
    for foot, side in enumerate(SIDES):
        ankle = positions[:, poses.skeleton.index(f"{side}_ankle")]
        for start, end in contacts.intervals(foot):
            times.append(np.arange(start, end))
            feet.append(ankle[start:end])
    if not times:
        return np.zeros((frames, 3))
    time, standing = np.concatenate(times), np.concatenate(feet)
    place = np.repeat(np.arange(len(times)), [len(stand) for stand in times])
    rows = np.arange(len(time))
    at_time, at_place = (
        scipy.sparse.csc_array((np.ones(len(rows)), (rows, columns)), shape=(len(rows), count))
        for columns, count in ((time, frames), (place, len(times)))
    )
    # A foot's place on the floor is unknown, but its height is known.
    floor = np.eye(3)[:, :2]
    moves = scipy.sparse.hstack(
        [scipy.sparse.kron(at_time, np.eye(3)), scipy.sparse.kron(-at_place, floor)]
    )
    wanted = np.array([0, 0, rest]) - standing
    smooth = change_penalty(frames, 2, (poses.fps**2 / ACCELERATION) ** 2)
    prior = scipy.sparse.kron(smooth, np.eye(3))
    prior += frame_blocks(_path_weights(poses))
    matrix = scipy.sparse.block_diag([prior, scipy.sparse.csc_array((2 * len(times),) * 2)])
    matrix += moves.T @ moves / FOOT_ERROR**2
    solution = scipy.sparse.linalg.spsolve(
        matrix.tocsc(), moves.T @ wanted.reshape(-1) / FOOT_ERROR**2
    )
    return solution[: 3 * frames].reshape(frames, 3)


def _path_weights(poses: PoseSequence) -> NDArray[np.float64]:
    """Return the weights (T, 3, 3) of the squared correction, lower along the camera's ray.

    Along the ray the path is known far worse.
    """
    across, along = 1 / PATH_ERRORS[0] ** 2, 1 / PATH_ERRORS[1] ** 2
    if poses.camera is None or poses.root is None:
        return np.tile(along * np.eye(3), (len(poses), 1, 1))
    rays = unit(poses.root.astype(np.float64) - poses.camera.position)
    return across * np.eye(3) + (along - across) * rays[:, :, None] * rays[:, None, :]


def _plant(
    poses: PoseSequence,
    positions: NDArray[np.float64],
    intervals: list[tuple[int, int]],
    side: str,
    rest: float,
) -> None:
    """Bend a leg, in place, so that its foot stays where it stands."""
    if not intervals:
        return
    skeleton = poses.skeleton
    hip, knee, ankle = (skeleton.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
    frames = np.arange(len(positions))
    moves, away = np.zeros((len(frames), 3)), np.full(len(frames), np.inf)
    standing = np.zeros(len(frames), bool)
    for start, end in intervals:
        place = positions[start:end, ankle].mean(axis=0)
        place[2] = rest
        moves[start:end] = place - positions[start:end, ankle]
        standing[start:end] = True
        away = np.minimum(away, np.maximum(np.maximum(start - frames, frames - end + 1), 0))
    for axis in range(3):
        moves[:, axis] = np.interp(frames, frames[standing], moves[standing, axis])
    share = np.clip(1 - away / (FADE * poses.fps), 0, 1)
    moves *= (share * share * (3 - 2 * share))[:, None]
    right = positions[:, skeleton.index("right_hip")] - positions[:, skeleton.index("left_hip")]
    bent, reached = _bent_leg(
        positions[:, hip], positions[:, knee], positions[:, ankle], moves, right
    )
    positions[:, _foot(poses, side)] += (reached - positions[:, ankle])[:, None]
    positions[:, knee] = bent


def _bent_leg(
    hip: NDArray[np.float64],
    knee: NDArray[np.float64],
    ankle: NDArray[np.float64],
    moves: NDArray[np.float64],
    right: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return knee and ankle (T, 3) after the ankle's move, as far as the leg's length allows.

    The cosine rule places the knee, which stays on its side; frames without a move are kept.
    """
    thigh, shank = (
        np.linalg.norm(bone, axis=-1, keepdims=True) for bone in (knee - hip, ankle - knee)
    )
    reach = ankle + moves - hip
    wanted = np.linalg.norm(reach, axis=-1, keepdims=True)
    along = reach / np.maximum(wanted, 1e-9)
    # A leg that was straighter than this may stay so.
    longest = np.maximum(0.9999 * (thigh + shank), np.linalg.norm(ankle - hip, axis=-1)[:, None])
    length = np.clip(wanted, np.abs(thigh - shank), longest)
    start = (thigh**2 - shank**2 + length**2) / (2 * np.maximum(length, 1e-9))
    ahead = FORWARD * unit(np.cross(right, along))
    aside = perpendicular(knee - hip + ahead, along)
    bent = hip + start * along + np.sqrt(np.maximum(thigh**2 - start**2, 0)) * aside
    still = ~moves.any(axis=-1, keepdims=True)
    return np.where(still, knee, bent), np.where(still, ankle, hip + length * along)
