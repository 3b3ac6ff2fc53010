"""Figures to draw on, without matplotlib's global state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anatomy_tf.visualization.drawing.output import optional_module
from anatomy_tf.visualization.drawing.palette import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def blank_figure(width: float, height: float, dpi: int, **options: Any) -> Figure:
    """Return an empty figure whose ``canvas`` draws pictures.

    Args:
        width: inches.
        height: inches.
        dpi: dots per inch.
        **options: further arguments of ``matplotlib.figure.Figure``.

    Raises:
        AnatomyError: saying what to install, when matplotlib is missing.
    """
    figure: Figure = optional_module("matplotlib.figure").Figure(
        figsize=(width, height), dpi=dpi, facecolor=LIGHT.page, **options
    )
    optional_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    return figure


def style_plot(axes: Axes) -> None:
    """Give a plot the package's look: lines of a grid behind the values, and no frame."""
    axes.set_facecolor(LIGHT.panel)
    axes.grid(axis="y", color=LIGHT.grid, linewidth=0.5)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
