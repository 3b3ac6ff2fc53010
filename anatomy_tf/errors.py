"""The one exception type that a person's input can raise."""


class AnatomyError(ValueError):
    """Input that cannot be used: one line that says what was expected, what came and where.

    The command line prints it without a traceback and exits with code 2. Line breaks become blanks,
    and other characters that do not print, such as a terminal's escape codes in a file's name, are
    shown as escapes.
    """

    def __str__(self) -> str:
        line = " ".join(super().__str__().split())
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
