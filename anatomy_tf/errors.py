"""The one exception type that a person's input can raise."""


class AnatomyError(ValueError):
    """Input that cannot be used: one line that says what was expected, what came and where.

    The command line prints it without a traceback and exits with code 2.
    """
