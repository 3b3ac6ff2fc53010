"""What Ray's proxy does with connections that end in the middle, and what it answers itself."""

import asyncio
import struct
from types import SimpleNamespace

import pytest

grpc = pytest.importorskip("grpc")
proxy = pytest.importorskip("ray.serve._private.proxy")

from anatomy_tf.serving import half_sent_requests, proxy_answers  # noqa: E402
from anatomy_tf.serving.proxy_answers import NOT_READY, UnreadHeaders  # noqa: E402

pytestmark = pytest.mark.slow

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    """A frame of HTTP/2."""
    size, number = struct.pack(">I", len(content))[1:], struct.pack(">I", stream)
    return size + bytes([kind, flags]) + number + content


def head() -> bytes:
    """The headers of a call, none of them packed."""
    pairs = {":method": "POST", ":scheme": "http", ":path": "/a/b", ":authority": "x"}
    pairs |= {"content-type": "application/grpc", "te": "trailers"}
    lines = b""
    for name, value in pairs.items():
        lines += b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
    return lines


CALL = PREFACE + frame(4, 0, 0, b"") + frame(1, 4, 1, head())

HALF_SENT = {
    "nothing": b"",
    "no call": PREFACE + frame(4, 0, 0, b""),
    "a call without a message": CALL,
    "half a message": CALL + frame(0, 0, 1, b"\0" + struct.pack(">I", 1000) + b"half"),
}


@pytest.mark.parametrize("sent", HALF_SENT.values(), ids=HALF_SENT)
def test_half_sent_messages_are_not_waited_for(sent: bytes) -> None:
    async def until_closed() -> None:
        server = grpc.aio.server(options=half_sent_requests.grpc_options(0.5, 0.5))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(20):
            while await reader.read(4096):
                pass
        writer.close()
        await server.stop(None)

    asyncio.run(until_closed())


def test_rays_servers_get_the_options(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn.config
    from ray.serve._private import constants, grpc_util

    options = list(constants.DEFAULT_GRPC_SERVER_OPTIONS)
    monkeypatch.setattr(uvicorn.config, "HTTP_PROTOCOLS", {})
    monkeypatch.setattr(uvicorn.config, "WS_PROTOCOLS", {"auto": "some"})
    try:
        half_sent_requests.limit_connections()
        assert ("grpc.max_connection_age_ms", 300_000) in grpc_util.DEFAULT_GRPC_SERVER_OPTIONS
        assert uvicorn.config.WS_PROTOCOLS == {"auto": None}
        assert uvicorn.config.HTTP_PROTOCOLS["auto"].endswith(":LimitedHeads")
    finally:
        constants.DEFAULT_GRPC_SERVER_OPTIONS[:] = options


@pytest.mark.parametrize(
    ("kind", "app_name", "code"),
    [
        ("HTTPProxy", "", 503),
        ("gRPCProxy", "", grpc.StatusCode.UNAVAILABLE),
        ("gRPCProxy", "another", grpc.StatusCode.NOT_FOUND),
    ],
)
def test_without_a_gateway_clients_are_told_to_try_again(
    kind: str, app_name: str, code: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPProxy", "gRPCProxy"):
        monkeypatch.setattr(
            getattr(proxy, name), "not_found_response", getattr(proxy, name).not_found_response
        )
    proxy_answers.tell_of_starts_and_stops()

    async def answers() -> list[object]:
        request = SimpleNamespace(app_name=app_name, path="/v1/models/compact")
        return [part async for part in getattr(proxy, kind).not_found_response(None, request)]

    *messages, status = asyncio.run(answers())
    assert status.code == code and status.is_error
    if kind == "HTTPProxy":
        start, body = messages
        assert start["status"] == 503 and (b"retry-after", b"1") in start["headers"]
        assert NOT_READY.encode() in body["body"]


def test_headers_that_ray_cannot_decode_are_refused() -> None:
    passed, sent = [], []

    async def app(*arguments: object) -> None:
        passed.append(arguments)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def ask(value: bytes) -> None:
        headers = [(b"host", b"x"), (b"x-session-id", value)]
        await UnreadHeaders(app)({"type": "http", "headers": headers}, None, send)

    asyncio.run(ask("ä".encode()))
    assert len(passed) == 1 and not sent
    asyncio.run(ask(b"\xe4"))
    assert len(passed) == 1
    assert sent[0]["status"] == 400
    assert sent[1]["body"] == b'{"error": "expected x-session-id in UTF-8"}'
