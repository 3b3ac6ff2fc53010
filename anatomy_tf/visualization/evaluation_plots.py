"""Plots of an evaluation: bars by action, PCK curve, error over time, worst frames."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.cameras import denormalize_screen
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import Mpi3dhpReport, Report, WorstFrame
from anatomy_tf.evaluation.frame_errors import CURVE_THRESHOLDS
from anatomy_tf.evaluation.measures import Measure
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.files.limits import FRAME_RATE
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.visualization.drawing.figures import blank_figure, style_plot
from anatomy_tf.visualization.drawing.output import checked_suffix
from anatomy_tf.visualization.drawing.page import Page
from anatomy_tf.visualization.drawing.palette import LIGHT
from anatomy_tf.visualization.drawing.panels import KeypointPanel, PosePanel, PoseScene
from anatomy_tf.visualization.drawing.scene import Viewpoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 120
_SUFFIXES = (".png", ".pdf", ".svg")
_COLOURS = (LIGHT.left, LIGHT.right, LIGHT.truth, LIGHT.middle, "#9353c4", "#b88700")
_SIDE = 1000
"""Pixels; the picture is drawn as a square, since a store does not know the picture's shape."""


def plot_actions(
    reports: Mapping[str, Report | Mpi3dhpReport],
    path: str | os.PathLike[str],
    measure: str = "mpjpe",
) -> Path:
    """Draw a bar for each action and report, and each report's mean over actions as a line.

    MPI-INF-3DHP's bars are activities, or test sequences where those are not known, and the line is
    its total.

    Args:
        reports: at least one report, by name.
        path: ends in ``.png``, ``.pdf`` or ``.svg``; replaced whole when it exists.
        measure: the key of one of the reports' ``measures``.

    Returns:
        The path.

    Raises:
        AnatomyError: for no report, a measure that one does not have, another suffix, or
            without matplotlib.
    """
    target = checked_suffix(path, _SUFFIXES)
    _check_some(target, reports, "report")
    shown, *_ = [_measure(report, measure, target) for report in reports.values()]
    actions = list(dict.fromkeys(a for report in reports.values() for a in report.actions))
    width = 0.8 / len(reports)
    figure, axes = _figure(max(6.0, 0.55 * len(actions) + 2), 3.6)
    for number, (name, report) in enumerate(reports.items()):
        heights = [
            report.actions[action][measure] if action in report.actions else np.nan
            for action in actions
        ]
        mean = report.mean_over_actions[measure]
        colour = _COLOURS[number % len(_COLOURS)]
        places = np.arange(len(actions)) + (number - (len(reports) - 1) / 2) * width
        label = f"{name}, mean {mean:.{shown.digits}f} {shown.unit}"
        axes.bar(places, heights, 0.92 * width, color=colour, label=label)
        axes.axhline(mean, color=colour, linewidth=1, linestyle="--")
    axes.set_xticks(range(len(actions)), actions, rotation=35, ha="right")
    axes.set_ylabel(f"{shown.header} ({shown.unit})")
    axes.set_title(shown.title, loc="left", size=10, color=LIGHT.text)
    return _written(figure, axes, target)


def plot_pck_curve(
    curves: Mapping[str, ArrayLike],
    path: str | os.PathLike[str],
    thresholds: Sequence[float] = CURVE_THRESHOLDS,
    marked: float = 150.0,
) -> Path:
    """Draw the share of correct joints over the threshold.

    Args:
        curves: (n,) percent by name, as ``evaluation.pck_curve`` returns them.
        path: ends in ``.png``, ``.pdf`` or ``.svg``; replaced whole when it exists.
        thresholds: (n,) millimetres.
        marked: a threshold that gets a line.

    Raises:
        AnatomyError: for no curve, one of another length, another suffix, or without matplotlib.
    """
    target = checked_suffix(path, _SUFFIXES)
    _check_some(target, curves, "curve")
    figure, axes = _figure(5.4, 3.6)
    for number, (name, curve) in enumerate(curves.items()):
        values = np.asarray(curve, np.float64)
        if values.shape != (len(thresholds),):
            raise AnatomyError(
                f"{target}: expected {len(thresholds)} values of {name}, got {values.shape}"
            )
        axes.plot(thresholds, values, color=_COLOURS[number % len(_COLOURS)], label=name)
    axes.axvline(marked, color=LIGHT.faint, linewidth=1, linestyle=":")
    axes.set_xlim(min(thresholds), max(thresholds))
    axes.set_ylim(0, 100)
    axes.set_xlabel("threshold (mm)")
    axes.set_ylabel("joints within it (%)")
    return _written(figure, axes, target)


def plot_error_over_time(
    errors: Mapping[str, ArrayLike],
    fps: float,
    path: str | os.PathLike[str],
    title: str = "",
) -> Path:
    """Draw each frame's error over a sequence; the line breaks where a frame is not valid.

    Args:
        errors: (T,) millimetres by name, as ``evaluation.frame_errors`` returns them.
        fps: frames a second.
        path: ends in ``.png``, ``.pdf`` or ``.svg``; replaced whole when it exists.
        title: the sequence's title.

    Raises:
        AnatomyError: for no errors, a rate outside ``files.limits``, another suffix, or without
            matplotlib.
    """
    target = checked_suffix(path, _SUFFIXES)
    _check_some(target, errors, "sequence of errors")
    FRAME_RATE.check(fps, target)
    figure, axes = _figure(8.0, 3.0)
    for number, (name, own) in enumerate(errors.items()):
        values = np.asarray(own, np.float64)
        mean = np.nanmean(values) if np.isfinite(values).any() else np.nan
        axes.plot(
            np.arange(len(values)) / fps,
            values,
            color=_COLOURS[number % len(_COLOURS)],
            linewidth=1,
            label=f"{name}, mean {mean:.1f} mm",
        )
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    axes.set_xlabel("time (s)")
    axes.set_ylabel("joint error (mm)")
    axes.set_title(title, loc="left", size=10, color=LIGHT.text)
    return _written(figure, axes, target)


