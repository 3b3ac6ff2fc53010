"""Motion capture from an npz archive of concatenated clips (CMU, 17 joints)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import INTEGER, NUMBER, TEXT, array_names, read_checked_npz
from anatomy_tf.skeletons import HUMAN36M_17

JOINT_NAMES = {
    "Hip": "pelvis",
    "RHip": "right_hip",
    "RKnee": "right_knee",
    "RFoot": "right_ankle",
    "LHip": "left_hip",
    "LKnee": "left_knee",
    "LFoot": "left_ankle",
    "Spine": "spine",
    "Thorax": "thorax",
    "Neck": "neck",
    "Head": "head",
    "LShoulder": "left_shoulder",
    "LElbow": "left_elbow",
    "LWrist": "left_wrist",
    "RShoulder": "right_shoulder",
    "RElbow": "right_elbow",
    "RWrist": "right_wrist",
}
"""The archive's joint names and ours: the same joints in the order of ``HUMAN36M_17``."""

_PLACES = {
    "positions": (NUMBER, f"(frames, {HUMAN36M_17.joint_count}, 3)"),
    "relative": (NUMBER, f"(frames, {HUMAN36M_17.joint_count}, 3)"),
    "root": (NUMBER, "(frames, 3)"),
}
_FACTS = {
    "fps": (NUMBER, "()"),
    "joint_names": (TEXT, "(joints,)"),
    "parents": (INTEGER, "(joints,)"),
    "subjects": (TEXT, "(subjects,)"),
    "clip_start": (INTEGER, "(clips,)"),
    "clip_length": (INTEGER, "(clips,)"),
    "clip_name": (TEXT, "(clips,)"),
    "clip_subject": (INTEGER, "(clips,)"),
    "clip_action": (TEXT, "(clips,)"),
    "clip_description": (TEXT, "(clips,)"),
}
"""Kinds of ``dtype`` and shape of each array."""


def load_motion_capture(path: str | Path) -> list[MotionClip]:
    """Read a motion capture archive.

    Args:
        path: npz file with ``positions`` (N, 17, 3) in world metres, z up, all clips one after
            another, or instead ``root`` (N, 3) and ``relative`` (N, 17, 3), the positions less it;
            ``clip_start``, ``clip_length``, ``clip_name``, ``clip_subject`` (index into
            ``subjects``), ``clip_action`` and ``clip_description``, one entry a clip; ``fps``;
            ``joint_names`` and ``parents`` (17,), the joints of ``JOINT_NAMES`` in that order.

    Returns:
        The clips in the archive's order, on the skeleton ``HUMAN36M_17``.

    Raises:
        AnatomyError: for a file that is missing or no such archive, saying what is wrong with it.
    """
    path = Path(path)
    there = array_names(path)
    apart = "positions" not in there and ("relative" in there or "root" in there)
    places = ("relative", "root") if apart else ("positions",)
    shapes = {**{name: _PLACES[name] for name in places}, **_FACTS}
    arrays = read_checked_npz(path, shapes, shapes)
    _check_joints(arrays, path)
    positions, subjects = _positions(arrays, path), arrays["subjects"]
    starts, lengths = arrays["clip_start"], arrays["clip_length"]
    per_clip = [name for name in _FACTS if name.startswith("clip_")]
    counts = {name: arrays[name].shape for name in per_clip}
    if len(set(counts.values())) != 1:
        raise AnatomyError(f"{path}: expected one entry a clip in each array, got {counts}")
    # Compared without a sum, which could overflow.
    outside = (starts < 0) | (lengths < 1) | (starts > len(positions))
    outside |= lengths > len(positions) - starts
    if outside.any():
        clip = int(np.flatnonzero(outside)[0])
        raise AnatomyError(
            f"{path}: clip {arrays['clip_name'][clip]} is frames {starts[clip]} to "
            f"{int(starts[clip]) + int(lengths[clip])}, but the archive has {len(positions)}"
        )
    owners = arrays["clip_subject"]
    if ((owners < 0) | (owners >= len(subjects))).any():
        raise AnatomyError(f"{path}: clip_subject must lie in 0..{len(subjects) - 1}")
    rows = zip(*(arrays[key] for key in per_clip), strict=True)
    try:
        return [
            MotionClip(
                positions[start : start + length],
                HUMAN36M_17,
                float(arrays["fps"]),
                subject=str(subjects[owner]),
                action=str(action),
                name=str(name),
                description=str(description),
            )
            for start, length, name, owner, action, description in rows
        ]
    except AnatomyError as error:
        raise AnatomyError(f"{path}: {error}") from None


def _check_joints(arrays: dict[str, NDArray], path: Path) -> None:
    names = tuple(str(name) for name in arrays["joint_names"])
    if names != tuple(JOINT_NAMES):
        raise AnatomyError(
            f"{path}: expected the joints {', '.join(JOINT_NAMES)}, got {', '.join(names)}"
        )
    parents = tuple(int(parent) for parent in arrays["parents"])
    if parents != HUMAN36M_17.parents:
        raise AnatomyError(f"{path}: expected parents {HUMAN36M_17.parents}, got {parents}")


def _positions(arrays: dict[str, NDArray], path: Path) -> NDArray[np.float32]:
    """Return the positions (N, 17, 3) in world axes, metres."""
    if "positions" in arrays:
        return arrays["positions"].astype(np.float32, copy=False)
    relative, root = arrays["relative"], arrays["root"]
    if len(root) != len(relative):
        raise AnatomyError(f"{path}: expected root of shape ({len(relative)}, 3), got {root.shape}")
    return relative.astype(np.float32, copy=False) + root.astype(np.float32)[:, None]
