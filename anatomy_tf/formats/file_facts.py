"""Facts about a file of keypoints or poses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import check_input
from anatomy_tf.formats.keypoints.registry import inspect_keypoints
from anatomy_tf.formats.poses.registry import POSE_FORMATS, load_poses
from anatomy_tf.sequences import KeypointSequence, PoseSequence


def file_facts(path: str | Path, layout: str | None = None) -> dict[str, Any]:
    """Return what a file of keypoints or poses holds.

    Args:
        path: a file or a folder.
        layout: the keypoints' layout, for files that do not state it; poses state theirs.

    Returns:
        ``content``, ``path``, ``people``, their ``names``, ``frames`` of the longest one,
        ``first_frame``, ``fps``, ``layout``, ``joint_names`` and ``warnings``, the reasons to doubt
        it; of keypoints also ``format``, ``image_size``, and for each person the share of keypoints
        that were ``found`` and of frames in which the person was ``seen``; of poses ``axes``,
        ``root_relative``, ``seen``, and what is ``known`` beside positions. What the file does not
        state is ``None``.

    Raises:
        AnatomyError: when it is missing, neither of them, or malformed, or a layout is given for
            poses.
    """
    path = check_input(path)
    try:
        # First, since a file of poses is known as such by its beginning.
        return _of_keypoints(path, layout)
    except AnatomyError as error:
        entry = POSE_FORMATS.get(path.suffix.lower())
        if entry is None:
            raise
        refused = error
    try:
        people = load_poses(path)
    except AnatomyError as error:
        if entry.load is None:
            raise
        raise AnatomyError(f"{refused}; nor as poses: {error}") from None
    if layout is not None:
        raise AnatomyError(f"{path}: holds poses, which state their layout; got --layout (layout=)")
    return _of_poses(path, people)


def _of_keypoints(path: Path, layout: str | None) -> dict[str, Any]:
    entry, people, missing = inspect_keypoints(path, layout)
    first = people[0]
    stated = {"fps": first.fps, "image_size": [first.width, first.height]}
    return {
        "content": "keypoints",
        "format": entry.summary,
        **_common(path, people),
        **{fact: None if fact in missing else value for fact, value in stated.items()},
        "found": [_share(np.isfinite(one.keypoints[..., 0])) for one in people],
        "seen": [_share(np.isfinite(one.keypoints[..., 0]).any(axis=1)) for one in people],
    }


def _of_poses(path: Path, people: list[PoseSequence]) -> dict[str, Any]:
    first = people[0]
    known = {
        "bone lengths": first.bone_lengths,
        "spread": first.spread,
        "up": first.up,
        "camera": first.camera,
    }
    return {
        "content": "poses",
        **_common(path, people),
        "fps": first.fps,
        "axes": first.axes,
        "root_relative": first.root_relative,
        "seen": [_share(one.seen) for one in people],
        "known": [name for name, value in known.items() if value is not None],
    }


def _common(path: Path, people: list[KeypointSequence] | list[PoseSequence]) -> dict[str, Any]:
    first = people[0]
    return {
        "path": str(path),
        "people": len(people),
        "names": [one.person for one in people],
        "frames": max(len(one) for one in people),
        "first_frame": first.first_frame,
        "layout": first.skeleton.name,
        "joint_names": list(first.skeleton.joint_names),
        "warnings": list(dict.fromkeys(line for one in people for line in one.warnings)),
    }


def _share(values: Any) -> float:
    return float(np.mean(values))


def shown(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return facts as pairs to print: name and value."""
    pairs = []
    for name, value in found.items():
        if name == "warnings" and not value:
            continue
        if value is None:
            text = "not stated"
        elif name in ("found", "seen"):
            text = ", ".join(f"{share:.0%}" for share in value)
        elif name == "image_size":
            text = f"{value[0]}x{value[1]}"
        elif name == "joint_names":
            text = f"{len(value)}: {', '.join(value)}"
        elif isinstance(value, bool):
            text = "yes" if value else "no"
        elif isinstance(value, list):
            text = ("; " if name == "warnings" else ", ").join(value) or "nothing"
        else:
            text = f"{value:g}" if isinstance(value, float) else str(value)
        pairs.append((_TITLES.get(name, name), text))
    return pairs


_TITLES = {
    "fps": "frames a second",
    "first_frame": "first frame",
    "joint_names": "joints",
    "image_size": "image size",
    "found": "keypoints found",
    "seen": "frames with the person",
    "root_relative": "relative to the root",
    "known": "known beside positions",
}
