"""Plots of joint angles over time."""

from __future__ import annotations

import math
import os
from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.poses import JointAngles
from anatomy_tf.visualization.drawing.figures import blank_figure
from anatomy_tf.visualization.drawing.output import checked_suffix
from anatomy_tf.visualization.drawing.palette import LIGHT

SUFFIXES = (".png", ".pdf", ".svg")

_DPI = 110
_COLUMNS, _WIDTH, _HEIGHT = 3, 3.4, 1.9
"""Panels in a row, and a panel's size in inches."""


def plot_angles(angles: JointAngles, path: str | os.PathLike[str]) -> Path:
    """Draw a panel for each angle, with both sides in one: left blue, right orange.

    The time is that of the video. A curve has gaps where the joints do not show the angle.

    Args:
        angles: the result of ``poses.joint_angles``.
        path: ends in one of ``SUFFIXES``; replaced whole when it exists.

    Returns:
        The path.

    Raises:
        AnatomyError: for another suffix or other angles, or without matplotlib.
    """
    target = checked_suffix(path, SUFFIXES)
    if not isinstance(angles, JointAngles):
        raise AnatomyError(f"{target}: expected JointAngles, got {type(angles).__name__}")
    panels: dict[str, dict[str, str]] = {}
    for name in angles.names:
        side, _, rest = name.partition("_")
        paired = side in ("left", "right")
        colour = getattr(LIGHT, side) if paired else LIGHT.middle
        panels.setdefault(rest if paired else name, {})[name] = colour
    rows = math.ceil(len(panels) / _COLUMNS)
    size = _COLUMNS * _WIDTH, rows * _HEIGHT + 0.6
    figure = blank_figure(*size, _DPI, layout="constrained")
    grid = figure.subplots(rows, _COLUMNS, sharex=True, squeeze=False)
    seconds = angles.times
    for panel, axes in zip(
        [*panels, *[None] * (rows * _COLUMNS - len(panels))], grid.flat, strict=True
    ):
        if panel is None:
            axes.set_axis_off()
            continue
        for name, colour in panels[panel].items():
            axes.plot(seconds, angles[name], color=colour, linewidth=1.4)
        axes.axhline(0, color=LIGHT.grid, linewidth=0.8, zorder=0)
        axes.set_title(panel.replace("_", " "), loc="left", size=9, color=LIGHT.text)
        axes.tick_params(labelsize=7, colors=LIGHT.faint)
        axes.yaxis.set_major_formatter("{x:g}°")
        axes.set_facecolor(LIGHT.panel)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.xaxis.set_tick_params(labelbottom=True)
    for axes in grid.flat[max(0, len(panels) - _COLUMNS) : len(panels)]:
        axes.set_xlabel("seconds", size=8, color=LIGHT.faint)
    source = Path(angles.source).name
    title = " · ".join(part for part in (source, f"person {angles.person}") if part)
    figure.suptitle(title, x=0.01, ha="left", size=11, color=LIGHT.text)
    figure.text(0.99, 0.995, "left", color=LIGHT.left, size=9, ha="right", va="top")
    figure.text(0.955, 0.995, "right", color=LIGHT.right, size=9, ha="right", va="top")
    with atomic_path(target) as temporary:
        figure.savefig(temporary)
    return target
