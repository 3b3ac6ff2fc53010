"""The viewer: a clip in one HTML page that needs no network."""

from __future__ import annotations

import base64
import dataclasses
import html
import importlib.resources
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.poses.levelling import common_up, level
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton
from anatomy_tf.visualization.output import checked_suffix
from anatomy_tf.visualization.palette import DARK, LIGHT
from anatomy_tf.visualization.scene import (
    check_same_clip,
    floor_height,
    link_sides,
    upright,
)

_STEP = 1e-4
"""Metres between two stored positions: a tenth of a millimetre, 0.05 mm rounding error at most."""
_PIXEL_STEP = 0.1
_MISSING = -32768
"""Stored instead of coordinates for a joint that was not detected."""
_LARGEST = 32767
SPACING = 1.3
"""Metres between the people of a clip whose places in the room are unknown."""


def write_viewer(
    poses: Sequence[PoseSequence],
    path: str | os.PathLike[str],
    keypoints: Sequence[KeypointSequence] | None = None,
    ground_truth: Sequence[PoseSequence] | None = None,
    title: str = "3D pose",
) -> Path:
    """Write an HTML file that plays the poses and shows bone lengths and errors.

    The view can be turned and zoomed, and time scrubbed. Positions are stored as whole tenths of a
    millimetre from the root (about 140 bytes a frame of 17 joints). People whose poses are
    root-relative stand side by side. The error shown against the ground truth is the mean distance
    of the joints when both roots coincide.

    Args:
        poses: a sequence for each person, all at one frame rate, camera or world axes; metres.
        path: ends in ``.html``; replaced whole when it exists.
        keypoints: the same people's 2D keypoints, same frames.
        ground_truth: the same people's true poses, same frames, skeleton and axes.
        title: heading of the page.

    Returns:
        The path.

    Raises:
        AnatomyError: without a person, when the lists differ in length, or when the sequences of a
            person or the frame rates of the people differ.
    """
    target = checked_suffix(path, (".html", ".htm"))
    if not poses:
        raise AnatomyError(f"{target}: expected the poses of at least one person, got none")
    if len({float(person.fps) for person in poses}) > 1:
        rates = ", ".join(f"{person.fps:g}" for person in poses)
        raise AnatomyError(f"{target}: expected one frame rate for all people, got {rates} fps")
    for name, others in (("keypoints", keypoints), ("ground truth", ground_truth)):
        if others is not None and len(others) != len(poses):
            raise AnatomyError(
                f"{target}: expected {name} of {len(poses)} people, one for each of the poses, "
                f"got {len(others)}"
            )
    if len({person.axes for person in poses}) > 1:
        raise AnatomyError(f"{target}: expected all poses in the same axes, got camera and world")
    up = common_up(poses) if poses[0].axes == "camera" else None
    if up is not None and all(truth.axes == "camera" for truth in ground_truth or ()):
        poses = [level(person, up) for person in poses]
        ground_truth = ground_truth and [level(truth, up) for truth in ground_truth]
    people = [_person(person) for person in poses]
    for entry, person, clip in zip(people, poses, keypoints or (), strict=False):
        check_same_clip(clip, person)
        entry["keypoints"] = _keypoints(clip)
    for entry, person, truth in zip(people, poses, ground_truth or (), strict=False):
        entry["truth"] = _truth(person, truth)
    shifts = _shifts(poses)
    for entry, shift in zip(people, shifts, strict=True):
        entry["shift"] = shift.tolist()
    content = {
        "title": title,
        "fps": float(poses[0].fps),
        "axes": poses[0].axes,
        "people": people,
        "scene": _scene(poses, shifts),
    }
    page = viewer_page(title, content)
    with atomic_path(target) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return target


def _person(poses: PoseSequence) -> dict[str, Any]:
    root = poses.positions[:, poses.skeleton.root]
    lengths = None if poses.bone_lengths is None else poses.bone_lengths.round(5).tolist()
    return {
        "name": poses.person,
        "frames": len(poses),
        "skeleton": skeleton_content(poses.skeleton),
        "positions": _quantized(poses.positions - root[:, None], _STEP),
        "root": _whole_steps(root) if root.any() else None,
        "lengths": lengths,
        "keypoints": None,
        "truth": None,
    }


def _truth(poses: PoseSequence, truth: PoseSequence) -> dict[str, Any]:
    expected = (poses.skeleton, len(poses), poses.axes)
    got = (truth.skeleton, len(truth), truth.axes)
    if expected != got or not np.isclose(poses.fps, truth.fps):
        raise AnatomyError(
            f"{truth.source or 'ground truth'}: expected {len(poses)} frames of "
            f"{poses.skeleton.name} at {poses.fps:g} fps in {poses.axes} axes, got {len(truth)} "
            f"frames of {truth.skeleton.name} at {truth.fps:g} fps in {truth.axes} axes"
        )
    root = truth.positions[:, truth.skeleton.root]
    # Only two clips with places in the room can be compared at those places.
    own_place = not (poses.root_relative or truth.root_relative)
    return {
        "positions": _quantized(truth.positions - root[:, None], _STEP),
        "root": _whole_steps(root) if own_place else None,
    }


