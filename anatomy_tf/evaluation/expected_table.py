"""Tables of published numbers beside measured ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from anatomy_tf.evaluation.measures import MEASURES
from anatomy_tf.evaluation.protocols import AnyReport
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.scores import Scores

if TYPE_CHECKING:
    from rich.table import Table

NOT_RUN = "not run here"
FRAME_WEIGHTED = ("mpi_inf_3dhp_17", "mpi_inf_3dhp_14")
"""Skeletons whose data's protocol gives each frame the same weight, not each action group."""


@dataclasses.dataclass(frozen=True)
class ExpectedTable:
    """A table of published numbers, each beside the number measured here.

    Attributes:
        title: above the table.
        expected: row to measure to published number; may be empty.
        reports: row to its report, ``None`` where it was not run. The table shows the mean that the
            data's protocol reports: over actions, or MPI-INF-3DHP's total.
    """

    title: str
    expected: Mapping[str, Mapping[str, float]]
    reports: Mapping[str, AnyReport | None]

    def to_rich_table(self) -> Table:
        """Return the table for ``rich.print``."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(self.title), box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
        for column, header in enumerate(self._header()):
            table.add_column(header, justify="right" if column else "left")
        for cells in self._cells():
            table.add_row(*map(Text, cells))
        return table

    def to_markdown(self) -> str:
        """Return a heading and one Markdown table."""
        header = self._header()
        lines = [
            f"## {self.title}",
            "",
            f"| {' | '.join(header)} |",
            f"| --- |{' ---: |' * (len(header) - 1)}",
            *(f"| {' | '.join(cells)} |" for cells in self._cells()),
        ]
        return "\n".join(lines) + "\n"

    def _measures(self) -> list[str]:
        published = {measure for numbers in self.expected.values() for measure in numbers}
        # Without published numbers, protocols 1 and 2.
        wanted = published or {"mpjpe", "p_mpjpe"}
        return [measure.key for measure in MEASURES if measure.key in wanted]

    def _header(self) -> list[str]:
        units = {measure.key: f"{measure.header} ({measure.unit})" for measure in MEASURES}
        kinds = ("expected", "measured") if any(self.expected.values()) else ("measured",)
        return ["row", *(f"{units[m]} {kind}" for m in self._measures() for kind in kinds)]

    def _cells(self) -> list[list[str]]:
        return [
            [row, *(cell for m in self._measures() for cell in self._pair(row, m))]
            for row in self.expected
        ]

    def _pair(self, row: str, measure: str) -> list[str]:
        digits = next(m.digits for m in MEASURES if m.key == measure)
        report = self.reports[row]
        measured = NOT_RUN if report is None else f"{overall(report)[measure]:.{digits}f}"
        if not any(self.expected.values()):
            return [measured]
        published = self.expected[row].get(measure)
        return ["" if published is None else f"{published:.{digits}f}", measured]


def overall(report: AnyReport) -> Scores:
    """Return the mean that the data's protocol reports."""
    if isinstance(report, Report) and report.skeleton in FRAME_WEIGHTED:
        return report.mean_over_frames
    return report.mean_over_actions
