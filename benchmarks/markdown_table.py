"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a table whose first column is aligned to the left and the others to the right."""
    rule = ("---", *["---:"] * (len(header) - 1))
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (header, rule, *rows))