def draw_worst_frames(
    frames: Sequence[WorstFrame],
    predictions: Sequence[ArrayLike],
    store: SequenceStore,
    path: str | os.PathLike[str],
) -> Path:
    """Draw the keypoints, the predicted pose and the true pose of some frames.

    Args:
        frames: as ``evaluation.worst_frames`` chooses them.
        predictions: for each sequence of the store (T, J, 3) metres, root-relative.
        store: the truth.
        path: ends in ``.png``, ``.pdf`` or ``.svg``; replaced whole when it exists.

    Raises:
        AnatomyError: for no frame, one that is not in the store, another suffix, or without
            matplotlib.
    """
    target = checked_suffix(path, _SUFFIXES)
    _check_some(target, frames, "frame")
    column, gap, margin, caption, header = 2.1, 0.08, 0.25, 0.3, 0.35
    page = Page(
        len(frames) * (column + gap) - gap + 2 * margin,
        header + 3 * (caption + column) + margin,
        _DPI,
    )
    for place, worst in enumerate(frames):
        x = margin + place * (column + gap)
        keypoints, predicted, truth = _one_frame(worst, predictions, store)
        both = np.concatenate([predicted.positions, truth.positions])
        # The same scale for both, whatever the prediction.
        scene = PoseScene(_poses(both, store))
        name = f"{store.subjects[worst.sequence]} {store.clips[worst.sequence]}"
        page.write(x, header - 0.08, name if len(name) < 24 else f"{name[:22]}…", LIGHT.text, 9)
        for row, title in enumerate(
            (f"frame {worst.frame}", f"predicted, {worst.error:.0f} mm off", "true")
        ):
            top = header + row * (caption + column) + caption
            page.write(x, top - 0.09, title, LIGHT.faint, 8)
            axes = page.panel(x, top, column, column)
            if row == 0:
                KeypointPanel(axes, keypoints, LIGHT, 1.6).show(0)
                low, high = keypoints.keypoints[0].min(axis=0), keypoints.keypoints[0].max(axis=0)
                half = 0.6 * float((high - low).max()) + 1
                middle = (low + high) / 2
                axes.set_xlim(middle[0] - half, middle[0] + half)
                axes.set_ylim(middle[1] + half, middle[1] - half)
            else:
                PosePanel(axes, scene, LIGHT, 2.0).show(row - 1, Viewpoint())
    return page.save(target)


def _check_some(target: Path, given: Any, what: str) -> None:
    if not len(given):
        raise AnatomyError(f"{target}: expected at least one {what} to draw, got none")


def _measure(report: Report | Mpi3dhpReport, key: str, target: Path) -> Measure:
    found = next((measure for measure in report.measures if measure.key == key), None)
    if found is None:
        known = ", ".join(measure.key for measure in report.measures)
        raise AnatomyError(f"{target}: unknown measure {key!r}; known are {known}")
    return found


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = blank_figure(width, height, _DPI)
    axes = figure.add_subplot()
    style_plot(axes)
    axes.tick_params(labelsize=8, labelcolor=LIGHT.text)
    return figure, axes


def _written(figure: Figure, axes: Axes, target: Path) -> Path:
    # Above the drawing, where it covers nothing.
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=3,
        fontsize=8,
        frameon=False,
        labelcolor=LIGHT.text,
        borderaxespad=0.2,
    )
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(size=9, color=LIGHT.text)
    figure.tight_layout()
    with atomic_path(target) as temporary:
        figure.savefig(temporary)
    return target


def _one_frame(
    worst: WorstFrame, predictions: Sequence[ArrayLike], store: SequenceStore
) -> tuple[KeypointSequence, PoseSequence, PoseSequence]:
    if not (0 <= worst.sequence < len(store) and 0 <= worst.frame < store.lengths[worst.sequence]):
        raise AnatomyError(
            f"expected a frame of the store's {len(store)} sequences, "
            f"got frame {worst.frame} of sequence {worst.sequence}"
        )
    index = store.offsets[worst.sequence] + worst.frame
    frame = slice(index, index + 1)
    keypoints = KeypointSequence(
        keypoints=denormalize_screen(store.keypoints[frame], _SIDE, _SIDE),
        visibility=np.clip(store.visibility[frame], 0, 1),
        skeleton=store.skeleton,
        fps=store.fps,
        width=_SIDE,
        height=_SIDE,
    )
    predicted = np.asarray(predictions[worst.sequence], np.float32)[worst.frame][None]
    return keypoints, _poses(predicted, store), _poses(store.positions[frame], store)


def _poses(positions: NDArray[np.float32], store: SequenceStore) -> PoseSequence:
    return PoseSequence(positions=positions, skeleton=store.skeleton, fps=store.fps)
