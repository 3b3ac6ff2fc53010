"""Errors of requests that are refused, with both protocols' codes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from anatomy_tf.errors import AnatomyError

HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "FAILED_PRECONDITION": 412,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""Names of gRPC's codes, and the HTTP status that TensorFlow Serving's REST API uses for each."""

REQUEST_TIMEOUT = 120.0
"""Seconds after which the server gives up a request whose client set no deadline."""

PASSING = ("UNAVAILABLE", "RESOURCE_EXHAUSTED")
"""Codes of failures that may pass, so that another try can succeed."""


class RefusedError(AnatomyError):
    """The error of a request that is refused.

    Args:
        code: a key of ``HTTP_STATUS``.
        message: what was expected and what came.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = str(AnatomyError(message))

    def __str__(self) -> str:
        return self.message


def invalid(message: str) -> RefusedError:
    """Return the error for a request that cannot be right."""
    return RefusedError("INVALID_ARGUMENT", message)


@contextlib.contextmanager
def refusing(where: str = "") -> Iterator[None]:
    """Refuse a request whose content raises ``AnatomyError`` in the block.

    Args:
        where: the message's beginning; by default the error says where it is.

    Raises:
        RefusedError: with the error's message; one that is refused already stays as it is.
    """
    try:
        yield
    except RefusedError:
        raise
    except AnatomyError as error:
        raise invalid(f"{where}: {error}" if where else str(error)) from None
