"""The proxy's connections, closed where a request does not come to its end.

Ray's proxy of HTTP is uvicorn, which has limits of neither time nor size for a head: its own
timeout is of connections between two requests, and ends with the first byte of the next. Its gRPC
waits for the rest of a message, and keeps idle connections, without end.
"""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn.config
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from anatomy_tf.serving.refusal import REQUEST_TIMEOUT

HEAD_SECONDS = 10.0
"""Seconds in which the request line and headers must have come, counted from their first byte, or
from the beginning of the connection."""

HEAD_BYTES = 64 * 1024
"""The most bytes of a request line and headers."""

CONNECTION_SECONDS = 300.0
"""Seconds after which a connection of gRPC takes no new requests; clients open another one by
themselves. Those under way have ``REQUEST_TIMEOUT``, half-sent ones too."""

VANISHED_SECONDS = 60.0
"""Seconds between two pings of gRPC, which find clients that have vanished."""

_AUTO = "auto"
"""uvicorn's name for the protocol of a server that names none, such as Ray's."""


class LimitedHeads(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """A connection that is closed where a request's head is too slow or too long."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._bytes_of_head = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._wait(0)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came; wait for the rest where no request is under way by it."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait(len(data))
        else:
            self._stop_waiting()

    def _wait(self, more: int) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._close)
        self._bytes_of_head += more
        if self._bytes_of_head > HEAD_BYTES:
            self._close()

    def _stop_waiting(self) -> None:
        self._bytes_of_head = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        self.transport.close()


def limit_connections() -> None:
    """Let the servers that this process starts from now on have such connections.

    They open no WebSockets, which nothing here answers.
    """
    from ray.serve._private import constants

    uvicorn.config.HTTP_PROTOCOLS[_AUTO] = f"{LimitedHeads.__module__}:{LimitedHeads.__name__}"
    uvicorn.config.WS_PROTOCOLS[_AUTO] = None
    # The list itself, which Ray's modules have imported.
    constants.DEFAULT_GRPC_SERVER_OPTIONS += grpc_options(CONNECTION_SECONDS, REQUEST_TIMEOUT)


def grpc_options(connection: float, request: float) -> list[tuple[str, int]]:
    """Return options of a gRPC server that end its connections.

    Args:
        connection: seconds after which a connection takes no new requests.
        request: seconds that requests under way have then.
    """
    return [
        ("grpc.max_connection_age_ms", round(1000 * connection)),
        ("grpc.max_connection_age_grace_ms", round(1000 * request)),
        ("grpc.keepalive_time_ms", round(1000 * VANISHED_SECONDS)),
    ]
