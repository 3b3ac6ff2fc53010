"""The transfer of REST messages: size, time, compression and pages of other sites."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from anatomy_tf.files.limits import REQUEST_BYTES
from anatomy_tf.serving.refusal import invalid, refusing

if TYPE_CHECKING:
    from starlette.requests import Request

BODY_SECONDS = 20.0
"""Seconds in which the whole body of a request must have come."""

WORTH_PACKING = 1024
"""Least bytes of an answer that is compressed for a client that accepts gzip."""

_LEVEL = 1
"""Level of gzip. At any level coordinates are compressed to a half."""

_GZIP = zlib.MAX_WBITS | 16
"""zlib's name for gzip's header and checksum."""


async def read_body(request: Request, seconds: float = BODY_SECONDS) -> bytes:
    """Return the body of a request, unpacked.

    Of a body that is too large nothing is kept, but it is read to its end: a client that still
    sends does not read why it was refused.

    Raises:
        RefusedError: for a body that is too large, does not come in time, or is packed otherwise.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise invalid(f"content-encoding: expected gzip or none, got {encoding!r}")
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if REQUEST_BYTES.holds(size):
                    body += part
                else:
                    body.clear()
    except TimeoutError:
        raise invalid(
            f"expected the whole body within {seconds:g} s, got {size} bytes of it"
        ) from None
    _check_size(size)
    return bytes(body) if encoding == "identity" else await asyncio.to_thread(unpacked, body)


def unpacked(body: bytes | bytearray) -> bytes:
    """Return the content of a gzip body.

    Raises:
        RefusedError: when it is damaged, or unpacks to more than the limit.
    """
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(body, int(REQUEST_BYTES.most) + 1)
        _check_size(len(content))
    except zlib.error as error:
        raise invalid(f"expected a body in gzip ({error})") from None
    if not unpacker.eof or unpacker.unused_data:
        raise invalid("expected a body in gzip, got one that is cut off or has more behind its end")
    return content


def packed(content: bytes, request: Request) -> tuple[bytes, dict[str, str]]:
    """Return an answer's bytes and headers, packed where the client accepts gzip."""
    accepted = [a.partition(";") for a in request.headers.get("accept-encoding", "").split(",")]
    wanted = any(
        name.strip().lower() == "gzip" and weight.replace(" ", "") not in ("q=0", "q=0.0")
        for name, _, weight in accepted
    )
    headers = {"vary": "accept-encoding, origin"}
    if len(content) < WORTH_PACKING or not wanted:
        return content, headers
    return gzip.compress(content, _LEVEL), {**headers, "content-encoding": "gzip"}


def cross_origin(request: Request, origins: Sequence[str]) -> Mapping[str, str]:
    """Return the headers that let a page of another site read the answer.

    Args:
        request: the request, which names the page's site.
        origins: the sites that may, such as ``"https://example.org"``, or ``"*"`` for all.
    """
    origin = request.headers.get("origin")
    if origin is None or not {origin, "*"} & set(origins):
        return {}
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "content-type, content-encoding, x-session-id",
        "access-control-max-age": "600",
    }


def _check_size(size: int) -> None:
    with refusing():
        REQUEST_BYTES.check(size, "request")
