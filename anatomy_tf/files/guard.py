"""One guard round every parser of foreign files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from anatomy_tf.errors import AnatomyError

_PACKAGE = __name__.partition(".")[0]

DATA_FAULTS = (ValueError, ArithmeticError, EOFError, MemoryError, RecursionError)
"""What Python itself raises for content that cannot be used, such as ``OverflowError`` for a number
of 400 digits; ``UnicodeError`` and the errors of JSON are ``ValueError``."""


@contextlib.contextmanager
def reading(where: object, expected: str) -> Iterator[None]:
    """Turn whatever a damaged file makes its parser raise into one line.

    That is every error of the system, every one of ``DATA_FAULTS``, and any other exception that
    comes from a library's code, such as ``zipfile.BadZipFile``. A ``TypeError`` or ``KeyError`` of
    this package's own code is a programming error and passes.

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
    except OSError as error:
        # Libraries raise it too, for what is wrong in a file, with lines of their own.
        reason = error.strerror or _first_line(error)
        raise AnatomyError(f"{where}: not a readable {expected} ({reason})") from None
    except MemoryError:
        raise AnatomyError(f"{where}: too large for this computer's memory") from None
    except Exception as error:
        if not isinstance(error, DATA_FAULTS) and not _of_a_library(error):
            raise
        raise AnatomyError(f"{where}: not a readable {expected} ({_first_line(error)})") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__


def _of_a_library(error: Exception) -> bool:
    """Whether the statement that raised the error is in no module of this package."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))
    return name.partition(".")[0] != _PACKAGE
