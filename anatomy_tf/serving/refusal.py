"""Why a request gets no answer, in the terms of both protocols."""

from __future__ import annotations

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
"""Names of gRPC's codes, and the HTTP status that TensorFlow Serving's REST API gives for each."""

PASSING = ("UNAVAILABLE", "RESOURCE_EXHAUSTED")
"""Codes that another try may not meet."""


class RefusedError(AnatomyError):
    """A request without an answer.

    Args:
        code: a key of ``HTTP_STATUS``.
        message: what was expected and what came.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


def invalid(message: str) -> RefusedError:
    """For a request that cannot be right."""
    return RefusedError("INVALID_ARGUMENT", message)
