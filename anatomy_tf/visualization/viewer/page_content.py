"""The data of the viewer's page: people, keypoints and skeletons, packed for its scripts."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import joint_angles
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton
from anatomy_tf.visualization.drawing.scene import link_sides

_STEP = 1e-4
"""Metres between two stored positions: a tenth of a millimetre, 0.05 mm rounding error at most."""
_PIXEL_STEP = 0.1
_DEGREE_STEP = 0.01
MISSING = -32768
"""Stored instead of coordinates of a joint that was not detected, and of an angle not shown."""
_LARGEST = 32767


def person_content(poses: PoseSequence) -> dict[str, Any]:
    """Return what the page's script needs to know of a person, in world axes."""
    root = poses.positions[:, poses.skeleton.root]
    lengths = None if poses.bone_lengths is None else poses.bone_lengths.round(5).tolist()
    return {
        "frames": len(poses),
        "skeleton": skeleton_content(poses.skeleton),
        "positions": _quantized(poses.positions - root[:, None], _STEP),
        "root": _whole_steps(root) if root.any() else None,
        "seen": None if poses.seen.all() else _encoded(poses.seen.astype(np.uint8)),
        "lengths": lengths,
        "angles": _angles(poses),
        "keypoints": None,
        "truth": None,
    }


def _angles(poses: PoseSequence) -> dict[str, Any] | None:
    """Return the joint angles; ``None`` for a skeleton that does not have the joints."""
    try:
        angles = joint_angles(poses)
    except AnatomyError:
        return None
    # A spine's angles are the trunk's; nothing is marked where no joint bears an angle's name.
    joints = [
        [n for n, joint in enumerate(poses.skeleton.joint_names) if name.startswith(f"{joint}_")]
        for name in angles.names
    ]
    return {
        "rows": _rows(angles.names),
        "sides": [_side(name) for name in angles.names],
        "joints": joints,
        "degrees": _quantized(angles.degrees, _DEGREE_STEP),
    }


def truth_content(poses: PoseSequence, truth: PoseSequence) -> dict[str, Any]:
    """Return what the page's script needs to know of a person's true poses, in world axes."""
    root = truth.positions[:, truth.skeleton.root]
    # Only two clips with places in the room can be compared at those places.
    own_place = not (poses.root_relative or truth.root_relative)
    return {
        "positions": _quantized(truth.positions - root[:, None], _STEP),
        "root": _whole_steps(root) if own_place else None,
    }


def keypoints_content(clip: KeypointSequence) -> dict[str, Any]:
    """Return what the page's script needs to know of a person's keypoints."""
    return {
        "width": clip.width,
        "height": clip.height,
        "skeleton": skeleton_content(clip.skeleton),
        "points": _quantized(clip.keypoints, _PIXEL_STEP),
        "visibility": _encoded(np.round(clip.visibility * 255).astype(np.uint8)),
    }


def skeleton_content(skeleton: Skeleton) -> dict[str, Any]:
    """Return what the page's script needs to know of a skeleton."""
    names = skeleton.joint_names
    paired = dict(skeleton.left_right_bones)
    right = set(paired.values())
    bone_rows = [
        {
            "label": f"{_plain(names[parent])} to {_plain(names[child])}",
            "series": [bone, paired[bone]] if bone in paired else [bone],
        }
        for bone, (parent, child) in enumerate(skeleton.bones)
        if bone not in right
    ]
    return {
        "joints": names,
        "root": skeleton.root,
        "sides": skeleton.sides,
        "links": skeleton.links,
        "linkSides": link_sides(skeleton),
        "bones": skeleton.bones,
        "boneRows": bone_rows,
        "jointRows": _rows(names),
    }


def _side(name: str) -> str:
    side = name.partition("_")[0]
    return side if side in ("left", "right") else "middle"


def _plain(name: str) -> str:
    """Return a joint's or angle's name in words, without its side."""
    return name.removeprefix("left_").removeprefix("right_").replace("_", " ")


def _rows(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return a table's rows, left and right in one: their labels and the names' numbers."""
    rows: dict[str, dict[str, Any]] = {}
    for number, name in enumerate(names):
        rows.setdefault(_plain(name), {"label": _plain(name), "series": []})["series"].append(
            number
        )
    for row in rows.values():
        row["series"].sort(key=lambda number: _side(names[number]))
    return list(rows.values())


def _quantized(values: NDArray[np.floating], step: float) -> dict[str, Any]:
    """Encode values as 16-bit multiples of a step, enlarged if they do not fit; NaN is kept."""
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    step = max(step, largest / _LARGEST)
    whole = np.nan_to_num(np.round(values / step), nan=MISSING).astype("<i2")
    return {"step": step, "data": _encoded(whole)}


def _whole_steps(values: NDArray[np.floating]) -> dict[str, Any]:
    """Encode values as 32-bit multiples of 0.1 mm, since a room's path outgrows 16 bits."""
    return {"step": _STEP, "data": _encoded(np.round(values / _STEP).astype("<i4"))}


def _encoded(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
