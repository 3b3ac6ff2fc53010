"""A figure whose parts have their places in inches, as on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.visualization.drawing.figures import blank_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Page:
    """A figure on which texts and panels are placed in inches from the top left corner.

    Args:
        width: inches.
        height: inches.
        dpi: dots per inch.

    Raises:
        AnatomyError: saying what to install, when matplotlib is missing.
    """

    def __init__(self, width: float, height: float, dpi: int) -> None:
        self.width, self.height, self.dpi = width, height, dpi
        self._figure = blank_figure(width, height, dpi)

    def write(
        self, x: float, y: float, text: str, colour: str, size: float, align: str = "left"
    ) -> Any:
        """Write a line of text and return matplotlib's ``Text``.

        Args:
            x: where the text begins, inches; where it ends, if ``align`` is ``"right"``.
            y: of the base line, inches.
            text: the line.
            colour: of ``palette``.
            size: points.
            align: ``"left"`` or ``"right"``.
        """
        return self._figure.text(
            x / self.width,
            1 - y / self.height,
            text,
            color=colour,
            size=size,
            ha=align,
            va="baseline",
        )

    def right_end(self, text: Any) -> float:
        """Return where a text that ``write`` returned ends, inches from the left."""
        canvas: Any = self._figure.canvas
        return float(text.get_window_extent(canvas.get_renderer()).x1) / self.dpi

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return an empty panel.

        Args:
            left, top: of its upper left corner, inches.
            width, height: inches.
        """
        return self._figure.add_axes(
            (
                left / self.width,
                1 - (top + height) / self.height,
                width / self.width,
                height / self.height,
            )
        )

    def save(self, path: Path) -> Path:
        """Write the page to a file of the path's suffix, replaced whole when it exists."""
        with atomic_path(path) as temporary:
            self._figure.savefig(temporary, dpi=self.dpi)
        return path
