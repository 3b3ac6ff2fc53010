"""The console that verbs print to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def plain_console(*, soft_wrap: bool = False, quiet: bool = False) -> Console:
    """Return a console of standard output that prints text as it is.

    Names of files and people may have brackets and colons, which Rich would take for its markup.

    Args:
        soft_wrap: leave long lines to the terminal.
        quiet: print nothing.
    """
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=soft_wrap, quiet=quiet)
