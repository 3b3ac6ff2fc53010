"""A picture of a data set: some of its people, and everyone's bone lengths."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from anatomy_tf.cameras import denormalize_screen
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.datasets.summary import PersonSummary
from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton
from anatomy_tf.visualization.drawing.figures import style_plot
from anatomy_tf.visualization.drawing.output import checked_suffix
from anatomy_tf.visualization.drawing.page import Page
from anatomy_tf.visualization.drawing.palette import LIGHT
from anatomy_tf.visualization.drawing.panels import KeypointPanel, PosePanel, PoseScene
from anatomy_tf.visualization.drawing.scene import Viewpoint

_DPI = 120
_SIDE = 1000
"""Pixels; the picture is drawn as a square, since a store does not know the picture's shape."""

# Inches.
_COLUMN, _GAP, _MARGIN, _HEADER, _CAPTION, _BONES, _NAMES = 2.1, 0.08, 0.25, 0.7, 0.3, 2.4, 0.9


def data_set_sheet(
    store: SequenceStore,
    people: Sequence[PersonSummary],
    path: str | os.PathLike[str],
    title: str,
    columns: int = 6,
) -> Path:
    """Write a PNG with 2D keypoints and 3D poses of some people, and everyone's bone lengths.

    Args:
        store: the data set.
        people: the result of ``summarize``.
        path: ends in ``.png``; replaced whole when it exists.
        title: the data set's name.
        columns: most people to draw, evenly chosen.

    Returns:
        The path.

    Raises:
        AnatomyError: when there are no people, the path is no PNG or matplotlib is missing.
    """
    target = checked_suffix(path, (".png",))
    if not people:
        raise AnatomyError(f"{target}: expected at least one person to draw, got none")
    count = min(columns, len(people))
    chosen = np.round(np.linspace(0, len(people) - 1, count)).astype(int)
    rows = 2 * (_CAPTION + _COLUMN)
    page = Page(
        max(3, count) * (_COLUMN + _GAP) - _GAP + 2 * _MARGIN,
        _HEADER + rows + _CAPTION + _BONES + _NAMES,
        _DPI,
    )
    hours = sum(person.hours for person in people)
    clips = sum(person.clips for person in people)
    page.write(_MARGIN, 0.36, title, LIGHT.text, 12)
    facts = (
        f"{len(people)} people   ·   {clips} clips   ·   {hours:.3g} h   ·   "
        f"{store.frame_count:,} frames of {len(store)} views at {store.fps:g} fps"
    )
    page.write(_MARGIN, 0.58, facts, LIGHT.faint, 9)
    for column, index in enumerate(chosen):
        _draw_person(page, _MARGIN + column * (_COLUMN + _GAP), store, people[index].subject)
    _draw_bone_lengths(page, _HEADER + rows + _CAPTION, store.skeleton, people)
    return page.save(target)


def _draw_person(page: Page, left: float, store: SequenceStore, subject: str) -> None:
    """Draw a column with a person's keypoints and pose."""
    keypoints, poses = _middle_frame(store, subject)
    top = _HEADER + _CAPTION
    KeypointPanel(page.panel(left, top, _COLUMN, _COLUMN), keypoints, LIGHT, 1.6).show(0)
    page.write(left, top - 0.09, subject, LIGHT.text, 9)
    top += _COLUMN + _CAPTION
    panel = PosePanel(page.panel(left, top, _COLUMN, _COLUMN), PoseScene(poses), LIGHT, 2.0)
    panel.show(0, Viewpoint())
    page.write(left, top - 0.09, poses.source, LIGHT.faint, 8)


def _draw_bone_lengths(
    page: Page, top: float, skeleton: Skeleton, people: Sequence[PersonSummary]
) -> None:
    """Draw a dot for each person above each bone's name."""
    page.write(_MARGIN, top - 0.09, "bone lengths, cm: a dot a person", LIGHT.faint, 9)
    left = _MARGIN + 0.35
    axes = page.panel(left, top, page.width - _MARGIN - left, _BONES)
    style_plot(axes)
    for bone, (_, child) in enumerate(skeleton.bones):
        lengths = [100 * person.bone_lengths[bone] for person in people]
        colour = getattr(LIGHT, skeleton.sides[child])
        axes.plot(np.full(len(lengths), bone), lengths, "o", color=colour, markersize=4, alpha=0.6)
    axes.set_xticks(range(skeleton.bone_count))
    names = [name.replace("_", " ") for name in skeleton.bone_names]
    axes.set_xticklabels(names, rotation=40, ha="right", size=8, color=LIGHT.text)
    axes.tick_params(axis="y", labelsize=8, labelcolor=LIGHT.text)
    axes.set_ylim(bottom=0)


def _middle_frame(store: SequenceStore, subject: str) -> tuple[KeypointSequence, PoseSequence]:
    """Return the middle valid frame of a person's middle sequence."""
    own = [i for i, name in enumerate(store.subjects) if name == subject]
    index = own[len(own) // 2]
    view = store.sequence(index)
    frames = np.arange(len(view.positions)) if view.valid is None else np.flatnonzero(view.valid)
    frame = slice(frames[len(frames) // 2], frames[len(frames) // 2] + 1)
    keypoints = KeypointSequence(
        keypoints=denormalize_screen(view.keypoints[frame], _SIDE, _SIDE),
        visibility=view.visibility[frame],
        skeleton=view.skeleton,
        fps=view.fps,
        width=_SIDE,
        height=_SIDE,
        person=subject,
    )
    poses = PoseSequence(
        positions=store.positions[store.offsets[index] :][frame],
        skeleton=view.skeleton,
        fps=view.fps,
        person=subject,
        source=f"{view.clip}, camera {view.camera}",
    )
    return keypoints, poses
