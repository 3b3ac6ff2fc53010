"""The one exception type that a person's input can raise, and what to quote of other ones."""

from __future__ import annotations

from typing import ClassVar


class AnatomyError(ValueError):
    """Input that cannot be used: one line that says what was expected, what came and where.

    The command line prints it without a traceback and exits with code 2. Line breaks become blanks,
    and other characters that do not print, such as a terminal's escape codes in a file's name, are
    shown as escapes. Of a line that quotes something long the middle is left out.
    """

    LONGEST: ClassVar[int] = 1000
    """Characters."""

    def __str__(self) -> str:
        line = " ".join(super().__str__().split())
        if len(line) > self.LONGEST:
            line = f"{line[: self.LONGEST // 2]} ... {line[-self.LONGEST // 3 :]}"
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its type's name where it has no message.

    Libraries' messages can go on over a page; an ``AnatomyError`` quotes their first line.
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
