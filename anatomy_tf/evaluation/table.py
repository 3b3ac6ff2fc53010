"""Scores as a table: for a terminal, Markdown and CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from anatomy_tf.evaluation.measures import MEASURES
from anatomy_tf.evaluation.scores import Scores

if TYPE_CHECKING:
    from rich.table import Table

UNKNOWN = "–"  # noqa: RUF001 (the typographer's dash for a number that is not there)


@dataclasses.dataclass(frozen=True)
class ScoreTable:
    """Named rows of scores in sections, with notes below.

    Attributes:
        title: above the table.
        sections: kind of row (``"action"``, ``"subject"``, ``"model"``, ...) to its rows by name.
        notes: lines that say under which conditions the numbers hold.
    """

    title: str
    sections: Mapping[str, Mapping[str, Scores]]
    notes: tuple[str, ...]

    def to_rich_table(self) -> Table:
        """For ``rich.print``; long names wrap first, so that numbers stay whole on 80 columns."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(
            # As plain text, so that a name with brackets is no markup.
            title=Text(self.title, "table.title"),
            caption=Text("\n".join(self.notes), "table.caption"),
            caption_justify="left",
            box=box.SIMPLE_HEAD,
            padding=0,
            pad_edge=False,
            show_edge=False,
        )
        table.add_column("")
        table.add_column("frames", justify="right", no_wrap=True)
        for measure in MEASURES:
            table.add_column(f"{measure.header}\n{measure.unit}", justify="right", no_wrap=True)
        for rows in self.sections.values():
            for name, scores in rows.items():
                table.add_row(Text(name), f"{scores.frames}", *_cells(scores))
            table.add_section()
        return table

    def to_markdown(self) -> str:
        """A heading, one Markdown table a kind of row, and the notes as a list."""
        lines = [f"## {self.title}", ""]
        titles = [f"{measure.header} ({measure.unit})" for measure in MEASURES]
        for kind, rows in self.sections.items():
            lines += [
                f"| {' | '.join([kind, 'frames', *titles])} |",
                f"|---|{'---:|' * (1 + len(titles))}",
            ]
            for name, scores in rows.items():
                label = name.replace("|", "\\|")
                lines.append(f"| {' | '.join([label, str(scores.frames), *_cells(scores)])} |")
            lines.append("")
        lines += [f"- {note}" for note in self.notes]
        return "\n".join(lines) + "\n"

    def to_csv(self) -> str:
        """One line a row in full precision, with the measures' keys as the header; no notes."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["kind", "name", "frames", "sequences", *(m.key for m in MEASURES)])
        for kind, rows in self.sections.items():
            for name, scores in rows.items():
                values = [scores[measure.key] for measure in MEASURES]
                numbers = ["" if math.isnan(value) else repr(value) for value in values]
                writer.writerow([kind, name, scores.frames, scores.sequences, *numbers])
        return text.getvalue()


def legend() -> str:
    """What the columns are, in a line."""
    return "; ".join(f"{m.header}: {m.title} ({m.unit})" for m in MEASURES)


def _cells(scores: Scores) -> list[str]:
    values = [(scores[measure.key], measure.digits) for measure in MEASURES]
    return [UNKNOWN if math.isnan(value) else f"{value:.{digits}f}" for value, digits in values]
