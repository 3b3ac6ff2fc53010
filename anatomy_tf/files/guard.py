"""One guard round every parser of foreign files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from anatomy_tf.errors import AnatomyError

_PACKAGE = __name__.partition(".")[0]

PROGRAM_FAULTS = (
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    NotImplementedError,
    TypeError,
)
"""What Python raises for a mistake in a program. Raised by a library, it is about the file."""


@contextlib.contextmanager
def reading(where: object, expected: str) -> Iterator[None]:
    """Turn whatever a damaged file makes its parser raise into one line.

    That is every exception, such as ``OverflowError`` for a number of 400 digits or
    ``zipfile.BadZipFile``, except ``PROGRAM_FAULTS`` of this package's own code, which pass: a
    programming error still shows.

    Args:
        where: the file, for the message.
        expected: what the file should be, such as ``"npz file"``.

    Raises:
        AnatomyError: naming the file, what was expected and the reason.

    Example:
        >>> with reading("clip.npz", "npz file"):
        ...     raise EOFError("it ends")
        Traceback (most recent call last):
        anatomy_tf.errors.AnatomyError: clip.npz: not a readable npz file (it ends)
    """
    try:
        yield
    except AnatomyError:
        raise
    except MemoryError:
        raise AnatomyError(f"{where}: too large for this computer's memory") from None
    except Exception as error:
        if isinstance(error, PROGRAM_FAULTS) and _of_this_package(error):
            raise
        said = error.strerror if isinstance(error, OSError) else None
        reason = (said or str(error)).strip().partition("\n")[0][:200] or type(error).__name__
        raise AnatomyError(f"{where}: not a readable {expected} ({reason})") from None


def _of_this_package(error: Exception) -> bool:
    """Whether the statement that raised the error is in a module of this package."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))
    return name.partition(".")[0] == _PACKAGE
