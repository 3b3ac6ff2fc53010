"""Ports of this machine's loopback address, which other machines do not reach."""

from __future__ import annotations

import contextlib
import random
import socket

from anatomy_tf.errors import AnatomyError

LOOPBACK = "127.0.0.1"

_GIVEN_TO_NOBODY = range(20_000, 32_768)
"""Ports below those that Linux, macOS and Windows give by themselves."""


def listening(port: int, name: str, host: str = LOOPBACK, *, otherwise: str = "") -> socket.socket:
    """Return a socket that listens on a TCP port.

    Args:
        port: 0 takes a free one.
        name: what the caller calls the port, for the message.
        host: the address; ``""`` is every address of this machine.
        otherwise: the message's end, which says what else helps.

    Raises:
        AnatomyError: when the port is taken, or is no port that this process may have.
    """
    try:
        return socket.create_server((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AnatomyError(f"{name}: {port} cannot be listened on ({reason}){otherwise}") from None


def free_ports(count: int) -> list[int]:
    """Return different TCP ports of the loopback address on which nobody listens now.

    Systems give connections ports of a higher range, so none of them takes one of these before the
    caller listens.

    Raises:
        AnatomyError: when fewer are free.
    """
    with contextlib.ExitStack() as held:
        sockets: list[socket.socket] = []
        for port in random.sample(_GIVEN_TO_NOBODY, len(_GIVEN_TO_NOBODY)):
            if len(sockets) == count:
                break
            with contextlib.suppress(AnatomyError):
                sockets.append(held.enter_context(listening(port, "port")))
        if len(sockets) < count:
            raise AnatomyError(f"expected {count} free ports, got {len(sockets)}")
        return [each.getsockname()[1] for each in sockets]
