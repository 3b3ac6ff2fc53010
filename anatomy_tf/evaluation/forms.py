"""The forms in which people read a result."""

from __future__ import annotations

import abc
import os
from pathlib import Path
from typing import TYPE_CHECKING

from anatomy_tf.evaluation.table import ScoreTable

if TYPE_CHECKING:
    from rich.table import Table


class Forms(abc.ABC):
    """A result that has a table and can say everything as JSON."""

    @abc.abstractmethod
    def table(self) -> ScoreTable:
        """All rows with the conditions below."""

    @abc.abstractmethod
    def to_json(self) -> str:
        """Everything, in full precision; ``from_json`` of the same class reads it."""

    def to_rich_table(self) -> Table:
        """For ``rich.print``."""
        return self.table().to_rich_table()

    def to_markdown(self) -> str:
        """A Markdown section with the tables and the conditions."""
        return self.table().to_markdown()

    def to_latex(self) -> str:
        """A LaTeX table for a paper, with the conditions below; needs the package booktabs."""
        return self.table().to_latex()

    def to_csv(self) -> str:
        """One line a group, in full precision."""
        return self.table().to_csv()

    def save(self, folder: str | Path) -> None:
        """Writes ``report.json``, ``.md``, ``.csv`` and ``.tex``; makes the folder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        forms = {
            "json": self.to_json(),
            "md": self.to_markdown(),
            "csv": self.to_csv(),
            "tex": self.to_latex(),
        }
        for ending, text in forms.items():
            beside = folder / f".report.{ending}.{os.getpid()}"
            beside.write_text(text, encoding="utf-8")
            beside.replace(folder / f"report.{ending}")
