"""The proxy's HTTP connections, closed where a request's head does not come to its end.

Ray's proxy is uvicorn, which has limits of neither time nor size for a head: its own timeout is of
connections between two requests, and ends with the first byte of the next.
"""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn.config
from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_SECONDS = 10.0
"""Seconds in which the request line and headers must have come, counted from their first byte, or
from the beginning of the connection."""

HEAD_BYTES = 64 * 1024
"""The most bytes of a request line and headers."""

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
        # A WebSocket's connection is another protocol's since its head came.
        if self.transport.get_protocol() is self:
            self.transport.close()


def limit_heads() -> None:
    """Let the servers that this process starts from now on have such connections."""
    uvicorn.config.HTTP_PROTOCOLS[_AUTO] = f"{LimitedHeads.__module__}:{LimitedHeads.__name__}"