def _keypoints(clip: KeypointSequence) -> dict[str, Any]:
    return {
        "width": clip.width,
        "height": clip.height,
        "skeleton": skeleton_content(clip.skeleton),
        "points": _quantized(clip.keypoints, _PIXEL_STEP),
        "visibility": _encoded(np.round(clip.visibility * 255).astype(np.uint8)),
    }


def skeleton_content(skeleton: Skeleton) -> dict[str, Any]:
    """Return what the page's script needs to know of a skeleton."""

    def without_side(joint: int) -> str:
        name = skeleton.joint_names[joint]
        return name.removeprefix("left_").removeprefix("right_").replace("_", " ")

    paired = dict(skeleton.left_right_bones)
    right = set(paired.values())
    rows = [
        {"label": f"{without_side(parent)} to {without_side(child)}", "bones": bones}
        for bone, (parent, child) in enumerate(skeleton.bones)
        if bone not in right
        for bones in [[bone, paired[bone]] if bone in paired else [bone]]
    ]
    return {
        "joints": skeleton.joint_names,
        "root": skeleton.root,
        "sides": skeleton.sides,
        "links": skeleton.links,
        "linkSides": link_sides(skeleton),
        "bones": skeleton.bones,
        "rows": rows,
    }


def _quantized(values: NDArray[np.floating], step: float) -> dict[str, Any]:
    """Encode values as 16-bit multiples of a step, enlarged if they do not fit; NaN is kept."""
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    step = max(step, largest / _LARGEST)
    whole = np.nan_to_num(np.round(values / step), nan=_MISSING).astype("<i2")
    return {"step": step, "data": _encoded(whole)}


def _whole_steps(values: NDArray[np.floating]) -> dict[str, Any]:
    """Encode values as 32-bit multiples of 0.1 mm, since a room's path outgrows 16 bits."""
    return {"step": _STEP, "data": _encoded(np.round(values / _STEP).astype("<i4"))}


def _encoded(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")


def _shifts(poses: Sequence[PoseSequence]) -> list[NDArray[np.float64]]:
    """Return each person's shift of upright positions, so that all stand on the floor z = 0."""
    floors = [floor_height(upright(person)) for person in poses]
    shared = min(
        (floor for floor, person in zip(floors, poses, strict=True) if not person.root_relative),
        default=0.0,
    )
    middle = (len(poses) - 1) / 2
    return [
        np.array([(place - middle) * SPACING, 0, -floor])
        if person.root_relative
        else np.array([0, 0, -shared])
        for place, (floor, person) in enumerate(zip(floors, poses, strict=True))
    ]


def _scene(poses: Sequence[PoseSequence], shifts: Sequence[NDArray[np.floating]]) -> dict[str, Any]:
    """Return the extent of the first view, metres: the whole clip, or a body when followed."""
    clips = [upright(person) + shift for person, shift in zip(poses, shifts, strict=True)]
    points = np.concatenate([clip.reshape(-1, 3) for clip in clips])
    low, high = points.min(axis=0), points.max(axis=0)
    bodies = [
        np.linalg.norm(clip[..., :2] - clip[:, None, person.skeleton.root, :2], axis=-1).max()
        for clip, person in zip(clips, poses, strict=True)
    ]
    middle = (low + high)[:2] / 2
    return {
        "middle": middle.tolist(),
        "radius": float(np.linalg.norm(points[:, :2] - middle, axis=-1).max()),
        "bodyRadius": float(max(bodies)),
        "height": float(high[2]),
    }


def viewer_page(
    title: str, content: dict[str, Any], scripts: Sequence[str] = ("viewer.js",), policy: str = ""
) -> str:
    """Return the page's HTML.

    Args:
        title: heading of the page.
        content: the data that its script reads.
        scripts: files of ``viewer_page``, run one after the other.
        policy: what the page may do besides running its own script and style, as in a
            Content-Security-Policy.
    """
    folder = importlib.resources.files("anatomy_tf.visualization") / "viewer_page"
    # "<" never reaches the page's parser from inside the data.
    data = json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    themes = "".join(
        f':root[data-theme="{name}"]{{color-scheme:{name};'
        + "".join(f"--{key}:{value};" for key, value in dataclasses.asdict(palette).items())
        + "}\n"
        for name, palette in (("light", LIGHT), ("dark", DARK))
    )
    parts = {
        "title": html.escape(title),
        "style": themes + (folder / "viewer.css").read_text(encoding="utf-8"),
        "script": "\n".join((folder / name).read_text(encoding="utf-8") for name in scripts),
        "policy": html.escape(f"; {policy}" if policy else ""),
        "data": data,
    }
    template = (folder / "viewer.html").read_text(encoding="utf-8")
    # In one pass, so that nothing inside a part is taken for a placeholder.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)
