"""Tables of scores for a terminal, Markdown, LaTeX and CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from anatomy_tf.evaluation.measures import MEASURES, Column, TitledColumn
from anatomy_tf.evaluation.scores import Scores

if TYPE_CHECKING:
    from rich.table import Table

UNKNOWN = "–"  # noqa: RUF001 (the typographer's dash for a number that is not there)


@dataclasses.dataclass(frozen=True)
class ScoreTable:
    """A table with sections of named rows of scores, and notes below.

    Attributes:
        title: above the table.
        sections: kind of row (``"action"``, ``"subject"``, ``"model"``, ...) to its rows by name.
        notes: lines that state the conditions of the numbers.
        measures: the columns.
    """

    title: str
    sections: Mapping[str, Mapping[str, Scores]]
    notes: tuple[str, ...]
    measures: tuple[Column, ...] = MEASURES

    def to_rich_table(self) -> Table:
        """Return a table for ``rich.print``; names wrap before numbers do, to fit 80 columns."""
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
        for measure in self.measures:
            table.add_column(f"{measure.header}\n{measure.unit}", justify="right", no_wrap=True)
        for rows in self.sections.values():
            for name, scores in rows.items():
                table.add_row(Text(name), f"{scores.frames}", *self._cells(scores))
            table.add_section()
        return table

    def to_markdown(self) -> str:
        """Return a heading, a Markdown table for each section, and the notes as a list."""
        lines = [f"## {self.title}", ""]
        titles = [f"{measure.header} ({measure.unit})" for measure in self.measures]
        for kind, rows in self.sections.items():
            lines += [
                f"| {' | '.join([kind, 'frames', *titles])} |",
                f"|---|{'---:|' * (1 + len(titles))}",
            ]
            for name, scores in rows.items():
                label = name.replace("|", "\\|")
                lines.append(f"| {' | '.join([label, str(scores.frames), *self._cells(scores)])} |")
            lines.append("")
        lines += [f"- {note}" for note in self.notes]
        return "\n".join(lines) + "\n"

    def to_csv(self) -> str:
        """Return CSV of all rows in full precision, headed by the measures' keys, without notes."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["kind", "name", "frames", "sequences", *(m.key for m in self.measures)])
        for kind, rows in self.sections.items():
            for name, scores in rows.items():
                values = [scores[measure.key] for measure in self.measures]
                numbers = ["" if math.isnan(value) else repr(value) for value in values]
                writer.writerow([kind, name, scores.frames, scores.sequences, *numbers])
        return text.getvalue()

    def to_latex(self) -> str:
        """Return a LaTeX ``table`` for the package booktabs, with the notes below the numbers.

        With all measures it is as wide as the text of the class ``article``. pdfLaTeX knows Latin
        letters; names in other scripts need LuaLaTeX.
        """
        titles = [_latex(m.header) for m in self.measures]
        units = [f"({_latex(m.unit)})" for m in self.measures]
        lines = [
            r"\begin{table}",
            r"  \centering\scriptsize\setlength{\tabcolsep}{1.7pt}",
            rf"  \caption{{{_breakable(self.title)}}}",
            rf"  \smallskip\begin{{tabular}}{{@{{}}l{'r' * (1 + len(titles))}@{{}}}}",
            r"    \toprule",
            rf"    & {' & '.join(['frames', *titles])} \\",
            rf"    & & {' & '.join(units)} \\",
        ]
        for rows in self.sections.values():
            lines.append(r"    \midrule")
            for name, scores in rows.items():
                cells = [_latex(cell) for cell in (name, str(scores.frames), *self._cells(scores))]
                lines.append(rf"    {' & '.join(cells)} \\")
        lines += [r"    \bottomrule", r"  \end{tabular}", r"  \par\medskip\raggedright"]
        lines += [rf"  {_breakable(note)}\par" for note in self.notes]
        return "\n".join([*lines, r"\end{table}"]) + "\n"

    def _cells(self, scores: Scores) -> list[str]:
        values = [(scores[measure.key], measure.digits) for measure in self.measures]
        return [UNKNOWN if math.isnan(value) else f"{value:.{digits}f}" for value, digits in values]


def legend(measures: Sequence[TitledColumn] = MEASURES) -> str:
    """Return a line that explains the columns."""
    return "; ".join(f"{m.header}: {m.title} ({m.unit})" for m in measures)


_LATEX = str.maketrans(
    {
        **{character: f"\\{character}" for character in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "²": r"\textsuperscript{2}",
        UNKNOWN: "--",
    }
)


def _latex(text: str) -> str:
    return text.translate(_LATEX)


def _breakable(text: str) -> str:
    """Return a text as LaTeX that may break after a slash or an underscore."""
    return re.sub(r"(/|\\_)", r"\1\\allowbreak{}", _latex(text))
