"""The forms in which a result is printed and saved."""

from __future__ import annotations

import abc
from pathlib import Path
from typing import TYPE_CHECKING

from anatomy_tf.evaluation.table import ScoreTable
from anatomy_tf.files.atomic import atomic_path

if TYPE_CHECKING:
    from rich.table import Table


class Forms(abc.ABC):
    """A result with a table and a JSON form."""

    @abc.abstractmethod
    def table(self) -> ScoreTable:
        """Return a table of all rows, with the conditions below."""

    @abc.abstractmethod
    def to_json(self) -> str:
        """Return the result as JSON in full precision, which ``from_json`` of the class reads."""

    def to_rich_table(self) -> Table:
        """Return the table for ``rich.print``."""
        return self.table().to_rich_table()

    def to_markdown(self) -> str:
        """Return a Markdown section with the tables and the conditions."""
        return self.table().to_markdown()

    def to_latex(self) -> str:
        """Return a LaTeX table with the conditions below; it needs the package booktabs."""
        return self.table().to_latex()

    def to_csv(self) -> str:
        """Return CSV with one line for each group, in full precision."""
        return self.table().to_csv()

    def save(self, folder: str | Path) -> None:
        """Write ``report.json``, ``.md``, ``.csv`` and ``.tex`` to a folder, which is made."""
        folder = Path(folder)
        forms = {
            "json": self.to_json(),
            "md": self.to_markdown(),
            "csv": self.to_csv(),
            "tex": self.to_latex(),
        }
        for ending, text in forms.items():
            with atomic_path(folder / f"report.{ending}") as beside:
                beside.write_text(text, encoding="utf-8")
