"""What Ray's proxy itself answers, before a request reaches the gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

NOT_READY = "the server starts or stops; try again later"


def tell_of_starts_and_stops() -> None:
    """Let the proxy say UNAVAILABLE (503) while there is no gateway, instead of NOT_FOUND (404).

    The only application here has the root of all paths. Clients try again after UNAVAILABLE.
    """
    import grpc
    from ray.serve._private import proxy

    unknown_application = proxy.gRPCProxy.not_found_response

    async def over_rest(self: Any, proxy_request: Any) -> AsyncIterator[Any]:
        content = json.dumps({"error": NOT_READY}).encode()
        for message in _messages(503, content, {"retry-after": "1"}):
            yield message
        yield proxy.ResponseStatus(code=503, message=NOT_READY, is_error=True)

    async def over_grpc(self: Any, proxy_request: Any) -> AsyncIterator[Any]:
        if proxy_request.app_name:
            async for message in unknown_application(self, proxy_request):
                yield message
            return
        code = grpc.StatusCode.UNAVAILABLE
        yield proxy.ResponseStatus(code=code, message=NOT_READY, is_error=True)

    proxy.HTTPProxy.not_found_response = over_rest
    proxy.gRPCProxy.not_found_response = over_grpc


class UnreadHeaders:
    """A middleware that refuses headers that Ray cannot decode, which it would answer with 500.

    Args:
        app: what is behind it.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        for name, value in scope.get("headers", ()):
            try:
                value.decode()
            except UnicodeDecodeError:
                shown = name.decode("latin-1")
                content = json.dumps({"error": f"expected {shown} in UTF-8"}).encode()
                for message in _messages(400, content, {"connection": "close"}):
                    await send(message)
                return
        await self._app(scope, receive, send)


def _messages(status: int, content: bytes, headers: dict[str, str]) -> list[dict[str, Any]]:
    """Return ASGI's messages of an answer in JSON."""
    headers = {"content-type": "application/json", "content-length": str(len(content)), **headers}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return [
        {"type": "http.response.start", "status": status, "headers": pairs},
        {"type": "http.response.body", "body": content},
    ]
