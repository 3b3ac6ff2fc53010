"""The addresses and connections of a Ray of our own, for which Ray Serve has no options.

Ray's processes inherit the environment, by which Ray calls ``prepare_proxy`` in its proxy and by
which replicas know that they are on one machine. On a running cluster Ray listens as it does.
"""

from __future__ import annotations

import os
from typing import Any

from anatomy_tf.files.loopback import LOOPBACK

CALLBACK = "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"
"""Ray's variable with the import path of a function that the proxy calls before it listens."""

GRPC_HOST = "ANATOMY_TF_GRPC_HOST"
"""Our variable with the address of gRPC."""

_EVERYWHERE = "[::]"


def environment(host: str) -> dict[str, str]:
    """Return the environment variables of a Ray of our own.

    They must be set before Ray is imported.

    Args:
        host: the address of gRPC; the other ports are on the loopback.
    """
    return {
        # The loopback instead of the machine's address; of the name only a part is meant.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        GRPC_HOST: host,
        CALLBACK: f"{prepare_proxy.__module__}:{prepare_proxy.__name__}",
    }


def prepare_proxy() -> list[Any]:
    """Let this proxy's gRPC listen where the environment says, and limit its connections.

    Returns:
        The middleware of its HTTP, which Ray expects of the function.
    """
    from anatomy_tf.serving.half_sent_requests import limit_connections
    from anatomy_tf.serving.proxy_answers import UnreadHeaders, tell_of_starts_and_stops

    limit_connections()
    tell_of_starts_and_stops()
    _use_grpc_host()
    from starlette.middleware import Middleware

    return [Middleware(UnreadHeaders)]


def _use_grpc_host() -> None:
    from ray.serve._private import default_impl

    host = os.environ[GRPC_HOST]
    host = f"[{host}]" if ":" in host else host
    listen = default_impl.add_grpc_address

    def listen_on_host(server: Any, address: str) -> None:
        listen(server, address.replace(_EVERYWHERE, host))

    default_impl.add_grpc_address = listen_on_host


def keep_replica_on_loopback() -> None:
    """Open this replica's port for other replicas on the loopback address only.

    The port takes pickles, so nobody else may reach it. Call this in the constructor of a
    deployment, after which Ray opens the port.
    """
    if GRPC_HOST not in os.environ:
        return
    from ray.serve._private import replica

    listen = replica.add_port_to_grpc_server

    def listen_on_loopback(server: Any, address: str) -> int:
        return listen(server, address.replace(_EVERYWHERE, LOOPBACK))

    replica.add_port_to_grpc_server = listen_on_loopback
